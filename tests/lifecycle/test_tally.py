"""How votes become a decision: the order of design §4, and what carries a go."""

import pytest

from lifecycle.criteria.tally import Ballot, Rules, tally

RULES = Rules(quorum=2, must_include=frozenset({"risk_officer"}), outside_vote_needed=True)


def ballot(decision: str, *roles: str, outside: bool = True, conditions: int = 1) -> Ballot:
    return Ballot(decision, frozenset(roles), outside, conditions if decision == "conditional_go" else 0)


def test_one_vote_of_two_decides_nothing():
    assert tally([ballot("go", "risk_officer")], RULES) == ""


def test_go_needs_the_quorum_with_every_must_include_role():
    votes = [ballot("go", "sponsor"), ballot("go", "legal_counsel")]

    assert tally(votes, RULES) == ""
    assert tally([*votes, ballot("go", "risk_officer")], RULES) == "go"


def test_a_must_include_role_that_votes_otherwise_is_a_veto():
    votes = [ballot("go", "sponsor"), ballot("go", "risk_officer"), ballot("hold", "risk_officer")]

    assert tally(votes, RULES) == ""


def test_go_needs_a_vote_from_outside_the_team():
    votes = [ballot("go", "risk_officer", outside=False), ballot("go", "sponsor", outside=False)]

    assert tally(votes, RULES) == ""


def test_a_conditional_go_without_any_condition_decides_nothing():
    votes = [ballot("conditional_go", "risk_officer", conditions=0), ballot("go", "sponsor")]

    assert tally(votes, RULES) == ""
    assert tally([*votes, ballot("conditional_go", "legal_counsel")], RULES) == "conditional_go"


def test_one_conditional_vote_among_those_in_favour_makes_the_go_conditional():
    assert tally([ballot("conditional_go", "risk_officer"), ballot("go", "sponsor")], RULES) == "conditional_go"


@pytest.mark.parametrize("word", ["kill", "recycle", "hold"])
def test_the_other_decisions_need_the_quorum_for_that_one_alone(word):
    assert tally([ballot(word, "sponsor"), ballot("go", "risk_officer")], RULES) == ""
    assert tally([ballot(word, "sponsor"), ballot(word, "legal_counsel")], RULES) == word


def test_kill_is_tried_before_recycle_and_recycle_before_hold():
    votes = [ballot(word, "sponsor") for word in ("hold", "hold", "recycle", "recycle", "kill", "kill")]

    assert tally(votes, RULES) == "kill"
    assert tally(votes[:4], RULES) == "recycle"
