"""The tree of portfolios, and one of them with its projects, managers and standing roles."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.http import PageRequest
from common import clock, content
from common.texts import localised
from projects import services
from projects.forms import VersionForm
from projects.forms.portfolios import ManagerForm, PortfolioForm, StandingForm
from projects.models import Portfolio, Project, StandingRole
from projects.permissions import Action, may, require, require_to_run, runs
from projects.selectors.phrases import ACCESS_WORDS
from projects.selectors.portfolios import branches, in_tree_order
from projects.views.steps import took

# As many projects as one page lists; the list of projects has them all.
MOST = 50
Forms = Mapping[str, forms.Form]


@login_required
@require_safe
def portfolios(request: PageRequest) -> HttpResponse:
    return _tree(request)


def _tree(request: PageRequest, status: int = 200, form: PortfolioForm | None = None) -> HttpResponse:
    rows = in_tree_order(Portfolio.objects.visible_to(request.actor))
    may_change = may(request.actor, Action.ADMINISTER)
    context = {
        "branches": branches(rows, request.actor),
        "form": form or (PortfolioForm(portfolios=rows) if may_change else None),
        "may_change": may_change,
    }
    return render(request, "projects/portfolios.html", context, status=status)


@login_required
@require_POST
def add_portfolio(request: PageRequest) -> HttpResponse:
    require(request.actor, Action.ADMINISTER)
    form = PortfolioForm(request.POST, portfolios=list(Portfolio.objects.visible_to(request.actor)))
    act = services.create_portfolio
    if took(form, lambda: act(actor=request.actor, now=clock.now(), **form.facts())):
        return redirect("portfolios")
    return _tree(request, 422, form)


def _portfolio(request: PageRequest, pk: int) -> Portfolio:
    return get_object_or_404(Portfolio.objects.visible_to(request.actor).select_related("parent"), pk=pk)


@login_required
@require_safe
def portfolio_page(request: PageRequest, pk: int) -> HttpResponse:
    return _page(request, _portfolio(request, pk))


def _page(request: PageRequest, portfolio: Portfolio, status: int = 200, given: Forms | None = None) -> HttpResponse:
    """The page with its forms, or with the one in `given` that was refused."""
    given, everything = given or {}, in_tree_order(Portfolio.objects.visible_to(request.actor))
    here = [row for row in everything if row.path.startswith(portfolio.path)]
    found = branches(here, request.actor)
    may_change, may_name = may(request.actor, Action.ADMINISTER), runs(request.actor, portfolio)
    elsewhere = [row for row in everything if row not in here]
    shown = Project.objects.visible_to(request.actor).filter(portfolio__path__startswith=portfolio.path)
    initial = {"version": portfolio.version, "name": portfolio.name, "parent": portfolio.parent}
    context: dict[str, Any] = {
        "portfolio": portfolio,
        "above": [row for row in everything if row.pk in portfolio.line[:-1]],
        "here": next(one for one in found if one.portfolio == portfolio),
        "below": [one for one in found if one.portfolio != portfolio],
        "projects": list(shown.select_related("portfolio").order_by("key")[:MOST]),
        "roles": [_role(role) for role in _roles(portfolio)],
        "may_change": may_change,
        "may_name": may_name,
        "form": given.get("form")
        or (PortfolioForm(initial=initial, portfolios=elsewhere, auto_id="portfolio-%s") if may_change else None),
        "manager_form": given.get("manager_form") or (ManagerForm(auto_id="manager-%s") if may_change else None),
        "role_form": given.get("role_form")
        or (StandingForm(initial={"team": False}, auto_id="role-%s") if may_name else None),
        "refused": given.get("refused"),
    }
    return render(request, "projects/portfolio.html", context, status=status)


def _roles(portfolio: Portfolio) -> list[StandingRole]:
    return list(StandingRole.objects.filter(portfolio=portfolio).select_related("user").order_by("user__name"))


def _role(role: StandingRole) -> dict[str, Any]:
    """A standing role in the reader's words."""
    known = content.roles()
    functions = [localised(known[key]["name"]) if key in known else key for key in role.functions]
    access = [str(ACCESS_WORDS[name]) for name in role.access]
    form = StandingForm.of_role(role)
    return {"row": role, "form": form, "functions": ", ".join(functions), "access": ", ".join(access)}


@login_required
@require_POST
def edit_portfolio(request: PageRequest, pk: int) -> HttpResponse:
    """Rename it, or move it with all below it."""
    portfolio = _portfolio(request, pk)
    require(request.actor, Action.ADMINISTER)
    form = PortfolioForm(request.POST, portfolios=list(Portfolio.objects.visible_to(request.actor)))

    def act() -> None:
        version = form.cleaned_data["version"] or 0
        services.update_portfolio(
            portfolio=portfolio, actor=request.actor, now=clock.now(), version=version, **form.facts()
        )

    if took(form, act):
        return redirect("portfolio-page", pk)
    return _page(request, portfolio, 422, {"form": form})


@login_required
@require_POST
def add_manager(request: PageRequest, pk: int) -> HttpResponse:
    portfolio, form = _portfolio(request, pk), ManagerForm(request.POST)
    require(request.actor, Action.ADMINISTER)

    def act() -> None:
        user = form.cleaned_data["user"]
        services.add_portfolio_manager(portfolio=portfolio, user=user, actor=request.actor, now=clock.now())

    if took(form, act):
        return redirect("portfolio-page", pk)
    return _page(request, portfolio, 422, {"manager_form": form})


@login_required
@require_POST
def remove_manager(request: PageRequest, pk: int, username: str) -> HttpResponse:
    portfolio = _portfolio(request, pk)
    require(request.actor, Action.ADMINISTER)
    manager = get_object_or_404(portfolio.managers.select_related("user"), user__username__iexact=username)
    services.remove_portfolio_manager(portfolio=portfolio, user=manager.user, actor=request.actor, now=clock.now())
    return redirect("portfolio-page", pk)


@login_required
@require_POST
def give_role(request: PageRequest, pk: int) -> HttpResponse:
    portfolio, form = _portfolio(request, pk), StandingForm(request.POST)
    require_to_run(request.actor, portfolio)

    def act() -> None:
        given = {"username": form.cleaned_data["user"].username, **form.facts()}
        services.give_standing_role(portfolio=portfolio, actor=request.actor, now=clock.now(), **given)

    if took(form, act):
        return redirect("portfolio-page", pk)
    return _page(request, portfolio, 422, {"role_form": form})


def _standing(request: PageRequest, pk: int, role: int) -> StandingRole:
    rows = StandingRole.objects.filter(portfolio=_portfolio(request, pk)).select_related("portfolio")
    found = get_object_or_404(rows, pk=role)
    require_to_run(request.actor, found.portfolio)
    return found


@login_required
@require_POST
def edit_role(request: PageRequest, pk: int, role: int) -> HttpResponse:
    found, form = _standing(request, pk, role), StandingForm(request.POST)
    del form.fields["user"]

    def act() -> None:
        version = form.cleaned_data["version"] or 0
        services.change_standing_role(role=found, actor=request.actor, now=clock.now(), version=version, **form.facts())

    if took(form, act):
        return redirect("portfolio-page", pk)
    return _page(request, found.portfolio, 422, {"refused": form})


@login_required
@require_POST
def take_role(request: PageRequest, pk: int, role: int) -> HttpResponse:
    found, form = _standing(request, pk, role), VersionForm(request.POST)

    def act() -> None:
        version = form.cleaned_data["version"]
        services.take_standing_role(role=found, actor=request.actor, now=clock.now(), version=version)

    if took(form, act):
        return redirect("portfolio-page", pk)
    return _page(request, found.portfolio, 422, {"refused": form})
