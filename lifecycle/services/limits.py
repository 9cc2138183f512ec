"""A project's own limits, the model it compares with, and how sure a limit's legal source is."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor, require_human
from accounts.models import User
from common.canonical import digest
from common.errors import NotFound, PermissionDenied, ValidationFailed
from journal.services import record
from lifecycle.criteria.kinds import within
from lifecycle.errors import LimitIsFixed, NoLimitProposed
from lifecycle.models import GateReview, Item, LimitOverride, Process, SourceConfirmation
from projects.models import Membership, Project
from projects.permissions import Action, require, roles_of
from projects.services import lock_unarchived


@transaction.atomic
def set_limit(
    *, process: Process, check_key: str, threshold: float, reason: str, actor: Actor, now: datetime
) -> LimitOverride:
    """Give a metric check this project's own limit, before its round opens.

    Looser than the template's, it is proposed, and in force only once a risk officer agrees (`decide_limit`).
    Raises LimitIsFixed, NotFound, ValidationFailed, PermissionDenied.
    """
    require(actor, Action.OVERRIDE_LIMIT, process.project)
    project = lock_unarchived(process.project)
    item = _measured(process, check_key)
    _no_open_round(process, [check_key])
    looser = not within(threshold, item.criterion["operator"], float(item.criterion["threshold"]))
    limits = LimitOverride.objects.filter(process=process, check_key=check_key)
    limits.proposed().update(replaced_at=now)
    before = limits.standing().values_list("threshold", flat=True).first()
    if not looser:
        limits.standing().update(replaced_at=now)
    limit = LimitOverride.objects.create(
        process=process,
        check_key=check_key,
        threshold=threshold,
        reason=reason,
        set_by=actor.person,
        set_at=now,
        in_force_at=None if looser else now,
    )
    record(
        "limit.proposed" if looser else "limit.set",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"limit:{limit.pk}",
        notify=_risk_officers(project, actor.person) if looser else {},
        key=check_key,
        reason=reason,
        before=item.criterion["threshold"] if before is None else before,
        after=threshold,
    )
    return limit


@transaction.atomic
def decide_limit(*, process: Process, check_key: str, agree: bool, actor: Actor, now: datetime) -> LimitOverride:
    """A risk officer agrees to the looser limit that someone else proposed, or declines it.

    Raises HumanSessionRequired, PermissionDenied, NoLimitProposed, LimitIsFixed.
    """
    may_consent(actor, process.project)
    project = lock_unarchived(process.project)
    limits = LimitOverride.objects.filter(process=process, check_key=check_key)
    limit = limits.proposed().first()
    if limit is None:
        raise NoLimitProposed
    if limit.set_by_id == actor.user_id:
        raise PermissionDenied(_("You proposed this limit, so another risk officer agrees to it."))
    _no_open_round(process, [check_key])
    if agree:
        limits.standing().update(replaced_at=now)
        limit.agreed_by, limit.in_force_at = actor.person, now
    else:
        limit.declined_by, limit.replaced_at = actor.person, now
    limit.save(update_fields=["agreed_by", "in_force_at", "declined_by", "replaced_at"])
    record(
        "limit.agreed" if agree else "limit.declined",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"limit:{limit.pk}",
        notify={limit.set_by_id: "requester"},
        key=check_key,
        after=limit.threshold,
    )
    return limit


@transaction.atomic
def set_baseline(*, process: Process, model: str, reason: str, actor: Actor, now: datetime) -> Process:
    """Name the model whose results criteria with a baseline compare with; "" names none.

    It moves what a limit means, so it stands still like limits do while a round rests on it. Raises LimitIsFixed.
    """
    require(actor, Action.OVERRIDE_LIMIT, process.project)
    project = lock_unarchived(process.project)
    compared = [item.key for stage in process.definition.stages for item in stage.items if "baseline" in item.criterion]
    _no_open_round(process, compared)
    before = process.baseline_model
    Process.objects.filter(pk=process.pk).update(baseline_model=model)
    process.refresh_from_db()
    record(
        "baseline.set",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"project:{project.pk}",
        reason=reason,
        before=before,
        after=model,
    )
    return process


@transaction.atomic
def confirm_source(
    *, process: Process, check_key: str, reference: str, actor: Actor, now: datetime
) -> SourceConfirmation:
    """Legal counsel of the project has compared a check's number with the text of the law, named in `reference`.

    Raises NotFound for a check whose number needs no confirmation, PermissionDenied.
    """
    may_confirm_source(actor, process.project)
    project = lock_unarchived(process.project)
    item = _item(process, check_key)
    if item.source_state != "unconfirmed":
        raise NotFound
    confirmation, _created = SourceConfirmation.objects.get_or_create(
        process=process,
        check_key=check_key,
        criterion=digest(item.criterion),
        defaults={"reference": reference, "confirmed_by": actor.person, "confirmed_at": now},
    )
    record(
        "limit.source_confirmed",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"project:{project.pk}",
        key=check_key,
        reference=reference,
    )
    return confirmation


def may_consent(actor: Actor, project: Project) -> None:
    """Raises HumanSessionRequired, PermissionDenied."""
    require_human(actor)
    require(actor, Action.SIGN, project)
    if "risk_officer" not in roles_of(actor.person, project):
        raise PermissionDenied(_("A looser limit needs the consent of a risk officer."), missing="risk_officer")


def may_confirm_source(actor: Actor, project: Project) -> None:
    """Raises HumanSessionRequired, PermissionDenied."""
    require_human(actor)
    require(actor, Action.SIGN, project)
    if "legal_counsel" not in roles_of(actor.person, project):
        raise PermissionDenied(_("Legal counsel of the project confirms a limit's source."), missing="legal_counsel")


def _item(process: Process, check_key: str) -> Item:
    found = process.definition.find(check_key)
    if found is None:
        raise NotFound
    return found[1]


def _measured(process: Process, check_key: str) -> Item:
    item = _item(process, check_key)
    if item.kind != "metric":
        raise ValidationFailed.at("check", "not_found", _("This check has no limit."))
    return item


def _no_open_round(process: Process, keys: Iterable[str]) -> None:
    """What a round rests on stands still while it is open."""
    for document in GateReview.objects.open().filter(stage__process=process).values_list("document", flat=True):
        if {row["key"] for row in document["checks"]} & set(keys):
            raise LimitIsFixed


def _risk_officers(project: Project, but: User) -> dict[int, str]:
    members = Membership.objects.filter(project=project).holding("risk_officer").exclude(user=but)
    return dict.fromkeys(members.values_list("user_id", flat=True), "risk_officer")
