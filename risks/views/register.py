from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.http import PageRequest
from common import clock
from common.drawing import risk_grid
from common.errors import DomainError, VersionMismatch
from common.forms import refuse
from common.paging import paged
from journal.models import Entry
from projects.models import Project, ProjectState
from projects.permissions import Action, may, require
from risks import selectors, services
from risks.forms import AcceptanceForm, NewRiskForm, RiskFilter, RiskForm, from_library, library_choices
from risks.models import Risk, RiskQuerySet


def listed(rows: RiskQuerySet, today: date) -> RiskQuerySet:
    """Everything a row shows, highest score first."""
    whole = rows.with_score().with_acceptance(today).select_related("project", "owner")
    return whole.highest_first()


@login_required
@require_GET
def all_risks(request: PageRequest) -> HttpResponse:
    """The risks of every project one may see, filtered by the address."""
    today = clock.now().date()
    form = RiskFilter(request.GET)
    seen = Risk.objects.visible_to(request.actor).exclude(project__state=ProjectState.ARCHIVED)
    rows = form.narrow(listed(seen, today))
    risks, pager = paged(request, rows)
    context = {
        "risks": risks,
        "pager": pager,
        "filter": form,
        "set_filters": form.set_filters(),
        "unaccepted": rows.open().at_levels(["high", "critical"]).covered(yes=False).count(),
        "cells": selectors.heat(form.narrow(seen.with_score().with_acceptance(today))),
    }
    return render(request, "risks/all.html", context)


@login_required
@require_GET
def register(request: PageRequest, key: str) -> HttpResponse:
    """The register of one project; `?library=` starts a new risk from the library's words."""
    project = get_object_or_404(Project.objects.visible_to(request.actor), key=key)
    form = NewRiskForm(project=project, initial=from_library(request.GET.get("library", "")))
    return _register(request, project, form)


@login_required
@require_POST
def create(request: PageRequest, key: str) -> HttpResponse:
    project = get_object_or_404(Project.objects.visible_to(request.actor), key=key)
    form = NewRiskForm(request.POST, project=project)
    if form.is_valid():
        try:
            found = services.create_risk(project=project, actor=request.actor, now=clock.now(), **form.given())
            return redirect("risk", found.pk)
        except DomainError as error:
            refuse(form, error)
    return _register(request, project, form, status=422)


def _register(request: PageRequest, project: Project, form: NewRiskForm, status: int = 200) -> HttpResponse:
    today = clock.now().date()
    rows = listed(Risk.objects.filter(project=project), today)
    risks = list(rows)
    still = [risk for risk in risks if risk.state == "open"]
    context = {
        "project": project,
        "tab": "risks",
        "form": form,
        "writes": may(request.actor, Action.WORK, project),
        "library": library_choices(),
        "risks": still,
        "closed": [risk for risk in risks if risk.state != "open"],
        "unaccepted": [risk for risk in still if risk.needs_acceptance],
        "cells": selectors.heat(Risk.objects.filter(project=project).open()),
        "questionnaires": selectors.questionnaire_states(project, services.project_questionnaires(), today),
    }
    return render(request, "risks/register.html", context, status=status)


@login_required
@require_GET
def risk(request: PageRequest, pk: int) -> HttpResponse:
    """One risk: its three scores, what is done about it, who accepted it, and how it came here."""
    found = _risk(request, pk)
    form = RiskForm(project=found.project, initial=RiskForm.values_of(found))
    return _page(request, found, form, AcceptanceForm(initial={"plan": found.treatment_plan}))


@login_required
@require_POST
def change(request: PageRequest, pk: int) -> HttpResponse:
    """Save the form, or only the fields that were sent: closing sends `state` alone."""
    found = _risk(request, pk)
    form = RiskForm({**RiskForm.values_of(found), **request.POST.dict()}, project=found.project)
    lost: dict[str, Any] | None = None
    if form.is_valid():
        try:
            services.update_risk(risk=found, actor=request.actor, now=clock.now(), **form.given(found))
            return redirect("risk", pk)
        except VersionMismatch as error:
            lost = _lost_update(found, form, error.current)
        except DomainError as error:
            refuse(form, error)
    return _page(request, found, form, AcceptanceForm(), lost=lost, status=422)


@login_required
@require_POST
def accept(request: PageRequest, pk: int) -> HttpResponse:
    found = _risk(request, pk)
    # Who may accept nothing here has not seen the form: a page of its own says so.
    require(request.actor, Action.ACCEPT_RISK, found.project)
    form = AcceptanceForm(request.POST)
    if form.is_valid():
        try:
            services.accept_risk(risk=found, actor=request.actor, now=clock.now(), **form.cleaned_data)
            return redirect("risk", pk)
        except DomainError as error:
            refuse(form, error)
    initial = RiskForm(project=found.project, initial=RiskForm.values_of(found))
    return _page(request, found, initial, form, status=422)


def _risk(request: PageRequest, pk: int) -> Risk:
    return get_object_or_404(listed(Risk.objects.visible_to(request.actor), clock.now().date()), pk=pk)


def _page(
    request: PageRequest,
    found: Risk,
    form: RiskForm,
    acceptance: AcceptanceForm,
    *,
    lost: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "project": found.project,
        "tab": "risks",
        "risk": found,
        "form": form,
        "acceptance_form": acceptance,
        "lost": lost,
        "today": clock.now().date(),
        "tone": {"critical": "fail", "high": "stale"}.get(found.current["level"], "none"),
        "grid": risk_grid(found.current_likelihood, found.current_impact, cell=18.0),
        "writes": may(request.actor, Action.WORK, found.project),
        "accepts": services.can_accept(risk=found, actor=request.actor),
        "who_may_accept": [selectors.role_name(role) for role in services.who_may_accept(found)],
        "acceptances": found.acceptances.select_related("accepted_by", "second_by"),
        "history": selectors.history(found),
    }
    return render(request, "risks/risk.html", context, status=status)


def _lost_update(found: Risk, form: RiskForm, version: int) -> dict[str, Any]:
    """Both values of each field that differs, who changed it and when."""
    found.refresh_from_db()
    theirs = RiskForm(project=found.project, initial=RiskForm.values_of(found))
    last = Entry.objects.filter(object=f"risk:{found.pk}").newest_first().first()
    by = [event.who for event in selectors.history(found)[:1]]
    return {
        "fields": [
            {"name": field.name, "label": field.label, "mine": field.value(), "theirs": theirs[field.name].value()}
            for field in form.visible_fields()
            if str(field.value() or "") != str(theirs[field.name].value() or "")
        ],
        "who": by[0] if by else "",
        "when": last.at if last else None,
        "version": version,
        "keep_url": reverse("risk-change", args=[found.pk]),
        "take_url": reverse("risk", args=[found.pk]),
    }
