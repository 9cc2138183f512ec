from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from common.errors import ValidationFailed
from journal.services import record
from lifecycle.errors import AlreadyWaived, StageClosed, WaiverNeedsSecond
from lifecycle.models import Check, Waiver
from lifecycle.services.checks import locked_check
from projects.permissions import Action, require
from projects.services import lock_unarchived


@transaction.atomic
def waive_check(*, check: Check, actor: Actor, reason: str, until: date, now: datetime) -> Waiver:
    """Go without a check until a day.

    A required check needs two different gatekeepers: the first call opens the waiver, the second grants it as it is.
    At lean, and for an optional check, one is enough. Raises AlreadyWaived, StageClosed, WaiverNeedsSecond.
    """
    require(actor, Action.WAIVE, check.stage.project)
    project = lock_unarchived(check.stage.project)
    check = locked_check(check)
    if check.stage.superseded or check.stage.ended_at is not None:
        raise StageClosed
    if until < now.date():
        raise ValidationFailed.at("until", "out_of_range", _("A waiver ends today or later."))
    if Waiver.objects.in_force(now.date()).filter(check_row=check).exists():
        raise AlreadyWaived
    waiver = Waiver.objects.filter(check_row=check, granted_at=None).first()
    if waiver and waiver.opened_by_id == actor.user_id:
        raise WaiverNeedsSecond
    waiver = waiver or Waiver(check_row=check, reason=reason, until=until, opened_by=actor.person, opened_at=now)
    alone = not check.required or check.stage.level == "lean"
    if waiver.pk or alone:
        waiver.granted_by, waiver.granted_at = actor.person, now
    waiver.save()
    record(
        "waiver.granted" if waiver.granted_at else "waiver.opened",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"waiver:{waiver.pk}",
        key=check.key,
        stage=check.stage.key,
        reason=waiver.reason,
        until=waiver.until.isoformat(),
    )
    return waiver
