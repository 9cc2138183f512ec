"""A project's own limits, and how sure a limit's legal source is."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor, require_human
from common.canonical import digest
from common.errors import NotFound, PermissionDenied, ValidationFailed
from journal.services import record
from lifecycle.criteria.kinds import within
from lifecycle.errors import LimitIsFixed
from lifecycle.models import GateReview, Item, LimitOverride, Process, SourceConfirmation
from lifecycle.services.consents import check_seen, may_consent, proposal_seen, risk_officers, settle
from projects.models import Project
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
    now: datetime,
    version: int | None = None,
) -> LimitOverride:
    """Give a metric check this project's own limit, before its round opens; the same again writes nothing.

    Looser than the template's, it is proposed, and in force only once a risk officer agrees (`decide_limit`).
    Raises LimitIsFixed, NotFound, ValidationFailed, PermissionDenied, PreconditionRequired, VersionMismatch.
    """
    require(actor, Action.OVERRIDE_LIMIT, process.project)
    project = lock_unarchived(process.project)
    item = _measured(process, check_key)
    limits = LimitOverride.objects.filter(process=process, check_key=check_key)
    last = limits.proposed().first() or limits.standing().first()
    if last is not None and (last.threshold, last.reason) == (threshold, reason):
        return last
    check_seen(subject=f"limit:{process.pk}:{check_key}", seen=version, current=limits.version())
    no_open_round(process, [check_key])
    looser = not within(threshold, item.criterion["operator"], float(item.criterion["threshold"]))
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
        notify=risk_officers(project, actor.person) if looser else {},
        key=check_key,
        reason=reason,
        before=item.criterion["threshold"] if before is None else before,
        after=threshold,
    )
    return limit


@transaction.atomic
def decide_limit(
    *, process: Process, check_key: str, proposal: int, agree: bool, actor: Actor, now: datetime
) -> LimitOverride:
    """A risk officer agrees to the looser limit that someone else proposed and that this one has seen, or declines it.

    Raises HumanSessionRequired, PermissionDenied, NoLimitProposed, ProposalChanged, LimitIsFixed.
    """
    may_consent(actor, process.project)
    project = lock_unarchived(process.project)
    limits = LimitOverride.objects.filter(process=process, check_key=check_key)
    limit = proposal_seen(limits, limits.proposed().first(), proposal=proposal, actor=actor)
    no_open_round(process, [check_key])
    if agree:
        limits.standing().update(replaced_at=now)
    settle(limit, agree=agree, actor=actor, now=now)
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


def no_open_round(process: Process, keys: Iterable[str]) -> None:
    """What a round rests on stands still while it is open."""
    for document in GateReview.objects.open().filter(stage__process=process).values_list("document", flat=True):
        if {row["key"] for row in document["checks"]} & set(keys):
            raise LimitIsFixed
