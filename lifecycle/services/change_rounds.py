"""What rounds make of changes: steps of the services that open, withdraw and decide them, with the project locked."""

from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from common.errors import ValidationFailed
from lifecycle.errors import ChangeIsOver, ChangesRun
from lifecycle.models import Change, ChangeState, Decision, GateReview, Stage


def taken_to_review(pk: int | None, stage: Stage, *, alone: bool) -> Change | None:
    """The change that a new round of `stage` is about, if it is about one; from now on it is in review.

    `alone`: the round is neither joint nor extraordinary. Raises ChangeIsOver, ValidationFailed.
    """
    if pk is None:
        return None
    change = Change.objects.of_process(stage.process_id).filter(pk=pk).first()
    if change is None:
        raise ValidationFailed.at("change", "not_found", _("The project has no such change."))
    if not alone or not stage.definition.recurring:
        raise ValidationFailed.at(
            "change", "invalid_choice", _("A change is reviewed by itself, at the recurring gate.")
        )
    open_one = Change.objects.filter(pk=pk, state=ChangeState.OPEN)
    if not open_one.update(state=ChangeState.IN_REVIEW, version=F("version") + 1):
        raise ChangeIsOver
    change.refresh_from_db()
    return change


def no_change_runs(stage: Stage) -> None:
    """What runs is continued on what is settled. Raises ChangesRun."""
    if change_runs(stage):
        raise ChangesRun


def change_runs(stage: Stage) -> bool:
    return stage.definition.recurring and Change.objects.running().of_process(stage.process_id).exists()


def give_back(review: GateReview) -> None:
    """The round about a change ended without deciding it: it is open again."""
    if review.change_id:
        in_review = Change.objects.filter(pk=review.change_id, state=ChangeState.IN_REVIEW)
        in_review.update(state=ChangeState.OPEN, version=F("version") + 1)


def settle_by_round(review: GateReview, decision: Decision, *, actor: Actor, now: datetime) -> dict[str, object]:
    """What a decision makes of changes: a go confirms the one it is about, recycle and kill end all that run.

    A step of the service that carries out the decision.
    """
    if decision in {Decision.RECYCLE, Decision.KILL}:
        ended = close_running(review.stage, actor=actor, now=now)
        return {"changes_closed": ended} if ended else {}
    if review.change_id is None:
        return {}
    if decision == Decision.HOLD:
        give_back(review)
        return {"change": review.change_id}
    in_review = Change.objects.filter(pk=review.change_id, state=ChangeState.IN_REVIEW)
    in_review.update(state=ChangeState.CONFIRMED, closed_at=now, closed_by=actor.user, version=F("version") + 1)
    return {"change": review.change_id}


def close_running(stage: Stage, *, actor: Actor, now: datetime) -> list[int]:
    """What runs is left, so nothing of it needs to be confirmed any more; the ids of the changes that end so."""
    running = Change.objects.running().of_process(stage.process_id)
    ended = list(running.values_list("pk", flat=True))
    running.update(state=ChangeState.CLOSED, closed_at=now, closed_by=actor.user, version=F("version") + 1)
    return ended
