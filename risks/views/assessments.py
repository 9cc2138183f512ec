from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.http import PageRequest
from common import clock
from common.errors import DomainError
from common.forms import refuse
from common.texts import localised
from projects.models import Project
from projects.permissions import Action, may, roles_of
from risks import selectors, services
from risks.forms import AnswersForm
from risks.models import Assessment, AssessmentState


@login_required
@require_GET
def assessment(request: PageRequest, key: str, questionnaire: str) -> HttpResponse:
    """A questionnaire of the project: the latest attempt, to be filled in, read or signed."""
    project, asked = _asked(request, key, questionnaire)
    row = _latest(project, questionnaire)
    return _page(request, project, asked, row, _form(asked, row))


@login_required
@require_POST
def begin(request: PageRequest, key: str, questionnaire: str) -> HttpResponse:
    """A new attempt, with the answers of the last one."""
    project, asked = _asked(request, key, questionnaire)
    row = _latest(project, questionnaire)
    answers = row.answers if row else {}
    services.save_assessment(project=project, actor=request.actor, key=asked["key"], answers=answers, now=clock.now())
    return redirect("assessment", project.key, questionnaire)


@login_required
@require_POST
def answer(request: PageRequest, key: str, questionnaire: str) -> HttpResponse:
    """Keep the draft's answers; the button "hand in" (`step=submit`) also asks for the signatures."""
    project, asked = _asked(request, key, questionnaire)
    row = get_object_or_404(Assessment.objects.drafts(), project=project, key=questionnaire)
    form = AnswersForm(request.POST, questionnaire=asked)
    if form.is_valid():
        try:
            _save(request, row, form)
            return redirect("assessment", project.key, questionnaire)
        except DomainError as error:
            _refuse(form, error)
    return _page(request, project, asked, row, form, status=422)


@login_required
@require_POST
def sign(request: PageRequest, key: str, questionnaire: str) -> HttpResponse:
    """Approve the attempt that was read, in the role one holds."""
    project, asked = _asked(request, key, questionnaire)
    rows = Assessment.objects.visible_to(request.actor).select_related("project")
    given = request.POST.get("assessment", "")
    pk = int(given) if given.isdecimal() and len(given) < 19 else 0
    row = get_object_or_404(rows, pk=pk, project=project, key=questionnaire)
    form = _form(asked, row)
    try:
        services.sign_assessment(assessment=row, actor=request.actor, now=clock.now())
        return redirect("assessment", project.key, questionnaire)
    except DomainError as error:
        return _page(request, project, asked, row, form, refusal=str(error), status=error.status)


def _save(request: PageRequest, row: Assessment, form: AnswersForm) -> None:
    now, version = clock.now(), form.cleaned_data["version"] or row.version
    services.answer_assessment(assessment=row, actor=request.actor, answers=form.answers(), version=version, now=now)
    if request.POST.get("step") == "submit":
        services.submit_assessment(assessment=row, actor=request.actor, now=now)


def _refuse(form: AnswersForm, error: DomainError) -> None:
    """A question left open stands at its own field."""
    open_ones = [item.pointer.removeprefix("/answers/") for item in error.errors]
    if not open_ones:
        refuse(form, error)
    for name, item in zip(open_ones, error.errors, strict=True):
        form.add_error(name if name in form.fields else None, str(item.detail))


def _asked(request: PageRequest, key: str, questionnaire: str) -> tuple[Project, dict[str, Any]]:
    project = get_object_or_404(Project.objects.visible_to(request.actor), key=key)
    found = services.project_questionnaires().get(questionnaire)
    if found is None:
        raise Http404
    return project, found


def _latest(project: Project, questionnaire: str) -> Assessment | None:
    rows = Assessment.objects.newest().filter(project=project, key=questionnaire)
    return rows.select_related("project", "filled_by").prefetch_related("signatures__signed_by").first()


def _form(asked: dict[str, Any], row: Assessment | None) -> AnswersForm:
    initial = {**row.answers, "version": row.version} if row else {}
    return AnswersForm(initial=initial, questionnaire=asked)


def _page(
    request: PageRequest,
    project: Project,
    asked: dict[str, Any],
    row: Assessment | None,
    form: AnswersForm,
    *,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    signatures = list(row.signatures.all()) if row else []
    signed = {signature.role for signature in signatures}
    held = roles_of(request.actor.person, project)
    mine = [role for role in asked["approves"] if role in held and role not in signed]
    is_draft = row is not None and row.state == AssessmentState.DRAFT
    context = {
        "project": project,
        "tab": "risks",
        "asked": asked,
        "name": localised(asked["name"]),
        "row": row,
        "form": form,
        "refusal": refusal,
        "today": clock.now().date(),
        "fills": is_draft and may(request.actor, Action.WORK, project),
        "writes": may(request.actor, Action.WORK, project),
        "signatures": [(selectors.role_name(signature.role), signature) for signature in signatures],
        "missing": [selectors.role_name(role) for role in asked["approves"] if role not in signed],
        "signs_as": selectors.role_name(mine[0]) if mine and may(request.actor, Action.SIGN, project) else "",
        "filled_by_me": row is not None and row.fillers.filter(pk=request.actor.user_id).exists(),
        "shortfall": selectors.shortfall(asked, row.answers) if row else None,
    }
    return render(request, "risks/assessment.html", context, status=status)
