"""My work: the list is the tool. A row posts here and gets itself back, done or refused."""

from dataclasses import replace
from datetime import date

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.http import PageRequest
from common import clock
from common.errors import DomainError
from common.texts import as_read
from lifecycle import services
from lifecycle.forms import AnswerForm, ProofForm
from lifecycle.models import Check
from lifecycle.selectors import readiness
from overview.forms.work import ActionDoneForm
from overview.selectors.story import story_of
from overview.selectors.work import Press, Proof, Row, action_row, check_row, seats_of, work_of
from overview.services.outlooks import refresh_outlooks
from overview.views.words import work_headline
from projects import services as projects
from projects.models import Action, Project

TOLD = "story"


@login_required
@require_GET
def my_work(request: PageRequest) -> HttpResponse:
    """Everything that waits for the reader; in the demo, first, what there is to see."""
    now = clock.now()
    refresh_outlooks(
        projects=Project.objects.filter(pk__in=[seat.project.pk for seat in seats_of(request.actor)]), now=now
    )
    day = work_of(request.actor, now=now)
    # The number in the sidebar is that of the rows below it.
    request.work_count = len(day.rows)  # type: ignore[attr-defined]  # read by overview.context
    context = {"day": day, "headline": work_headline(day, now.date()), "story": None}
    if settings.DEMO and request.COOKIES.get(TOLD) != "told":
        context["story"] = story_of(request.actor, today=now.date())
    return render(request, "overview/work.html", context)


@login_required
@require_POST
def answer(request: PageRequest, pk: int) -> HttpResponseBase:
    """Tick, sign, or take that back."""
    check, form = _check(request, pk), AnswerForm(request.POST)
    if not form.is_valid():
        return _refused(request, check, _first(form), 422)
    changes = {"state": form.cleaned_data["state"] or "met"}
    if form.cleaned_data["note"]:
        changes["note"] = form.cleaned_data["note"]
    try:
        services.answer_check(
            check=check, actor=request.actor, version=form.cleaned_data["version"], now=clock.now(), **changes
        )
    except DomainError as error:
        return _refused(request, check, str(error), error.status)
    fresh = _check(request, pk)
    row = _row(fresh, clock.now().date())
    if changes["state"] == "met":
        row = _done(row, fresh, Proof(_("signed") if fresh.kind == "approval" else _("met"), icon="met"))
    return _answered(request, row)


@login_required
@require_POST
def prove(request: PageRequest, pk: int) -> HttpResponseBase:
    """A link or a file, dropped or pasted on the row."""
    check, form, now = _check(request, pk), ProofForm(request.POST, request.FILES), clock.now()
    if not form.is_valid():
        return _refused(request, check, _first(form), 422)
    given = form.cleaned_data
    try:
        if given["file"]:
            evidence = services.attach_file(check=check, actor=request.actor, file=given["file"], now=now)
        else:
            evidence = services.attach_link(
                check=check, actor=request.actor, url=given["url"], title=given["title"], now=now
            )
    except DomainError as error:
        return _refused(request, check, str(error), error.status)
    page = reverse("evidence", args=[evidence.pk])
    row = _done(_row(_check(request, pk), now.date()), None, Proof(as_read(evidence.title)[:60], url=page))
    # Proof is not undone but withdrawn, with a reason: that is said on its page.
    return _answered(request, replace(row, action=Press(_("Withdraw"), f"{page}#withdraw", ghost=True)))


@login_required
@require_POST
def finish(request: PageRequest, pk: int) -> HttpResponseBase:
    """An action is done, or after all not."""
    actions = Action.objects.visible_to(request.actor).select_related("project", "condition__review__stage")
    action, form, now = get_object_or_404(actions, pk=pk), ActionDoneForm(request.POST), clock.now()
    row = action_row(action, now.date())
    if not form.is_valid():
        return _answered(request, replace(row, refused=True, plain=_first(form)), 422)
    done = form.cleaned_data["state"] != "open"
    try:
        action = projects.complete_action(
            action=action, actor=request.actor, version=form.cleaned_data["version"], done=done, now=now
        )
    except DomainError as error:
        return _answered(request, replace(row, refused=True, plain=str(error)), error.status)
    row = action_row(action, now.date())
    if done:
        undo = Press(_("Undo"), f"/work/actions/{pk}/done/", "post", "u", fields=_undo(action.version), ghost=True)
        row = replace(row, done=True, action=undo, drop=None)
    return _answered(request, row)


def _check(request: PageRequest, pk: int) -> Check:
    checks = Check.objects.visible_to(request.actor).asked().select_related("stage__process__project__subject")
    return get_object_or_404(checks, pk=pk)


def _row(check: Check, today: date) -> Row:
    answered = readiness(check.stage, today=today)
    return check_row(check.stage, answered.of(check.key), answered, today, {})


def _done(row: Row, check: Check | None, proof: Proof) -> Row:
    undo = None
    if check is not None:
        undo = Press(
            _("Undo"), f"/work/checks/{check.pk}/answer/", "post", "u", fields=_undo(check.version), ghost=True
        )
    return replace(row, done=True, drop=None, spark=None, plain="", value=None, proof=proof, action=undo)


def _undo(version: int) -> dict[str, str]:
    return {"state": "open", "version": str(version)}


def _refused(request: PageRequest, check: Check, said: str, status: int) -> HttpResponseBase:
    row = _row(_check(request, check.pk), clock.now().date())
    drop = replace(row.drop, refused=said, typed=request.POST.get("url", "")) if row.drop else None
    return _answered(request, replace(row, refused=True, drop=drop, plain="" if drop else said, current=True), status)


def _answered(request: PageRequest, row: Row, status: int = 200) -> HttpResponseBase:
    if request.htmx:
        return render(request, "components/_todo.html", {"row": replace(row, current=True)}, status=status)
    if status >= 400:
        return render(request, "overview/work_row.html", {"row": row}, status=status)
    return redirect("/")


def _first(form: AnswerForm | ProofForm | ActionDoneForm) -> str:
    return next(str(error) for errors in form.errors.values() for error in errors)
