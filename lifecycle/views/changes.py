"""What changes between two reviews of a recurring stage: the list, one change, and what one does about it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actor import Actor
from accounts.http import PageRequest
from common import clock
from common.errors import DomainError
from common.forms import refuse
from common.texts import localised
from lifecycle import selectors, services
from lifecycle.forms import ChangeForm, WithdrawChangeForm
from lifecycle.models import Change, ChangeState, Stage, StageState
from lifecycle.selectors.changes import Named, Standing
from lifecycle.views.marks import PARTS
from lifecycle.views.rows import change_rows
from projects.models import Project
from projects.permissions import Action, may

SHOWN, BESIDE = 100, 5
TONES = {"open": "wait", "in_review": "wait", "confirmed": "pass", "closed": "none"}
ICONS = {"open": "open", "in_review": "waiting", "confirmed": "met", "closed": "not_applicable"}


@login_required
@require_http_methods(["GET", "POST"])
def changes(request: PageRequest, key: str) -> HttpResponse:
    """Every change of a project, the newest first; POST opens one."""
    project = get_object_or_404(Project.objects.visible_to(request.actor), key=key)
    if request.method != "POST":
        return render_changes(request, project, ChangeForm(now=_subject(project)))
    form = ChangeForm(request.POST, now=_subject(project))
    if not form.is_valid():
        return render_changes(request, project, form, status=422)
    given = {"text": form.cleaned_data["text"], "subject": form.subject()}
    try:
        change = services.open_change(project=project, actor=request.actor, now=clock.now(), **given)
    except DomainError as error:
        refuse(form, error)
        return render_changes(request, project, form, status=error.status)
    return redirect(change)


@login_required
@require_GET
def change(request: PageRequest, pk: int) -> HttpResponse:
    return render_change(request, change_seen(request, pk))


@login_required
@require_POST
def confirm_change(request: PageRequest, pk: int) -> HttpResponse:
    found = change_seen(request, pk)
    try:
        services.confirm_change(change=found, actor=request.actor, now=clock.now())
    except DomainError as error:
        return _refused(request, found, error)
    return redirect(found)


@login_required
@require_POST
def review_change(request: PageRequest, pk: int) -> HttpResponse:
    """Ask for a review of just the checks of this change; `?despite=1` while some of them are open."""
    found, despite = change_seen(request, pk), request.GET.get("despite") == "1"
    stage = get_object_or_404(
        Stage.objects.newest().with_process(), process=found.stage.process_id, key=found.stage.key
    )
    try:
        services.request_review(
            stage=stage, actor=request.actor, despite_blockers=despite, change=found.pk, now=clock.now()
        )
    except DomainError as error:
        return _refused(request, found, error)
    return redirect(stage)


@login_required
@require_POST
def withdraw_change(request: PageRequest, pk: int) -> HttpResponse:
    found, form = change_seen(request, pk), WithdrawChangeForm(request.POST)
    if not form.is_valid():
        return render_change(request, found, form=form, status=422)
    try:
        services.withdraw_change(change=found, actor=request.actor, now=clock.now(), **form.cleaned_data)
    except DomainError as error:
        refuse(form, error)
        return render_change(request, found, form=form, status=error.status)
    return redirect(found)


def change_seen(request: PageRequest, pk: int) -> Change:
    return get_object_or_404(Change.objects.visible_to(request.actor).with_process(), pk=pk)


def _refused(request: PageRequest, found: Change, error: DomainError) -> HttpResponse:
    return render_change(request, found, banner=str(error), status=error.status)


def render_changes(request: PageRequest, project: Project, form: ChangeForm, *, status: int = 200) -> HttpResponse:
    rows = list(Change.objects.with_process().filter(stage__process__project=project)[:SHOWN])
    standing = {
        one.change.pk: one for one in selectors.standing_of([row for row in rows if row.is_running], today=_today())
    }
    lane = lane_of(project)
    context = {
        "project": project,
        "today": _today(),
        "tab": "stages",
        "rows": [_row(row, standing.get(row.pk)) for row in rows],
        "lane": lane,
        "form": form if lane and may(request.actor, Action.WORK, project) else None,
    }
    return render(request, "lifecycle/changes.html", context, status=status)


def beside_gate(stage: Stage, *, works: bool) -> dict[str, Any] | None:
    """The section of a recurring stage's pages, for who `works` in the project with a way to open one.

    None at every other stage.
    """
    if not stage.definition.recurring:
        return None
    rows = Change.objects.of_process(stage.process_id).select_related("opened_by", "closed_by")[:BESIDE]
    return {"rows": [_row(row, None) for row in rows], "opens": works and stage.state == StageState.ACTIVE}


def render_change(
    request: PageRequest,
    found: Change,
    *,
    form: WithdrawChangeForm | None = None,
    banner: str = "",
    status: int = 200,
) -> HttpResponse:
    found = Change.objects.with_process().get(pk=found.pk)
    standing, actor, project = selectors.standing_of([found], today=_today())[0], request.actor, found.stage.project
    mine = found.opened_by_id == actor.user_id or may(actor, Action.EDIT_PROJECT, project)
    opened = found.state == ChangeState.OPEN
    runs = opened and not standing.elsewhere
    context = {
        "project": project,
        "change": found,
        "today": _today(),
        "tab": "stages",
        "banner": banner,
        "verdict": _headline(standing),
        "moved": _moved(found),
        "rows": change_rows(standing, actor) if found.is_running else [],
        "named": [_named(named) for named in standing.checks],
        "confirm": _confirms(standing, actor) if runs and not found.material else None,
        "review_url": found.stage.get_absolute_url() if found.state == ChangeState.IN_REVIEW else "",
        "asks": runs and may(actor, Action.REQUEST_REVIEW, project),
        "ready": standing.ready,
        "overtaken": opened and not runs,
        "form": (form or WithdrawChangeForm()) if opened and mine else None,
    }
    return render(request, "lifecycle/change.html", context, status=status)


def _confirms(standing: Standing, actor: Actor) -> dict[str, Any]:
    """The button, or why this reader has none."""
    try:
        services.may_confirm(actor, standing.change)
        services.kept_apart(standing, actor)
    except DomainError as refusal:
        return {"refusal": str(refusal)}
    return {"ready": standing.ready}


def _headline(standing: Standing) -> dict[str, Any]:
    found, left, total = standing.change, len(standing.left), len(standing.checks)
    if found.state == ChangeState.OPEN and standing.elsewhere:
        parts = ", ".join(f"{PARTS[part]}: {value or '–'}" for part, value in standing.elsewhere.items())
        words = _("What runs is something else by now (%(parts)s). Withdraw it, or make its values current again.")
        return {"word": _("Overtaken."), "tone": "stale", "rest": _after(words % {"parts": parts})}
    if found.state == ChangeState.OPEN and left:
        words = ngettext(
            "%(n)s of %(total)s check is to be met again before this change is settled.",
            "%(n)s of %(total)s checks are to be met again before this change is settled.",
            total,
        )
        return {"word": _("Not settled."), "tone": "stale", "rest": _after(words % {"n": left, "total": total})}
    if found.state == ChangeState.OPEN:
        return {"word": _("Ready."), "tone": "waiting", "rest": _after(_next_step(standing))}
    if found.state == ChangeState.IN_REVIEW:
        return {"word": _("In review."), "tone": "waiting", "rest": _after(_("A round decides this change."))}
    confirmed = found.state == ChangeState.CONFIRMED
    rest = (
        _("What changed is settled.") if confirmed else _("It was closed without being confirmed; the subject stays.")
    )
    word, tone = (_("Confirmed."), "pass") if confirmed else (_("Closed."), "none")
    return {"word": word, "tone": tone, "rest": _after(rest), "sign": confirmed}


def _after(sentence: str) -> str:
    """A sentence that follows the headline's word."""
    return pgettext("after a word of the headline", " %(sentence)s") % {"sentence": sentence}


def _next_step(standing: Standing) -> str:
    if standing.change.material:
        return _("All its checks are met again; one of them is material, so a review decides.")
    if standing.change.stage.level == "lean":
        return _("All its checks are met again; whoever works in the project confirms it.")
    return _("All its checks are met again; a gatekeeper confirms it.")


def _row(found: Change, standing: Standing | None) -> dict[str, Any]:
    return {
        "text": found.text,
        "url": found.get_absolute_url(),
        "state": found.get_state_display(),
        "tone": TONES[found.state],
        "icon": ICONS[found.state],
        "moved": _moved(found),
        "checks": len(found.checks),
        "left": len(standing.left) if standing else None,
        "material": found.material,
        "by": found.opened_by.display_name,
        "on": found.opened_at,
    }


def _moved(found: Change) -> list[dict[str, Any]]:
    return [{"part": PARTS[part], "was": was, "now": now} for part, (was, now) in found.moved.items()]


def _named(named: Named) -> dict[str, str]:
    return {"text": localised(named.one.check.item.text), "stage": localised(named.stage.definition.name)}


def lane_of(project: Project) -> bool:
    """Whether changes are opened now."""
    stage = Stage.objects.current().with_process().filter(process__project=project).first()
    return stage is not None and stage.state == StageState.ACTIVE and stage.definition.recurring


def _subject(project: Project) -> dict[str, str]:
    stage = Stage.objects.current().with_process().filter(process__project=project).first()
    return selectors.subject_of(stage) if stage else {}


def _today() -> Any:
    return clock.now().date()
