"""What answers to the intake propose; no database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import content
from projects.criteria import adds, propose, questions

pytestmark = pytest.mark.core
LEVELS = ["lean", "standard", "regulated"]
DEMO = {project["code"]: project["intake"] for project in content.document("demo")["projects"]}


@pytest.mark.parametrize("code", DEMO)
def test_the_demos_answers_propose_what_the_demo_says(code: str) -> None:
    told, asked = DEMO[code]["proposes"], DEMO[code]["answers"]

    found = propose({key: [chosen] if isinstance(chosen, str) else chosen for key, chosen in asked.items()})

    assert (found.level, found.rule, found.tier, found.roles) == (
        told["level"],
        told["rule"],
        told["ai_act_tier"],
        told["ai_act_role"],
    )
    assert found.facts["eu_scope"] == [told["eu_scope"]]
    assert found.facts["cn_duties"] == told["cn_duties"]


def test_nothing_answered_proposes_the_lightest_and_names_every_open_question() -> None:
    found = propose({})

    assert (found.level, found.tier, found.tags, found.stop) == ("lean", "minimal", [], False)
    assert list(found.open) == list(questions())


def test_a_banned_practice_stops_the_project_and_says_which_answer_did() -> None:
    found = propose({"in_banned": ["some_banned"], "in_harm": ["harm_slight"]})

    assert (found.level, found.stop, found.rule) == ("regulated", True, "rule_prohibited")
    assert found.decided_by == ("in_banned",)


def test_an_answer_tells_what_it_adds() -> None:
    given_answers = {"in_personal": ["personal_ordinary"], "in_labels": ["labels_used"]}

    assert adds(given_answers, "in_personal") == {
        "tags": ["personal_data"],
        "data_class": ["personal"],
        "level": ["standard"],
    }
    assert adds(given_answers, "in_labels") == {"tags": ["labelled_data"]}


answers = st.fixed_dictionaries(
    {},
    optional={
        key: st.lists(
            st.sampled_from([option["key"] for option in question["options"]]),
            unique=True,
            max_size=1 if question["select"] == "one" else None,
        )
        for key, question in questions().items()
    },
)


@given(answers)
def test_every_set_of_answers_has_a_level_a_rule_and_known_values(chosen: dict[str, list[str]]) -> None:
    found = propose(chosen)

    assert found.level in LEVELS
    assert set(found.tags) <= set(content.tags())
    assert set(found.decided_by) <= {key for key, values in chosen.items() if values}
    assert {key for key, values in chosen.items() if values}.isdisjoint(found.open)


@given(answers)
def test_what_nobody_chose_counts_for_nothing(chosen: dict[str, list[str]]) -> None:
    assert propose({**chosen, "in_nothing": ["nothing"]}) == propose(chosen)
