from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor, require_human
from common.errors import FieldError, ValidationFailed
from journal.services import record
from lifecycle.criteria import CheckState, Readiness
from lifecycle.criteria.tally import IN_FAVOUR
from lifecycle.errors import (
    AlreadyVoted,
    ConditionsRequired,
    CriteriaNotMet,
    DecisionNotOffered,
    GateAlreadyDecided,
    NoVoteToWithdraw,
    PacketChanged,
)
from lifecycle.models import Decision, GateReview, Stage, Vote, VoteState
from lifecycle.selectors import (
    authors,
    packet_digest,
    round_fingerprint,
    round_packet,
    round_readiness,
    rounds_with_scope,
)
from lifecycle.selectors.packets import FORMAT
from lifecycle.selectors.packs import said_by
from lifecycle.services.change_rounds import no_change_runs
from lifecycle.services.reviews import blocked, gatekeepers, must_be_active
from lifecycle.services.separation import look_again, spoken, take_seat
from lifecycle.services.tallies import (
    conditions_ahead,
    count_again,
    decide,
    to_be_named,
    told_of,
    touch,
    void_votes,
    whose_vote_is_void,
)
from projects.models import Project
from projects.permissions import Action, require
from projects.services import lock_unarchived, owner_named

UNCONDITIONAL = (Decision.HOLD, Decision.RECYCLE, Decision.KILL)
# What only one decision has a use for.
BELONGS_TO = {
    "conditions": Decision.CONDITIONAL_GO,
    "until": Decision.HOLD,
    "return_to": Decision.RECYCLE,
    "reason": Decision.RECYCLE,
}


@dataclass(frozen=True, slots=True)
class Ballots:
    """What a voter says: the decision and, by kind, what it needs."""

    decision: str
    rationale: str
    packet: str
    reason: str = ""
    conditions: Sequence[dict[str, Any]] = field(default_factory=tuple)
    return_to: str = ""
    until: date | None = None


def cast_vote(
    *,
    review: GateReview,
    actor: Actor,
    decision: str,
    rationale: str,
    packet: str,
    reason: str = "",
    conditions: Sequence[dict[str, Any]] = (),
    return_to: str = "",
    until: date | None = None,
    now: datetime,
) -> GateReview:
    """Vote in a round, for every decider role the voter holds; the vote that reaches the quorum decides it.

    `conditions` are {"text", "owner" (User), "due_on", "check"?}; they go with a conditional go only, `until` with a
    hold, `reason` and `return_to` with a recycle. Raises HumanSessionRequired, SeparationOfDuties, GateAlreadyDecided,
    AlreadyVoted, CriteriaNotMet, ConditionsRequired, DecisionNotOffered, ValidationFailed, ProjectOnHold,
    ProjectNotActive; and PacketChanged, when the facts differ from what the voter named (nothing is void) or from what
    the round froze (all votes are void and the round takes the new packet).
    """
    said = Ballots(decision, rationale, packet, reason, tuple(conditions), return_to, until)
    fresh, voided = _cast(review=review, actor=actor, said=said, now=now)
    # Outside the transaction: the void votes and the new packet must stay although the vote is refused.
    if voided is not None:
        raise PacketChanged(fresh.packet, voided=voided)
    return fresh


@transaction.atomic
def _cast(*, review: GateReview, actor: Actor, said: Ballots, now: datetime) -> tuple[GateReview, int | None]:
    require_human(actor)
    take_seat(review, actor, now=now)
    _nothing_besides(said)
    project = Project.objects.lock(review.stage.project.pk)
    review = locked_review(review)
    _may_vote_now(project, review, actor, said)
    answer = round_readiness(review, today=now.date())
    if (voided := _void_if_changed(review, answer)) is not None:
        told = gatekeepers(review, answer, now=now)
        record(
            "review.packet_changed",
            actor=actor,
            at=now,
            project_id=project.pk,
            object=f"review:{review.pk}",
            notify=told,
            urgent=True,
            stage=review.stage.key,
            packet=review.packet,
            voided=voided,
        )
        return review, voided
    supplied = authors(answer.facts)
    voice = take_seat(review, actor, now=now, authors=supplied)
    void = look_again(review, now, supplied)
    _may_be_decided(review, answer, said, now.date())
    vote = Vote.objects.create(
        review=review,
        user=actor.person,
        **spoken(review, actor.person.pk, voice),
        decision=said.decision,
        rationale=said.rationale,
        reason=said.reason,
        conditions=[_stored(condition) for condition in said.conditions],
        return_to=said.return_to,
        until=said.until,
        packet=said.packet,
        cast_at=now,
    )
    touch(review)
    reached, outcome = decide(review, answer, actor=actor, now=now)
    review.refresh_from_db()
    record(
        "review.decided" if reached else "review.voted",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"review:{review.pk}",
        notify=(outcome.notify or {review.requested_by_id: "requester"}) | whose_vote_is_void(void),
        urgent=bool(reached),
        stage=review.stage.key,
        vote=said.decision,
        voter=actor.person.username,
        said=said_by(vote),
        decision=reached,
        packet=review.packet,
        **void_votes(void),
        **outcome.told,
    )
    return review, None


@transaction.atomic
def take_up(*, review: GateReview, actor: Actor, now: datetime) -> GateReview:
    """Let a round rest on the facts of now, when they moved since it was asked for; all votes before are void.

    For a voter who has read the new facts and not yet voted. Changes nothing when the facts are the same.
    Raises GateAlreadyDecided, ProjectOnHold, ProjectNotActive, AlreadyVoted.
    """
    require_human(actor)
    take_seat(review, actor, now=now)
    project = Project.objects.lock(review.stage.project.pk)
    review = locked_review(review)
    _may_still_vote(project, review, actor)
    answer = round_readiness(review, today=now.date())
    voided = _void_if_changed(review, answer)
    if voided is None:
        return review
    record(
        "review.packet_changed",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"review:{review.pk}",
        notify=gatekeepers(review, answer, now=now),
        urgent=True,
        stage=review.stage.key,
        packet=review.packet,
        voided=voided,
    )
    return review


@transaction.atomic
def withdraw_vote(*, review: GateReview, actor: Actor, now: datetime) -> GateReview:
    """Take one's own vote back while the round is open, a deputy's too; the votes that are left may decide it.

    Raises GateAlreadyDecided, NoVoteToWithdraw, PermissionDenied, ProjectArchived.
    """
    require_human(actor)
    mine = Vote.objects.standing().filter(review=review, user=actor.person)
    if not mine.exists():
        # Whoever voted takes it back, whatever became of their rights since.
        require(actor, Action.VOTE, review.stage.project)
    project = lock_unarchived(review.stage.project)
    review = locked_review(review)
    if not review.is_open:
        raise GateAlreadyDecided
    if not mine.update(state=VoteState.WITHDRAWN):
        raise NoVoteToWithdraw
    left = count_again(review, project, actor=actor, now=now)
    review.refresh_from_db()
    record(
        "review.decided" if left.decision else "review.vote_withdrawn",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"review:{review.pk}",
        notify=left.notify,
        urgent=bool(left.decision),
        stage=review.stage.key,
        **told_of(left, review, "review.vote_withdrawn"),
    )
    return review


def locked_review(review: GateReview) -> GateReview:
    """The round as it is now, with its stage; call it under the project's lock."""
    fresh = rounds_with_scope(GateReview.objects.filter(pk=review.pk)).get()
    fresh.stage = Stage.objects.with_process().select_related("process__template_version").get(pk=fresh.stage_id)
    return fresh


def _nothing_besides(said: Ballots) -> None:
    """What has no use in this decision is refused, not dropped: whoever sent it meant something by it."""
    wrong = [
        FieldError(
            f"/{name}", "not_for_this_decision", _("Only a vote for “%(decision)s” has this.") % {"decision": own.label}
        )
        for name, own in BELONGS_TO.items()
        if getattr(said, name) and said.decision != own
    ]
    if wrong:
        raise ValidationFailed(errors=wrong)


def _may_vote_now(project: Project, review: GateReview, actor: Actor, said: Ballots) -> None:
    _may_still_vote(project, review, actor)
    if said.packet != review.packet:
        raise PacketChanged(review.packet)


def _may_still_vote(project: Project, review: GateReview, actor: Actor) -> None:
    if not review.is_open:
        raise GateAlreadyDecided
    must_be_active(project)
    if Vote.objects.standing().filter(review=review, user=actor.person).exists():
        raise AlreadyVoted


def _void_if_changed(review: GateReview, answer: Readiness) -> int | None:
    """The number of votes made void by a changed packet; None when it is the same."""
    if round_fingerprint(review, answer) == review.packet:
        return None
    document = round_packet(review, answer, form=FORMAT)
    fingerprint = packet_digest(document)
    review.packet, review.document = fingerprint, document
    review.save(update_fields=["packet", "document"])
    touch(review)
    return Vote.objects.standing().filter(review=review).update(state=VoteState.VOID)


def _may_be_decided(review: GateReview, answer: Readiness, said: Ballots, today: date) -> None:
    if review.extraordinary and said.decision not in UNCONDITIONAL:
        raise DecisionNotOffered(_("An extraordinary review ends in hold, recycle or kill."))
    if said.decision in IN_FAVOUR and review.change_id is None:
        no_change_runs(review.stage)
    WORDS[Decision(said.decision)](review, answer, said, today)


def _go(review: GateReview, answer: Readiness, said: Ballots, today: date) -> None:
    if answer.blockers:
        raise blocked(CriteriaNotMet, answer)


def _conditional_go(review: GateReview, answer: Readiness, said: Ballots, today: date) -> None:
    standing = conditions_ahead(review, today)
    if not said.conditions and not standing:
        raise ConditionsRequired
    _conditions_fit(review.stage.project, answer, said, today)
    named = {condition.get("check") for condition in (*standing, *said.conditions)}
    if not named.issuperset(to_be_named(review, answer)):
        raise blocked(CriteriaNotMet, answer)


def _conditions_fit(project: Project, answer: Readiness, said: Ballots, today: date) -> None:
    known = {one.check.key for one in answer.checks if one.check.required and one.state != CheckState.NOT_APPLICABLE}
    known |= {blocker.check for blocker in answer.blockers if blocker.check}
    for number, condition in enumerate(said.conditions):
        if condition.get("check") and condition["check"] not in known:
            raise ValidationFailed.at(
                f"conditions/{number}/check", "not_found", _("A condition defers a required check of this gate.")
            )
        if condition["due_on"] < today:
            raise ValidationFailed.at(
                f"conditions/{number}/due_on", "out_of_range", _("A condition is due today or later.")
            )
        owner_named(project, condition["owner"].username, f"conditions/{number}/owner")


def _hold(review: GateReview, answer: Readiness, said: Ballots, today: date) -> None:
    if said.until is None:
        raise ValidationFailed.at("until", "required", _("Say until when the project is on hold."))
    if said.until <= today:
        raise ValidationFailed.at("until", "out_of_range", _("A hold ends on a day ahead."))


def _recycle(review: GateReview, answer: Readiness, said: Ballots, today: date) -> None:
    stage = review.stage.definition
    earlier = [one.key for one in review.stage.process.definition.stages if one.position <= stage.position]
    offered = [*stage.return_to, stage.key] if stage.return_to else earlier
    if said.return_to and said.return_to not in offered:
        raise ValidationFailed.at(
            "return_to", "not_found", _("A project goes back to this stage or to an earlier one.")
        )


def _kill(review: GateReview, answer: Readiness, said: Ballots, today: date) -> None:
    """Always offered."""


WORDS = {
    Decision.GO: _go,
    Decision.CONDITIONAL_GO: _conditional_go,
    Decision.HOLD: _hold,
    Decision.RECYCLE: _recycle,
    Decision.KILL: _kill,
}


def _stored(condition: dict[str, Any]) -> dict[str, Any]:
    return {
        "text": condition["text"],
        "owner": condition["owner"].pk,
        "due_on": condition["due_on"].isoformat(),
        "check": condition.get("check") or "",
    }
