"""The built-in templates as objects."""

import pytest

from common import content
from lifecycle.models.definition import LEVELS, parse

EIGHT = parse(content.document("eight-stage"))


def required(level: str, *tags: str) -> int:
    return sum(item.required_for(level, tags) for stage in EIGHT.stages for item in stage.items)


def test_the_eight_stages_come_in_their_order():
    assert [stage.key for stage in EIGHT.stages] == [
        "initiation",
        "requirements",
        "data",
        "design",
        "training",
        "evaluation",
        "deployment",
        "maintenance",
    ]


def test_lean_is_light_and_regulated_asks_for_more_than_standard():
    assert required("lean") <= 20
    assert required("lean") < required("standard") < required("regulated")
    assert sum(stage.rules["lean"].quorum for stage in EIGHT.stages) == 8


def test_a_tag_makes_a_check_required_at_every_level():
    fairness = EIGHT.item("evaluation", "fairness")

    assert not fairness.required_for("regulated", [])
    assert all(fairness.required_for(level, ["high_risk"]) for level in LEVELS)
    assert fairness.applies_to("lean", ["high_risk"])
    assert not fairness.applies_to("lean", [])


@pytest.mark.parametrize("name", ["eight-stage", "six-step"])
def test_check_keys_are_unique_within_a_template(name):
    keys = [item.key for stage in parse(content.document(name)).stages for item in stage.items]

    assert len(keys) == len(set(keys))
