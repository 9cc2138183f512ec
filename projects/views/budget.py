from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.http import PageRequest
from common import clock
from common.paging import paged
from projects import services
from projects.forms import BudgetLineForm, SpendForm
from projects.models import BudgetLine, Project, Spend
from projects.permissions import Action, may
from projects.selectors import budget_of
from projects.views.steps import project_of, took


@login_required
@require_safe
def project_budget(request: PageRequest, key: str) -> HttpResponse:
    """Planned and spent, line by line."""
    return _page(request, project_of(request, key))


@login_required
@require_POST
def add_budget_line(request: PageRequest, key: str) -> HttpResponse:
    project, form = project_of(request, key), BudgetLineForm(request.POST)
    if took(
        form,
        lambda: services.add_budget_line(project=project, actor=request.actor, now=clock.now(), **form.facts()),
    ):
        return redirect("project-budget", key)
    return _page(request, project, status=422, line_form=form)


@login_required
@require_POST
def edit_budget_line(request: PageRequest, key: str, pk: int) -> HttpResponse:
    project = project_of(request, key)
    line = get_object_or_404(BudgetLine.objects.visible_to(request.actor), project=project, pk=pk)
    form = BudgetLineForm(request.POST)
    if took(
        form,
        lambda: services.update_budget_line(
            line=line,
            actor=request.actor,
            now=clock.now(),
            version=form.cleaned_data["version"] or 0,
            **form.facts(),
        ),
    ):
        return redirect("project-budget", key)
    return _page(request, project, status=422, edit_form=form, edited=line.pk)


@login_required
@require_POST
def add_spend(request: PageRequest, key: str) -> HttpResponse:
    project = project_of(request, key)
    form = SpendForm(request.POST, project=project)
    if took(form, lambda: services.add_spend(actor=request.actor, now=clock.now(), **form.cleaned_data)):
        return redirect("project-budget", key)
    return _page(request, project, status=422, spend_form=form)


def _page(
    request: PageRequest, project: Project, status: int = 200, edited: int | None = None, **given: forms.Form
) -> HttpResponse:
    budget = budget_of(project)
    spends = Spend.objects.filter(line__project=project).select_related("line", "entered_by")
    booked, pager = paged(request, spends)
    rows = [
        {"figures": row, "form": given["edit_form"] if row.line.pk == edited else BudgetLineForm.of(row.line)}
        for row in budget.lines
    ]
    context: dict[str, Any] = {
        "project": project,
        "budget": budget,
        "rows": rows,
        "edited": edited,
        "spends": booked,
        "pager": pager,
        "may_edit": may(request.actor, Action.EDIT_PROJECT, project),
        "line_form": given.get("line_form") or BudgetLineForm(auto_id="line-%s"),
        "spend_form": given.get("spend_form") or SpendForm(project=project, auto_id="spend-%s"),
    }
    return render(request, "projects/budget.html", context, status=status)
