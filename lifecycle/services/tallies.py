"""What the votes that stand in a round give, and carrying it out. Steps of services that hold the project's lock."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import F

from accounts.actor import Actor
from lifecycle.criteria import Readiness
from lifecycle.criteria.tally import IN_FAVOUR, Ballot, Rules, rules_for, tally
from lifecycle.models import Decision, GateReview, Vote, VoteState
from lifecycle.selectors import authors, round_fingerprint, round_readiness
from lifecycle.selectors.seats import rules_of_gates
from lifecycle.services.change_rounds import change_runs
from lifecycle.services.effects import Outcome, carry_out
from lifecycle.services.separation import look_again
from projects.models import Project, ProjectState


@dataclass(frozen=True, slots=True)
class Left:
    """What became of a round when a vote in it ended: whose votes fell with it, and the decision of those left."""

    answer: Readiness
    void: Sequence[int]
    decision: str = ""
    outcome: Outcome = field(default_factory=Outcome)

    @property
    def notify(self) -> dict[int, str]:
        return self.outcome.notify | whose_vote_is_void(self.void)


def decide(review: GateReview, answer: Readiness, *, actor: Actor, now: datetime) -> tuple[str, Outcome]:
    """Carry out what the standing votes give, if they give anything that the facts bear; "" while they do not."""
    reached = tally(_ballots(review, now.date()), *rules_of(review))
    if not (reached and _is_borne(review, answer, reached, now.date())):
        return "", Outcome()
    return reached, carry_out(review, answer, Decision(reached), actor=actor, now=now)


def count_again(review: GateReview, project: Project, *, actor: Actor, now: datetime) -> Left:
    """After a vote has ended, whatever the others give, as if one of them had come last.

    Only where the project runs, and the facts are those that they voted on: else the next vote finds out.
    """
    answer = round_readiness(review, today=now.date())
    void = look_again(review, now, authors(answer.facts))
    touch(review)
    if project.state != ProjectState.ACTIVE or round_fingerprint(review, answer) != review.packet:
        return Left(answer, void)
    decision, outcome = decide(review, answer, actor=actor, now=now)
    return Left(answer, void, decision, outcome)


def told_of(left: Left, review: GateReview, verb: str) -> dict[str, Any]:
    """For the journal: the decision with the step that brought it about, and the people whose votes are void."""
    decided = {"decision": left.decision, "packet": review.packet, "after": verb, **left.outcome.told}
    return (decided if left.decision else {}) | void_votes(left.void)


def void_votes(people: Sequence[int]) -> dict[str, Any]:
    return {"votes_void": list(people)} if people else {}


def whose_vote_is_void(people: Sequence[int]) -> dict[int, str]:
    return dict.fromkeys(people, "vote_void")


def touch(review: GateReview) -> None:
    """A round shows its votes and its packet, so its version moves with them."""
    GateReview.objects.filter(pk=review.pk).update(version=F("version") + 1)
    review.refresh_from_db(fields=["version"])


def ballot_of(vote: Vote, today: date) -> Ballot:
    return Ballot(vote.decision, frozenset(vote.roles), vote.outside, len(_ahead(vote.conditions, today)))


def rules_of(review: GateReview) -> list[Rules]:
    """What each gate that the round decides asks of its votes."""
    return [rules_for(one.quorum, one.must_include, one.separation, one.deciders) for one in rules_of_gates(review)]


def conditions_ahead(review: GateReview, today: date) -> list[dict[str, Any]]:
    """The conditions of standing votes that are not overdue."""
    votes = review.votes.filter(state=VoteState.STANDING, decision=Decision.CONDITIONAL_GO)
    return [condition for vote in votes for condition in _ahead(vote.conditions, today)]


def to_be_named(review: GateReview, answer: Readiness) -> set[str | None]:
    """The checks that a conditional go has to defer; None stands for a blocker that nothing defers.

    Gates go together because they are ready: only the first of them may go on conditions, as if it were alone.
    """
    joint = {stage.key for stage in review.joint.all()}
    later = {check.key for check in answer.facts.checks if check.stage in joint} if review.change_id is None else set()
    return {None if blocker.check in later else blocker.check for blocker in answer.blockers}


def _ballots(review: GateReview, today: date) -> list[Ballot]:
    return [ballot_of(vote, today) for vote in review.votes.filter(state=VoteState.STANDING)]


def _ahead(conditions: Sequence[dict[str, Any]], today: date) -> list[dict[str, Any]]:
    """Those that no day has passed by: on one that is overdue nothing rests."""
    return [one for one in conditions if date.fromisoformat(one["due_on"]) >= today]


def _is_borne(review: GateReview, answer: Readiness, decision: str, today: date) -> bool:
    """Whether the facts of today let the round end so, as they would let its last voter say it."""
    if decision not in IN_FAVOUR:
        return True
    if review.change_id is None and change_runs(review.stage):
        return False
    named = {one["check"] for one in conditions_ahead(review, today)} if decision == Decision.CONDITIONAL_GO else set()
    return to_be_named(review, answer) <= named - {""}
