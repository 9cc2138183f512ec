"""How votes become a decision (design §4): a pure function of the standing votes and the round's rules."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

IN_FAVOUR = frozenset({"go", "conditional_go"})
ANYBODY = "any"


@dataclass(frozen=True, slots=True)
class Ballot:
    """One standing vote: its word, the decider roles it speaks for, and whether its voter is outside the team.

    `conditions` is how many conditions that are not overdue come with it.
    """

    decision: str
    roles: frozenset[str]
    outside: bool
    conditions: int = 0


@dataclass(frozen=True, slots=True)
class Rules:
    """What one gate asks for. With `deciders` only the votes that speak for one of them are this gate's."""

    quorum: int
    must_include: frozenset[str]
    outside_vote_needed: bool
    deciders: frozenset[str] = frozenset({ANYBODY})


def rules_for(
    quorum: int, must_include: Collection[str], separation: Collection[str], deciders: Collection[str] = (ANYBODY,)
) -> Rules:
    return Rules(quorum, frozenset(must_include), "outside_vote_needed" in separation, frozenset(deciders))


def tally(ballots: Sequence[Ballot], *gates: Rules) -> str:
    """The decision reached, or "" while the round stays open. Tried in this order.

    Kill, recycle, hold, conditional go, go. Of several gates decided as one, each must be carried by its own votes;
    one that its own deciders stop, stops them all.
    """
    own = [(_of(gate, ballots), gate) for gate in gates]
    for decision in ("kill", "recycle", "hold"):
        if any(sum(ballot.decision == decision for ballot in mine) >= gate.quorum for mine, gate in own):
            return decision
    if not all(_carried(mine, gate) for mine, gate in own):
        return ""
    conditional = [ballot for ballot in ballots if ballot.decision == "conditional_go"]
    if conditional:
        # The vote that brought the conditions may have been taken back since; without any the round stays open.
        return "conditional_go" if any(ballot.conditions for ballot in conditional) else ""
    return "go"


def _of(gate: Rules, ballots: Sequence[Ballot]) -> list[Ballot]:
    return [ballot for ballot in ballots if ANYBODY in gate.deciders or gate.deciders & ballot.roles]


def _carried(ballots: Sequence[Ballot], rules: Rules) -> bool:
    """A quorum in favour, every must-include role in favour and none against, an outside vote where one is needed."""
    favour = [ballot for ballot in ballots if ballot.decision in IN_FAVOUR]
    in_favour = frozenset[str]().union(*(ballot.roles for ballot in favour))
    against = frozenset[str]().union(*(ballot.roles for ballot in ballots if ballot.decision not in IN_FAVOUR))
    heard = rules.must_include <= in_favour and not rules.must_include & against
    outside = not rules.outside_vote_needed or any(ballot.outside for ballot in favour)
    return len(favour) >= rules.quorum and heard and outside
