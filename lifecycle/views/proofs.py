"""One proof with its revisions and checks, and the page where a check gets its proof."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.actor import Actor
from accounts.http import PageRequest
from common import clock
from common.errors import DomainError, ValidationFailed
from common.forms import refuse
from common.paging import paged, searched
from common.texts import localised
from lifecycle import services
from lifecycle.forms import WholeProofForm, WithdrawalForm
from lifecycle.models import Check, Stage
from lifecycle.selectors import readiness_of
from lifecycle.selectors.proofs import live_stages, revisions_of, served_by
from lifecycle.selectors.seats import cost_words, upload_cost
from lifecycle.services.checks import is_over
from lifecycle.views.checks import check_seen
from lifecycle.views.marks import PARTS
from projects.models import Membership, Project
from projects.permissions import Action, may
from records.models import Evidence
from records.selectors import proof_row, proof_rows
from records.services import current_parts, withdraw_evidence


def evidence_seen(request: PageRequest, pk: int) -> Evidence:
    return get_object_or_404(Evidence.objects.visible_to(request.actor).select_related("project"), pk=pk)


@login_required
@require_GET
def evidence(request: PageRequest, pk: int) -> HttpResponse:
    """What a proof is, every revision of it, and which checks of which iterations it serves."""
    return render_evidence(request, evidence_seen(request, pk))


@login_required
@require_POST
def revise_evidence(request: PageRequest, pk: int) -> HttpResponse:
    """A link or a file takes the place of this revision."""
    found, form = evidence_seen(request, pk), WholeProofForm(request.POST, request.FILES)
    if not form.is_valid():
        return render_evidence(request, found, form=form, status=422)
    given: dict[str, Any] = {"evidence": found, "actor": request.actor, "now": clock.now(), **form.facts()}
    try:
        if form.cleaned_data["file"]:
            fresh = services.revise_with_file(file=form.cleaned_data["file"], **given)
        else:
            fresh = services.revise_with_link(url=form.cleaned_data["url"], **given)
    except DomainError as error:
        refuse(form, error)
        return render_evidence(request, found, form=form, status=error.status)
    return redirect(fresh)


@login_required
@require_POST
def take_evidence_back(request: PageRequest, pk: int) -> HttpResponse:
    found, form = evidence_seen(request, pk), WithdrawalForm(request.POST)
    if form.is_valid():
        try:
            withdraw_evidence(evidence=found, actor=request.actor, now=clock.now(), **form.cleaned_data)
            return redirect(found)
        except DomainError as error:
            refuse(form, error)
            return render_evidence(request, found, withdrawal=form, status=error.status)
    return render_evidence(request, found, withdrawal=form, status=422)


def render_evidence(
    request: PageRequest,
    evidence: Evidence,
    *,
    form: WholeProofForm | None = None,
    withdrawal: WithdrawalForm | None = None,
    status: int = 200,
) -> HttpResponse:
    project, actor, today = evidence.project, request.actor, clock.now().date()
    confidential = may(actor, Action.SEE_CONFIDENTIAL, project)
    revisions = revisions_of(evidence)
    mine = next(row for row in revisions if row.pk == evidence.pk)
    newest, current = revisions[0], current_parts(project)
    own = mine.supplied_by_id == actor.user_id
    may_take_back = may(actor, Action.WITHDRAW_EVIDENCE, project, mine=own)
    rows = proof_rows(revisions, confidential=confidential, today=today)
    context = {
        "project": project,
        "tab": "records",
        "today": today,
        "proof": next(row for row in rows if row.id == evidence.pk),
        "newest": rows[0],
        "revisions": rows,
        "made_for": _made_for(mine, current),
        "served": served_by([mine]).get(mine.pk, []),
        "may_revise": mine == newest and may_take_back,
        "may_withdraw": mine.withdrawn_at is None and may_take_back,
        "form": form or WholeProofForm(initial={"confidential": mine.confidential, **current}),
        "withdrawal": withdrawal or WithdrawalForm(initial={"version": mine.version}),
    }
    if context["may_revise"]:
        context["costs"] = _costs(actor, live_stages(mine), today)
    return render(request, "lifecycle/evidence.html", context, status=status)


def _costs(actor: Actor, stages: Sequence[Stage], today: date) -> list[str]:
    """What bringing proof to these stages takes from this person, each said once."""
    if not stages:
        return []
    project = stages[0].project
    access, roles = Membership.objects.ties(project.pk, actor.person.pk)
    owner, decides = "owner" in access, may(actor, Action.VOTE, project)
    answers = readiness_of(stages, today=today)
    costs = [
        upload_cost(stage, answers[stage.pk], actor.user_id, owner=owner, decides=decides, roles=roles)
        for stage in stages
    ]
    return list(dict.fromkeys(filter(None, map(cost_words, costs))))


def _made_for(evidence: Evidence, current: dict[str, str]) -> list[dict[str, str]]:
    """The parts that it names, with what is current today where that is something else."""
    return [
        {"part": str(label), "value": evidence.subject[part], "now": current.get(part, "")}
        for part, label in PARTS.items()
        if evidence.subject.get(part)
    ]


# --- the proof of one check


@login_required
@require_GET
def check_proof(request: PageRequest, pk: int) -> HttpResponse:
    """Everything that was ever brought to a check, and two ways to bring more: new, or what the project has."""
    return render_check_proof(request, check_seen(request, pk))


@login_required
@require_POST
def add_proof(request: PageRequest, pk: int) -> HttpResponse:
    """A new proof with all that is said about it; or `evidence`, the id of one that the project has."""
    check = check_seen(request, pk)
    if "evidence" in request.POST:
        return _choose(request, check)
    form = WholeProofForm(request.POST, request.FILES)
    if not form.is_valid():
        return render_check_proof(request, check, form=form, status=422)
    given: dict[str, Any] = {"check": check, "actor": request.actor, "now": clock.now(), **form.facts()}
    try:
        if form.cleaned_data["file"]:
            services.attach_file(file=form.cleaned_data["file"], **given)
        else:
            services.attach_link(url=form.cleaned_data["url"], **given)
    except DomainError as error:
        refuse(form, error)
        return render_check_proof(request, check, form=form, status=error.status)
    return redirect(_row_of(check))


def _choose(request: PageRequest, check: Check) -> HttpResponse:
    try:
        chosen = _of_project(request.POST["evidence"], request.actor, check.stage.project)
        services.attach_evidence(check=check, actor=request.actor, evidence=chosen, now=clock.now())
    except DomainError as error:
        return render_check_proof(request, check, banner=str(error), status=error.status)
    return redirect(_row_of(check))


def _of_project(given: str, actor: Actor, project: Project) -> Evidence:
    """Raises ValidationFailed for what this project does not have, whatever it is."""
    number = int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else 0
    found = Evidence.objects.visible_to(actor).filter(project=project, pk=number).first()
    if found is None:
        raise ValidationFailed.at("evidence", "not_found", _("The project has no such evidence."))
    return found


def render_check_proof(
    request: PageRequest, check: Check, *, form: WholeProofForm | None = None, banner: str = "", status: int = 200
) -> HttpResponse:
    project, today = check.stage.project, clock.now().date()
    confidential = may(request.actor, Action.SEE_CONFIDENTIAL, project)
    may_work = may(request.actor, Action.WORK, project) and not is_over(check)
    words = searched(request)
    links = check.evidence_links.select_related("evidence__supplied_by", "evidence__withdrawn_by")
    has = list(links.order_by("-evidence_id"))
    offered = Evidence.objects.filter(project=project).standing().newest().exclude(check_links__check_row=check)
    found, pager = paged(request, offered.titled(words).select_related("supplied_by", "withdrawn_by"))
    context = {
        "project": project,
        "tab": "stages",
        "today": today,
        "check": check,
        "text": localised(check.item.text),
        "guidance": localised(check.item.guidance),
        "back": _row_of(check),
        "banner": banner,
        "has": [
            {"row": proof_row(link.evidence, confidential=confidential, today=today), "replaced": link.replaced}
            for link in has
        ],
        "may_work": may_work,
        # Where a check is done again, proof that speaks of before the loop is refused.
        "again_since": check.stage.opened_at if check.carried == "redo" else None,
        "costs": _costs(request.actor, [check.stage], today) if may_work else [],
        "form": form or WholeProofForm(initial=current_parts(project)),
        "words": words,
        "offered": proof_rows(found, confidential=confidential, today=today) if may_work else [],
        "pager": pager,
    }
    return render(request, "lifecycle/check_proof.html", context, status=status)


def _row_of(check: Check) -> str:
    return f"/projects/{check.stage.project.key}/stages/{check.stage.key}/#check-{check.key}"
