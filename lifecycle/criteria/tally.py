"""How votes become a decision (design §4): a pure function of the standing votes and the round's rules."""

from collections.abc import Sequence
from dataclasses import dataclass

IN_FAVOUR = frozenset({"go", "conditional_go"})


@dataclass(frozen=True, slots=True)
class Ballot:
    """One standing vote: its word, the decider roles it speaks for, and whether its voter is outside the team.

    `conditions` is how many conditions come with it.
    """

    decision: str
    roles: frozenset[str]
    outside: bool
    conditions: int = 0


@dataclass(frozen=True, slots=True)
class Rules:
    quorum: int
    must_include: frozenset[str]
    outside_vote_needed: bool


def tally(ballots: Sequence[Ballot], rules: Rules) -> str:
    """The decision reached, or "" while the round stays open. Tried in this order.

    Kill, recycle, hold, conditional go, go.
    """
    for decision in ("kill", "recycle", "hold"):
        if sum(ballot.decision == decision for ballot in ballots) >= rules.quorum:
            return decision
    favour = [ballot for ballot in ballots if ballot.decision in IN_FAVOUR]
    if len(favour) < rules.quorum or not _carried(ballots, favour, rules):
        return ""
    conditional = [ballot for ballot in favour if ballot.decision == "conditional_go"]
    if conditional:
        # The vote that brought the conditions may have been taken back since; without any the round stays open.
        return "conditional_go" if any(ballot.conditions for ballot in conditional) else ""
    return "go"


def _carried(ballots: Sequence[Ballot], favour: Sequence[Ballot], rules: Rules) -> bool:
    """Every must-include role in favour and none against, and an outside vote where the rules ask for one."""
    in_favour = frozenset[str]().union(*(ballot.roles for ballot in favour))
    against = frozenset[str]().union(*(ballot.roles for ballot in ballots if ballot.decision not in IN_FAVOUR))
    heard = rules.must_include <= in_favour and not rules.must_include & against
    return heard and (not rules.outside_vote_needed or any(ballot.outside for ballot in favour))
