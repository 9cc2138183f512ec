"""What a decision does. Called with the project locked, by the vote that reached the quorum.

It writes but does not record.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F

from accounts.actor import Actor
from accounts.models import User
from common.canonical import digest
from library.services import draft_case
from lifecycle.criteria import Readiness
from lifecycle.errors import GateAlreadyDecided
from lifecycle.models import (
    Condition,
    ConditionState,
    Decision,
    GateReview,
    ReviewState,
    Rework,
    Stage,
    StageState,
    Vote,
)
from lifecycle.selectors import basis
from lifecycle.services.change_rounds import settle_by_round
from lifecycle.services.conditions import end_condition
from lifecycle.services.loops import open_iterations, start_next_cycle
from projects.models import ActionSource, Membership, Project, ProjectState
from projects.services import begin_hold, plan_action


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whom to tell of a decision, and what to tell beside it."""

    notify: dict[int, str] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)


def carry_out(review: GateReview, answer: Readiness, decision: Decision, *, actor: Actor, now: datetime) -> Outcome:
    """Freeze the round with its decision, and move the project.

    Raises GateAlreadyDecided when another vote was first.
    """
    votes = list(Vote.objects.standing().filter(review=review).select_related("user"))
    review.decision = decision
    review.reason = (
        next((vote.reason for vote in votes if vote.decision == decision and vote.reason), "other")
        if decision == Decision.RECYCLE
        else ""
    )
    review.return_to = _earliest(review, votes) if decision == Decision.RECYCLE else ""
    review.until = max((vote.until for vote in votes if vote.decision == decision and vote.until), default=None)
    rested = basis(answer)
    decided = (
        GateReview.objects.open()
        .filter(pk=review.pk)
        .update(
            state=ReviewState.DECIDED,
            decision=decision,
            decided_at=now,
            reason=review.reason,
            return_to=review.return_to,
            until=review.until,
            basis=rested,
            version=review.version + 1,
        )
    )
    if not decided:
        raise GateAlreadyDecided
    told = EFFECTS[decision](review, answer, votes, actor, now)
    told |= settle_by_round(review, decision, actor=actor, now=now) | {"basis": digest(rested)}
    members = Membership.objects.filter(project=review.stage.project)
    return Outcome(dict.fromkeys(members.values_list("user_id", flat=True), "member"), told)


def _go(review: GateReview, answer: Readiness, votes: list[Vote], actor: Actor, now: datetime) -> dict[str, Any]:
    """The stage is passed, with those that went along in its packet; the one after the last of them is next.

    A round about a change decides the change; its stage goes on.
    """
    stage = review.stage
    if review.change_id:
        _goes_on(stage)
        return {"next": stage.key}
    _end(stage, StageState.PASSED, review.decision, now)
    together = _pass_joint(review, now)
    last = together[-1].position if together else stage.position
    ahead = Stage.objects.newest().filter(process=stage.process, position__gt=last, state=StageState.PENDING)
    following = ahead.order_by("position").first()
    _end_rework(stage, following.position if following else last, now.date())
    told: dict[str, Any] = {"joint": [one.key for one in together]} if together else {}
    if following:
        ahead.filter(pk=following.pk).update(state=StageState.ACTIVE, started_at=now, version=F("version") + 1)
        return told | {"next": following.key}
    if stage.definition.recurring:
        return {"next": start_next_cycle(stage, now).key}
    _end_project(stage, ProjectState.COMPLETED)
    return told | {"state": ProjectState.COMPLETED}


def _pass_joint(review: GateReview, now: datetime) -> list[Stage]:
    """The stages that went along had been under way since the round was asked for, in the order of the template."""
    together = list(review.joint.order_by("position"))
    pending = Stage.objects.filter(pk__in=[one.pk for one in together], state=StageState.PENDING)
    pending.update(
        state=StageState.PASSED,
        started_at=review.requested_at,
        ended_at=now,
        decision=review.decision,
        version=F("version") + 1,
    )
    return together


def _conditional_go(
    review: GateReview, answer: Readiness, votes: list[Vote], actor: Actor, now: datetime
) -> dict[str, Any]:
    """As go; the conditions of the votes that set some become actions with an owner and a day.

    A check that they defer anew is owed by the new day: what an older decision asked about it ends.
    """
    asked = [(vote, one) for vote in votes if vote.decision == Decision.CONDITIONAL_GO for one in vote.conditions]
    owners = User.objects.in_bulk({condition["owner"] for _vote, condition in asked})
    rows = {check.key: check.id for check in (*answer.facts.deferred_checks, *answer.facts.checks)}
    replaced = _replace({condition["check"] for _vote, condition in asked}, review, actor, now)
    for vote, condition in asked:
        action = plan_action(
            project=review.stage.project,
            text=condition["text"],
            owner=owners[condition["owner"]],
            due_on=date.fromisoformat(condition["due_on"]),
            source=ActionSource.CONDITION,
            by=vote.user,
            now=now,
        )
        about = {"check_key": condition["check"], "check_row_id": rows.get(condition["check"])}
        Condition.objects.create(review=review, action=action, set_by=vote.user, **about)
    return _go(review, answer, votes, actor, now) | ({"replaced": replaced} if replaced else {})


def _replace(checks: set[str], review: GateReview, actor: Actor, now: datetime) -> list[int]:
    """End the standing conditions of this process about these checks; returns their ids."""
    older = Condition.objects.standing().filter(
        review__stage__process=review.stage.process_id, check_key__in=checks - {""}
    )
    ended = list(older.select_related("action"))
    for condition in ended:
        end_condition(condition, ConditionState.REPLACED, by=actor.user, now=now)
    return [condition.pk for condition in ended]


def _hold(review: GateReview, answer: Readiness, votes: list[Vote], actor: Actor, now: datetime) -> dict[str, Any]:
    """The stage stays the current one; the project waits until the latest day that a vote named."""
    _goes_on(review.stage)
    until = review.until or now.date() + timedelta(days=30)
    begin_hold(project=review.stage.project, until=until, reason=_why(votes, Decision.HOLD), user=actor.user, now=now)
    return {"until": until.isoformat()}


def _recycle(review: GateReview, answer: Readiness, votes: list[Vote], actor: Actor, now: datetime) -> dict[str, Any]:
    stage = review.stage
    _end(stage, StageState.CLOSED, review.decision, now)
    open_iterations(stage, review.return_to, now)
    Rework.objects.create(
        review=review, from_stage=stage.key, to_stage=review.return_to, reason=review.reason, started_on=now.date()
    )
    return {"return_to": review.return_to, "reason": review.reason}


def _kill(review: GateReview, answer: Readiness, votes: list[Vote], actor: Actor, now: datetime) -> dict[str, Any]:
    stage, project = review.stage, review.stage.project
    _end(stage, StageState.CLOSED, review.decision, now)
    state = ProjectState.RETIRED if stage.definition.recurring else ProjectState.KILLED
    _end_project(stage, state)
    draft_case(
        facts={
            "project_id": project.pk,
            "key": project.key,
            "name": project.name,
            "objective": project.objective,
            "industry": project.industry,
            "application": project.application,
            "stage": stage.key,
            "why": _why(votes, Decision.KILL),
            "day": now.date().isoformat(),
        }
    )
    return {"state": state}


Effect = Callable[[GateReview, Readiness, list[Vote], Actor, datetime], dict[str, Any]]
EFFECTS: dict[Decision, Effect] = {
    Decision.GO: _go,
    Decision.CONDITIONAL_GO: _conditional_go,
    Decision.HOLD: _hold,
    Decision.RECYCLE: _recycle,
    Decision.KILL: _kill,
}


def _end(stage: Stage, state: StageState, decision: str, now: datetime) -> None:
    in_review = Stage.objects.filter(pk=stage.pk, state=StageState.IN_REVIEW)
    in_review.update(state=state, ended_at=now, decision=decision, version=F("version") + 1)


def _goes_on(stage: Stage) -> None:
    in_review = Stage.objects.filter(pk=stage.pk, state=StageState.IN_REVIEW)
    in_review.update(state=StageState.ACTIVE, version=F("version") + 1)


def _end_project(stage: Stage, state: ProjectState) -> None:
    active = Project.objects.filter(pk=stage.project.pk, state=ProjectState.ACTIVE)
    active.update(state=state, version=F("version") + 1)


def _earliest(review: GateReview, votes: list[Vote]) -> str:
    """The earliest stage that a vote for recycling names; this stage where none does."""
    order = {definition.key: definition.position for definition in review.stage.process.definition.stages}
    named = [vote.return_to or review.stage.key for vote in votes if vote.decision == Decision.RECYCLE]
    return min(named, key=order.__getitem__)


def _end_rework(stage: Stage, position: int, today: date) -> None:
    """A loop ends when the stage that it left is the current one again."""
    order = {definition.key: definition.position for definition in stage.process.definition.stages}
    for rework in Rework.objects.filter(review__stage__process=stage.process, ended_on=None):
        # A stage that the template no longer has is not reached again.
        if order.get(rework.from_stage, 0) <= position:
            Rework.objects.filter(pk=rework.pk).update(ended_on=today)


def _why(votes: list[Vote], decision: str) -> str:
    return "\n".join(f"{vote.user.display_name}: {vote.rationale}" for vote in votes if vote.decision == decision)
