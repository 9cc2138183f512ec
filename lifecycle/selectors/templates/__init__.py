from lifecycle.selectors.templates.differences import Change, Field, changes_between
from lifecycle.selectors.templates.impact import Impact, Touched, impact_of
from lifecycle.selectors.templates.plans import Plan, plan_of
from lifecycle.selectors.templates.shown import known_keys, template_shown, wrong_in

__all__ = [
    "Change",
    "Field",
    "Impact",
    "Plan",
    "Touched",
    "changes_between",
    "impact_of",
    "known_keys",
    "plan_of",
    "template_shown",
    "wrong_in",
]
