"""What a new template and a new stage begin with: the fewest words that are a process."""

from copy import deepcopy
from typing import Any

from common import content
from lifecycle.models.format import NAME, Document
from lifecycle.models.format.rules import ALWAYS_SEPARATE

FIRST = {"en": "First stage", "zh": "第一阶段"}
QUESTION = {"en": "May the work go on?", "zh": "工作可以继续吗？"}
SEPARATE = [*ALWAYS_SEPARATE, "owner_cannot_decide"]
# One vote, and from standard on by somebody who does not own the work.
RULES: dict[str, dict[str, Any]] = {
    "lean": {"quorum": 1, "deciders": "any", "must_include": [], "separation": [*ALWAYS_SEPARATE]},
    "standard": {"quorum": 1, "deciders": ["sponsor"], "must_include": ["sponsor"], "separation": SEPARATE},
    "regulated": {
        "quorum": 2,
        "deciders": ["sponsor", "risk_officer"],
        "must_include": ["sponsor", "risk_officer"],
        "separation": SEPARATE,
    },
}


def document() -> Document:
    """Levels, decisions and rules of separation as the built-in process words them, and one stage without checks."""
    words = content.document("eight-stage")
    shared = {name: deepcopy(words[name]) for name in ("levels", "decisions", "separation_rules")}
    levels = [level["key"] for level in shared["levels"]]
    return {"schema": NAME, **shared, "stages": [stage("first", FIRST, levels=levels)]}


def stage(key: str, name: dict[str, str], *, levels: list[str]) -> Document:
    """A stage without checks, with a gate; its place in the order is given where it is put."""
    return {
        "key": key,
        "order": 1,
        "name": name,
        "duration_days": 10,
        "raci": {"responsible": ["project_manager"], "accountable": "sponsor"},
        "items": [],
        "gate": {
            "key": f"gate_{key}",
            "name": {language: text[:500] for language, text in name.items()},
            "question": dict(QUESTION),
            "levels": {level: deepcopy(RULES[level]) for level in levels},
        },
    }
