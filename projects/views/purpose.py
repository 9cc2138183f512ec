from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts.http import PageRequest
from common import clock
from projects import services
from projects.forms import GoalForm, StakeholderForm, VersionForm
from projects.models import Goal, Project, Stakeholder
from projects.views.settings import settings_page
from projects.views.steps import project_of, took


@login_required
@require_POST
def add_goal(request: PageRequest, key: str) -> HttpResponse:
    project, form = project_of(request, key), GoalForm(request.POST)

    def act() -> None:
        services.add_goal(project=project, actor=request.actor, now=clock.now(), **form.facts())

    return _answer(request, project, form, act, "goals", goal_form=form)


@login_required
@require_POST
def edit_goal(request: PageRequest, key: str, pk: int) -> HttpResponse:
    project, form = project_of(request, key), GoalForm(request.POST)
    goal = get_object_or_404(Goal.objects.visible_to(request.actor).select_related("project"), project=project, pk=pk)

    def act() -> None:
        version = form.cleaned_data["version"] or 0
        services.update_goal(goal=goal, actor=request.actor, now=clock.now(), version=version, **form.facts())

    return _answer(request, project, form, act, "goals", refused=form)


@login_required
@require_POST
def remove_goal(request: PageRequest, key: str, pk: int) -> HttpResponse:
    project, form = project_of(request, key), VersionForm(request.POST)
    goal = get_object_or_404(Goal.objects.visible_to(request.actor).select_related("project"), project=project, pk=pk)

    def act() -> None:
        version = form.cleaned_data["version"]
        services.remove_goal(goal=goal, actor=request.actor, now=clock.now(), version=version)

    return _answer(request, project, form, act, "goals", refused=form)


@login_required
@require_POST
def add_stakeholder(request: PageRequest, key: str) -> HttpResponse:
    project, form = project_of(request, key), StakeholderForm(request.POST)

    def act() -> None:
        services.add_stakeholder(project=project, actor=request.actor, now=clock.now(), **form.facts())

    return _answer(request, project, form, act, "stakeholders", stakeholder_form=form)


@login_required
@require_POST
def edit_stakeholder(request: PageRequest, key: str, pk: int) -> HttpResponse:
    project, form = project_of(request, key), StakeholderForm(request.POST)
    rows = Stakeholder.objects.visible_to(request.actor).select_related("project")
    stakeholder = get_object_or_404(rows, project=project, pk=pk)

    def act() -> None:
        version = form.cleaned_data["version"] or 0
        services.update_stakeholder(
            stakeholder=stakeholder, actor=request.actor, now=clock.now(), version=version, **form.facts()
        )

    return _answer(request, project, form, act, "stakeholders", refused=form)


@login_required
@require_POST
def remove_stakeholder(request: PageRequest, key: str, pk: int) -> HttpResponse:
    project, form = project_of(request, key), VersionForm(request.POST)
    rows = Stakeholder.objects.visible_to(request.actor).select_related("project")
    stakeholder = get_object_or_404(rows, project=project, pk=pk)

    def act() -> None:
        version = form.cleaned_data["version"]
        services.remove_stakeholder(stakeholder=stakeholder, actor=request.actor, now=clock.now(), version=version)

    return _answer(request, project, form, act, "stakeholders", refused=form)


def _answer(
    request: PageRequest, project: Project, form: forms.Form, act: Callable[[], Any], place: str, **given: forms.Form
) -> HttpResponse:
    """Back to the list, or the page again with the refusal on the form."""
    if took(form, act):
        return redirect(f"/projects/{project.key}/settings/#{place}")
    return settings_page(request, project, status=422, given=given)
