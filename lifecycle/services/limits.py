from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.models import User
from common.errors import PermissionDenied, ValidationFailed
from journal.services import record
from lifecycle.criteria.kinds import within
from lifecycle.errors import LimitIsFixed
from lifecycle.models import GateReview, LimitOverride, Process
from projects.permissions import Action, require, roles_of
from projects.services import lock_unarchived


@transaction.atomic
def set_limit(
    *,
    process: Process,
    check_key: str,
    threshold: float,
    reason: str,
    actor: Actor,
    agreed_by: User | None = None,
    now: datetime,
) -> LimitOverride:
    """Give a metric check this project's own limit, before its round opens. Loosening needs a risk officer's consent.

    Raises LimitIsFixed, ValidationFailed, PermissionDenied.
    """
    require(actor, Action.OVERRIDE_LIMIT, process.project)
    project = lock_unarchived(process.project)
    found = process.definition.find(check_key)
    if found is None or found[1].kind != "metric":
        raise ValidationFailed.at("check", "not_found", _("This check has no limit."))
    stage, item = found
    if GateReview.objects.open().filter(stage__process=process, stage__key=stage.key).exists():
        raise LimitIsFixed
    looser = not within(threshold, item.criterion["operator"], float(item.criterion["threshold"]))
    if looser and (agreed_by is None or "risk_officer" not in roles_of(agreed_by, project)):
        raise PermissionDenied(_("A looser limit needs the consent of a risk officer."), missing="risk_officer")
    LimitOverride.objects.standing().filter(process=process, check_key=check_key).update(replaced_at=now)
    limit = LimitOverride.objects.create(
        process=process,
        check_key=check_key,
        threshold=threshold,
        reason=reason,
        set_by=actor.person,
        set_at=now,
        agreed_by=agreed_by,
        in_force_at=now,
    )
    record(
        "limit.set",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"limit:{limit.pk}",
        key=check_key,
        reason=reason,
        before=item.criterion["threshold"],
        after=threshold,
        agreed_by=agreed_by.pk if agreed_by else None,
    )
    return limit
