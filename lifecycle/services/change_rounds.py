"""What rounds make of changes: steps of the services that open, withdraw and decide them, with the project locked."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from common.errors import ValidationFailed
from lifecycle.errors import ChangeIsOver, ChangeNotRunning, ChangesRun
from lifecycle.models import Change, ChangeState, Decision, GateReview, Stage
from lifecycle.selectors import subject_of
from lifecycle.selectors.changes import elsewhere_by


def taken_to_review(pk: int | None, stage: Stage, *, alone: bool) -> Change | None:
    """The change that a new round of `stage` is about, if it is about one; from now on it is in review.

    `alone`: the round is neither joint nor extraordinary. Raises ChangeIsOver, ChangeNotRunning, ValidationFailed.
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
    still_runs(change, elsewhere_by(change, subject_of(stage)))
    open_one = Change.objects.filter(pk=pk, state=ChangeState.OPEN)
    if not open_one.update(state=ChangeState.IN_REVIEW, version=F("version") + 1):
        raise ChangeIsOver
    change.refresh_from_db()
    return change


def still_runs(change: Change, elsewhere: Mapping[str, str]) -> None:
    """What is settled is what runs: no part is `elsewhere`, other than the change made it. Raises ChangeNotRunning."""
    if elsewhere:
        raise ChangeNotRunning([(part, change.moved[part][1], value) for part, value in elsewhere.items()])


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

    A step of the service that carries out the decision. Raises ChangeNotRunning.
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
    for change in in_review:
        still_runs(change, elsewhere_by(change, review.document.get("subject", {})))
    in_review.update(state=ChangeState.CONFIRMED, closed_at=now, closed_by=actor.user, version=F("version") + 1)
    return {"change": review.change_id}


def close_running(stage: Stage, *, actor: Actor, now: datetime) -> list[int]:
    """What runs is left, so nothing of it needs to be confirmed any more; the ids of the changes that end so."""
    running = Change.objects.running().of_process(stage.process_id)
    ended = list(running.values_list("pk", flat=True))
    running.update(state=ChangeState.CLOSED, closed_at=now, closed_by=actor.user, version=F("version") + 1)
    return ended
