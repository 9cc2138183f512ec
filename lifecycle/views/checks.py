"""What people do on a check's row: answer, prove, waive. Each answers with the row, or goes back to where it stood."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.http import PageRequest
from accounts.models import User
from common import clock
from common.errors import DomainError, ValidationFailed, VersionMismatch
from common.forms import first_error, refuse
from common.redirects import back, place_of
from lifecycle import selectors, services
from lifecycle.forms import AnswerForm, ProofForm, RowWithdrawalForm, WaiverForm
from lifecycle.models import Check
from lifecycle.views.rows import filled_in, one_row
from records.models import Evidence
from records.services import withdraw_evidence


def check_seen(request: PageRequest, pk: int) -> Check:
    checks = Check.objects.visible_to(request.actor).asked().select_related("stage__process__project__subject")
    return get_object_or_404(checks, pk=pk)


@login_required
@require_POST
def answer(request: PageRequest, pk: int) -> HttpResponse:
    """Fields that are not in the form are left as they are."""
    check, form = check_seen(request, pk), AnswerForm(request.POST, auto_id=f"answer-{pk}-%s")
    if not form.is_valid():
        return _row(request, check, form=form, status=422)
    changes = {name: form.cleaned_data[name] for name in ("note", "due_on") if name in request.POST}
    if state := form.cleaned_data["state"]:
        changes["state"] = state
    try:
        if "assignee" in request.POST:
            changes["assignee"] = _person(form.cleaned_data["assignee"])
        services.answer_check(
            check=check, actor=request.actor, version=form.cleaned_data["version"], now=clock.now(), **changes
        )
    except VersionMismatch as error:
        return _row(request, check, refused=str(error), form=_anew(form, error.current), status=error.status)
    except DomainError as error:
        return _row(request, check, refused=_told(form, error), form=form, status=error.status)
    return _row(request, check)


@login_required
@require_POST
def attach(request: PageRequest, pk: int) -> HttpResponse:
    """A link or a file, dropped or pasted on the row."""
    check, form = check_seen(request, pk), ProofForm(request.POST, request.FILES)
    if not form.is_valid():
        return _row(request, check, refused=first_error(form), status=422)
    given, now = form.cleaned_data, clock.now()
    try:
        if given["file"]:
            services.attach_file(check=check, actor=request.actor, file=given["file"], title=given["title"], now=now)
        else:
            services.attach_link(check=check, actor=request.actor, url=given["url"], title=given["title"], now=now)
    except DomainError as error:
        return _row(request, check, refused=str(error), status=error.status)
    return _row(request, check)


@login_required
@require_POST
def withdraw(request: PageRequest, pk: int) -> HttpResponse:
    """A proof on the row is taken back, with its reason: it stays readable, struck through, and counts no more."""
    check, form = check_seen(request, pk), RowWithdrawalForm(request.POST)
    if not form.is_valid():
        return _row(request, check, refused=first_error(form), status=422)
    given = form.cleaned_data
    proofs = Evidence.objects.visible_to(request.actor).filter(check_links__check_row=check)
    proof = get_object_or_404(proofs.select_related("project"), pk=given.pop("evidence"))
    try:
        withdraw_evidence(evidence=proof, actor=request.actor, now=clock.now(), **given)
    except DomainError as error:
        return _row(request, check, refused=str(error), status=error.status)
    return _row(request, check)


@login_required
@require_POST
def waive(request: PageRequest, pk: int) -> HttpResponse:
    check, form = check_seen(request, pk), WaiverForm(request.POST, auto_id=f"waive-{pk}-%s")
    if not form.is_valid():
        return _row(request, check, form=form, status=422)
    try:
        services.waive_check(check=check, actor=request.actor, now=clock.now(), **form.cleaned_data)
    except DomainError as error:
        return _row(request, check, refused=_told(form, error), form=form, status=error.status)
    return _row(request, check)


def _row(
    request: PageRequest,
    check: Check,
    *,
    refused: str = "",
    form: AnswerForm | WaiverForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The row as it is now; `form` is shown on it as it was filled in, with what is wrong at its fields."""
    fresh, today = check_seen(request, check.pk), clock.now().date()
    if not request.htmx and status < 400:
        return back(request, _stage_of(fresh))
    answer = selectors.readiness(fresh.stage, today=today)
    row = one_row(fresh, answer, request.actor)
    row["refused"] = filled_in(row, form, refused, overtaken=status == VersionMismatch.status) if form else refused
    if refused and "drop" in row:
        row["drop"] = row["drop"] | {"typed": request.POST.get("url", "")}
    for proof in row.get("withdraw", ()) if refused else ():
        proof["typed"] = (
            request.POST.get("reason", "") if request.POST.get("evidence") == str(proof["evidence"]) else ""
        )
    template = "lifecycle/_work_check.html" if request.htmx else "lifecycle/check.html"
    context = {
        "check": row,
        "today": today,
        "project": fresh.stage.project,
        "back": place_of(request, _stage_of(fresh)),
        "tab": "stages",
    }
    return render(request, template, context, status=status)


def _stage_of(check: Check) -> str:
    return f"/projects/{check.stage.project.key}/stages/{check.stage.key}/#check-{check.key}"


def _person(name: str) -> User | None:
    if not name:
        return None
    user = User.objects.active(clock.now().date()).named(name).first()
    if user is None:
        raise ValidationFailed.at("assignee", "not_found", _("Nobody of this name is here."))
    return user


def _told(form: AnswerForm | WaiverForm, error: DomainError) -> str:
    """Put a refusal on the form. What no other input would mend is returned, to be said above the row's forms."""
    try:
        refuse(form, error)
    except DomainError:
        return str(error)
    return ""


def _anew(form: AnswerForm, version: int) -> AnswerForm:
    """The form as it was filled in; sent again it replaces what somebody else wrote meanwhile."""
    form.data = {name: form.data[name] for name in form.data} | {"version": str(version)}
    return form
