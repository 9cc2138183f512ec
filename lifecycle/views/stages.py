"""A project's stages and the checks of one of them, as places to work."""

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.http import PageRequest
from common import clock
from common.errors import DomainError
from common.forms import refuse
from common.texts import localised
from lifecycle import selectors, services
from lifecycle.criteria import Readiness
from lifecycle.forms import HoldForm, StagePlanForm
from lifecycle.models import Stage
from lifecycle.views import shown
from lifecycle.views.changes import beside_gate
from lifecycle.views.gates import stage_seen
from lifecycle.views.rows import work_groups
from projects.models import Project
from projects.permissions import Action, may


@login_required
@require_GET
def stages(request: PageRequest, key: str) -> HttpResponse:
    """All stages of a project with their plan, state and how many checks are met.

    Earlier iterations below their own.
    """
    rows = list(
        Stage.objects.visible_to(request.actor).of_project(key).with_process().order_by("position", "-iteration")
    )
    project = get_object_or_404(Project.objects.visible_to(request.actor), key=key)
    return render_stages(request, project, rows)


def render_stages(
    request: PageRequest, project: Project, rows: list[Stage], *, form: HoldForm | None = None, status: int = 200
) -> HttpResponse:
    today = clock.now().date()
    current = [stage for stage in rows if not stage.superseded]
    answers = selectors.readiness_of(current, today=today)
    context = {
        "project": project,
        "tab": "stages",
        "today": today,
        "rows": [_stage_row(stage, answers[stage.pk], rows) for stage in current],
        "may_hold": may(request.actor, Action.CHANGE_STATE, project),
        "form": form or HoldForm(),
    }
    return render(request, "lifecycle/stages.html", context, status=status)


@login_required
@require_GET
def stage(request: PageRequest, key: str, stage: str) -> HttpResponse:
    return render_stage(request, stage_seen(request, key, stage))


@login_required
@require_POST
def plan_stage(request: PageRequest, key: str, stage: str) -> HttpResponse:
    found, form = stage_seen(request, key, stage), StagePlanForm(request.POST)
    if form.is_valid():
        try:
            services.schedule_stage(stage=found, actor=request.actor, now=clock.now(), **form.cleaned_data)
            return redirect("stage", key, stage)
        except DomainError as error:
            refuse(form, error)
            return render_stage(request, found, form=form, status=error.status)
    return render_stage(request, found, form=form, status=422)


@login_required
@require_POST
def hold(request: PageRequest, key: str) -> HttpResponse:
    project, form = get_object_or_404(Project.objects.visible_to(request.actor), key=key), HoldForm(request.POST)
    if form.is_valid():
        try:
            services.hold_project(project=project, actor=request.actor, now=clock.now(), **form.cleaned_data)
            return redirect(project)
        except DomainError as error:
            refuse(form, error)
    rows = list(Stage.objects.of_project(key).with_process().order_by("position", "-iteration"))
    return render_stages(request, project, rows, form=form, status=422)


@login_required
@require_POST
def resume(request: PageRequest, key: str) -> HttpResponse:
    project = get_object_or_404(Project.objects.visible_to(request.actor), key=key)
    services.resume_project(project=project, actor=request.actor, now=clock.now())
    return redirect(project)


def render_stage(
    request: PageRequest, stage: Stage, *, form: StagePlanForm | None = None, status: int = 200
) -> HttpResponse:
    project, today = stage.project, clock.now().date()
    answer = selectors.readiness(stage, today=today)
    plan = {"starts_on": stage.starts_on, "due_on": stage.due_on, "version": stage.version}
    context = {
        "project": project,
        "stage": stage,
        "stage_name": localised(stage.definition.name),
        "purpose": localised(stage.definition.purpose),
        "deliverables": [localised(text) for text in stage.definition.deliverables],
        "gate_name": localised(stage.definition.gate_name),
        "verdict": shown.headline(stage, answer) if stage.ended_at is None else None,
        "groups": work_groups(answer, request.actor, stage, frozen=selectors.frozen_states(stage)),
        "may_plan": may(request.actor, Action.EDIT_PROJECT, project),
        "form": form or StagePlanForm(initial=plan),
        "mini": shown.mini(stage, answer.verdict.value),
        "changes": beside_gate(stage, works=may(request.actor, Action.WORK, project)),
        "today": today,
        "tab": "stages",
    }
    return render(request, "lifecycle/stage.html", context, status=status)


def _stage_row(stage: Stage, answer: Readiness, rows: list[Stage]) -> dict[str, Any]:
    definition = stage.definition
    earlier = [one for one in rows if one.key == stage.key and one.superseded]
    over = stage.ended_at is not None
    return {
        "number": stage.position,
        "name": localised(definition.name),
        "gate": localised(definition.gate_name),
        "url": f"/projects/{stage.project.key}/stages/{stage.key}/",
        "gate_url": stage.get_absolute_url(),
        "state": stage.get_state_display(),
        "tone": "pass"
        if stage.state in {"passed", "passed_before"}
        else answer.verdict.value
        if stage.is_current
        else "none",
        "sign": answer.verdict.value if stage.is_current else "",
        "current": stage.is_current,
        "over": over,
        "decision": stage.decision,
        "met": answer.required if over else answer.met,
        "required": answer.required,
        "starts_on": stage.starts_on,
        "due_on": stage.due_on,
        "ended_on": stage.ended_at.date() if stage.ended_at else None,
        "iteration": stage.iteration,
        "earlier": [
            _("run %(n)s: %(state)s %(day)s")
            % {
                "n": one.iteration,
                "state": one.get_state_display(),
                "day": shown.number_day(_ended(one), answer.facts.today),
            }
            for one in earlier
        ],
    }


def _ended(stage: Stage) -> date:
    return (stage.ended_at or stage.opened_at).date()
