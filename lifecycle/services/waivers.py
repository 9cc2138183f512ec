from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from common.errors import ValidationFailed
from journal.services import record
from lifecycle.criteria.refit import waiver_takes_two
from lifecycle.errors import AlreadyWaived, ProjectNotActive, StageClosed, WaiverNeedsSecond
from lifecycle.models import Check, Waiver
from lifecycle.services.checks import WORKABLE, locked_check
from projects.models import Project
from projects.permissions import Action, require
from projects.selectors.people import deciders_of, owners_of
from projects.services import lock_unarchived


@transaction.atomic
def waive_check(*, check: Check, actor: Actor, reason: str, until: date, now: datetime) -> Waiver:
    """Go without a check until a day.

    A required check needs two different gatekeepers: the first call opens the waiver, the second grants it. Its
    day is then the earlier of the two that were named, and what each of the two said for a reason is kept.
    At lean, and for an optional check, one is enough. A waiver that nobody granted in time makes room for another.
    Raises AlreadyWaived, StageClosed, WaiverNeedsSecond, ProjectNotActive, ProjectArchived, ValidationFailed.
    """
    require(actor, Action.WAIVE, check.stage.project)
    project = lock_unarchived(check.stage.project)
    check = locked_check(check)
    if project.state not in WORKABLE:
        raise ProjectNotActive
    if check.stage.superseded or check.stage.ended_at is not None:
        raise StageClosed
    if until < now.date():
        raise ValidationFailed.at("until", "out_of_range", _("A waiver ends today or later."))
    if Waiver.objects.in_force(now.date()).filter(check_row=check).exists():
        raise AlreadyWaived
    asked = Waiver.objects.filter(check_row=check, granted_at=None, lapsed_at=None)
    asked.filter(until__lt=now.date()).update(lapsed_at=now)
    waiver = asked.first()
    if waiver and waiver.opened_by_id == actor.user_id:
        raise WaiverNeedsSecond
    waiver = waiver or Waiver(check_row=check, reason=reason, until=until, opened_by=actor.person, opened_at=now)
    if waiver.pk or not waiver_takes_two(required=check.required, level=check.stage.level):
        waiver.granted_by, waiver.granted_at, waiver.until = actor.person, now, min(waiver.until, until)
        waiver.granted_reason = reason if reason != waiver.reason else ""
    waiver.save()
    record(
        "waiver.granted" if waiver.granted_at else "waiver.opened",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"waiver:{waiver.pk}",
        notify=_told(waiver, project, actor),
        key=check.key,
        stage=check.stage.key,
        reason=waiver.granted_reason or waiver.reason,
        until=waiver.until.isoformat(),
    )
    return waiver


def _told(waiver: Waiver, project: Project, actor: Actor) -> dict[int, str]:
    """An opened one waits for any other gatekeeper; a granted one is news to who opened it and to the owners."""
    if waiver.granted_at is None:
        told = dict.fromkeys(deciders_of(project.pk), "second")
    else:
        told = {**dict.fromkeys(owners_of(project.pk), "owner"), waiver.opened_by_id: "requester"}
    return {user: reason for user, reason in told.items() if user != actor.user_id}
