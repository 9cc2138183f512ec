from lifecycle.selectors.templates.differences import Change, Field, changes_between
from lifecycle.selectors.templates.impact import RUNNING, Impact, Touched, impact_of
from lifecycle.selectors.templates.listing import known_keys, template_shown, wrong_in
from lifecycle.selectors.templates.phrases import LEVEL_NAMES, labelled, limit_words, names_in, said, shown
from lifecycle.selectors.templates.plans import Plan, plan_of

__all__ = [
    "LEVEL_NAMES",
    "RUNNING",
    "Change",
    "Field",
    "Impact",
    "Plan",
    "Touched",
    "changes_between",
    "impact_of",
    "known_keys",
    "labelled",
    "limit_words",
    "names_in",
    "plan_of",
    "said",
    "shown",
    "template_shown",
    "wrong_in",
]
