"""The model whose results a project compares with: proposed with a reason, standing once a risk officer agrees."""

from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from common.versions import subject
from journal.services import record
from lifecycle.models import Baseline, Process
from lifecycle.services.consents import check_seen, may_consent, proposal_seen, risk_officers, settle
from lifecycle.services.limits import no_open_round
from projects.permissions import Action, require
from projects.services import lock_unarchived


@transaction.atomic
def set_baseline(
    *, process: Process, model: str, reason: str, actor: Actor, now: datetime, version: int | None = None
) -> Baseline:
    """Propose the model that criteria with a baseline compare with; "" names none, and stands at once.

    Whichever model is named, checks may get easier by it: one that nobody looked at would turn what fails green. It
    stands still like limits do while a round rests on it. The same again writes nothing. Raises PermissionDenied,
    LimitIsFixed, PreconditionRequired, VersionMismatch.
    """
    require(actor, Action.OVERRIDE_LIMIT, process.project)
    project = lock_unarchived(process.project)
    rows = Baseline.objects.filter(process=process)
    last = rows.proposed().first() or rows.standing().first()
    if last is not None and (last.model, last.reason) == (model, reason):
        return last
    check_seen(subject=subject(Process, process.pk), seen=version, current=rows.version())
    compared = process.definition.comparing
    no_open_round(process, compared)
    before = Process.objects.values_list("baseline_model", flat=True).get(pk=process.pk)
    rows.proposed().update(replaced_at=now)
    if not model:
        _stands(process, model, now)
    baseline = Baseline.objects.create(
        process=process, model=model, reason=reason, set_by=actor.person, set_at=now, in_force_at=None if model else now
    )
    record(
        "baseline.proposed" if model else "baseline.cleared",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=subject(Baseline, baseline.pk),
        notify=risk_officers(project, actor.person) if model else {},
        key=next(iter(compared), None),
        reason=reason,
        before=before,
        after=model,
    )
    return baseline


@transaction.atomic
def decide_baseline(*, process: Process, proposal: int, agree: bool, actor: Actor, now: datetime) -> Baseline:
    """A risk officer agrees to the model that someone else proposed and that this one has seen, or declines it.

    Raises HumanSessionRequired, PermissionDenied, NoLimitProposed, ProposalChanged, LimitIsFixed.
    """
    may_consent(actor, process.project)
    project = lock_unarchived(process.project)
    rows = Baseline.objects.filter(process=process)
    baseline = proposal_seen(rows, rows.proposed().first(), proposal=proposal, actor=actor)
    compared = process.definition.comparing
    no_open_round(process, compared)
    if agree:
        _stands(process, baseline.model, now)
    settle(baseline, agree=agree, actor=actor, now=now)
    record(
        "baseline.agreed" if agree else "baseline.declined",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=subject(Baseline, baseline.pk),
        notify={baseline.set_by_id: "requester"},
        key=next(iter(compared), None),
        after=baseline.model,
    )
    return baseline


def _stands(process: Process, model: str, now: datetime) -> None:
    Baseline.objects.filter(process=process).standing().update(replaced_at=now)
    Process.objects.filter(pk=process.pk).update(baseline_model=model)
