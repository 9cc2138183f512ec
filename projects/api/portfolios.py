"""Portfolios, who runs them, and the standing roles they give."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actor import Actor
from accounts.http import ApiRequest
from accounts.idempotency import idempotent
from accounts.models import User
from accounts.permissions import HUMAN
from common import clock
from common.api import ListQuery, expected_version, read, tagged
from common.api.filters import text, whole
from common.errors import ValidationFailed
from projects import services
from projects.models import Portfolio, PortfolioManager, StandingRole
from projects.permissions import Action, require, require_to_run
from projects.selectors.portfolios import branches
from projects.serializers.portfolios import (
    ManagerInput,
    PortfolioInput,
    PortfolioOutput,
    StandingChanges,
    StandingInput,
    StandingOutput,
)


def _portfolio(actor: Actor, pk: int) -> Portfolio:
    return get_object_or_404(Portfolio.objects.visible_to(actor), pk=pk)


def _shown(portfolio: Portfolio, actor: Actor) -> Any:
    return PortfolioOutput(branches([portfolio], actor)[0]).data


def _given(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
    """The body's portfolio as the services' words. Raises ValidationFailed for a parent that is not there."""
    found: dict[str, Any] = dict(data.get("portfolio", {}))
    if "parent_id" not in found:
        return found
    number = found.pop("parent_id")
    parent = Portfolio.objects.visible_to(actor).filter(pk=number).first() if number else None
    if number and parent is None:
        raise ValidationFailed.at("parent", "not_found", _("There is no such portfolio."))
    return {**found, "parent": parent}


class Portfolios(APIView):
    """The tree, flat: each portfolio names the one above it; `projects` counts those you see in it and below."""

    scopes = {"GET": "projects:read", "POST": HUMAN}
    query = ListQuery(
        filters={"parent": whole("parent"), "name": text("name")},
        orderings={"name": "name", "path": "path"},
        default="path",
        search=("name",),
    )

    @extend_schema(parameters=query.parameters, responses=PortfolioOutput(many=True))
    def get(self, request: ApiRequest) -> Response:
        rows = Portfolio.objects.visible_to(request.actor)
        shown = lambda found: PortfolioOutput(branches(found, request.actor), many=True).data  # noqa: E731 - one line
        return self.query.answer(request, rows, shown)

    @extend_schema(request=PortfolioInput, responses={201: PortfolioOutput})
    @idempotent
    def post(self, request: ApiRequest) -> Response:
        require(request.actor, Action.ADMINISTER)
        given = _given(request.actor, read(PortfolioInput, request))
        made = services.create_portfolio(actor=request.actor, now=clock.now(), **given)
        return tagged(_shown(made, request.actor), 201)


class PortfolioDetail(APIView):
    """One portfolio; renamed, or moved with all below it."""

    scopes = {"GET": "projects:read", "PATCH": HUMAN}

    @extend_schema(responses=PortfolioOutput)
    def get(self, request: ApiRequest, pk: int) -> Response:
        return tagged(_shown(_portfolio(request.actor, pk), request.actor))

    @extend_schema(request=PortfolioInput(partial=True), responses=PortfolioOutput)
    def patch(self, request: ApiRequest, pk: int) -> Response:
        portfolio = _portfolio(request.actor, pk)
        require(request.actor, Action.ADMINISTER)
        version = expected_version(request)
        current = branches([portfolio], request.actor)[0]
        given = _given(request.actor, read(PortfolioInput, request, current, partial=True))
        moved = services.update_portfolio(
            portfolio=portfolio, actor=request.actor, now=clock.now(), version=version, **given
        )
        return tagged(_shown(moved, request.actor))


class PortfolioManagers(APIView):
    """Who runs a portfolio and all below it."""

    scopes = {"GET": "projects:read", "POST": HUMAN}
    query = ListQuery(orderings={"user": "user__username"}, default="user")

    @extend_schema(parameters=query.parameters, responses=ManagerInput(many=True))
    def get(self, request: ApiRequest, pk: int) -> Response:
        rows = PortfolioManager.objects.filter(portfolio=_portfolio(request.actor, pk)).select_related("user")
        return self.query.answer(request, rows, lambda found: ManagerInput(found, many=True).data)

    @extend_schema(request=ManagerInput, responses={201: ManagerInput})
    @idempotent
    def post(self, request: ApiRequest, pk: int) -> Response:
        portfolio = _portfolio(request.actor, pk)
        require(request.actor, Action.ADMINISTER)
        named = read(ManagerInput, request)["user"]["username"]
        user = User.objects.active().named(named).first()
        if user is None:
            raise ValidationFailed.at("user", "not_found", _("There is nobody of this name."))
        manager = services.add_portfolio_manager(portfolio=portfolio, user=user, actor=request.actor, now=clock.now())
        return Response(ManagerInput(manager).data, 201)


class PortfolioManagerDetail(APIView):
    """One of them, by user name."""

    scopes = {"DELETE": HUMAN}

    @extend_schema(responses={204: None})
    def delete(self, request: ApiRequest, pk: int, username: str) -> Response:
        portfolio = _portfolio(request.actor, pk)
        require(request.actor, Action.ADMINISTER)
        manager = get_object_or_404(portfolio.managers.select_related("user"), user__username__iexact=username)
        services.remove_portfolio_manager(portfolio=portfolio, user=manager.user, actor=request.actor, now=clock.now())
        return Response(status=204)


def _roles(portfolio: Portfolio) -> QuerySet[StandingRole]:
    return StandingRole.objects.filter(portfolio=portfolio).select_related("user", "portfolio")


def _words(data: dict[str, Any]) -> dict[str, Any]:
    user = data.pop("user", None)
    return {**data, "username": user["username"]} if isinstance(user, dict) else data


class StandingRoles(APIView):
    """What people are in every project of the portfolio and below."""

    scopes = {"GET": "projects:read", "POST": HUMAN}
    query = ListQuery(filters={"user": text("user__username")}, orderings={"since": "since", "user": "user__username"})

    @extend_schema(parameters=query.parameters, responses=StandingOutput(many=True))
    def get(self, request: ApiRequest, pk: int) -> Response:
        rows = _roles(_portfolio(request.actor, pk))
        return self.query.answer(request, rows, lambda found: StandingOutput(found, many=True).data)

    @extend_schema(request=StandingInput, responses={201: StandingOutput})
    @idempotent
    def post(self, request: ApiRequest, pk: int) -> Response:
        portfolio = _portfolio(request.actor, pk)
        require_to_run(request.actor, portfolio)
        given = _words(read(StandingInput, request))
        role = services.give_standing_role(portfolio=portfolio, actor=request.actor, now=clock.now(), **given)
        return tagged(StandingOutput(role).data, 201)


class StandingRoleDetail(APIView):
    """One standing role; a change reaches every project that inherits it."""

    scopes = {"GET": "projects:read", "PATCH": HUMAN, "DELETE": HUMAN}

    def _load(self, request: ApiRequest, pk: int, role: int) -> StandingRole:
        return get_object_or_404(_roles(_portfolio(request.actor, pk)), pk=role)

    @extend_schema(responses=StandingOutput)
    def get(self, request: ApiRequest, pk: int, role: int) -> Response:
        return tagged(StandingOutput(self._load(request, pk, role)).data)

    @extend_schema(request=StandingChanges(partial=True), responses=StandingOutput)
    def patch(self, request: ApiRequest, pk: int, role: int) -> Response:
        found = self._load(request, pk, role)
        require_to_run(request.actor, found.portfolio)
        version = expected_version(request)
        given = read(StandingChanges, request, found, partial=True)
        changed = services.change_standing_role(
            role=found, actor=request.actor, now=clock.now(), version=version, **given
        )
        return tagged(StandingOutput(changed).data)

    @extend_schema(responses={204: None})
    def delete(self, request: ApiRequest, pk: int, role: int) -> Response:
        found = self._load(request, pk, role)
        require_to_run(request.actor, found.portfolio)
        version = expected_version(request)
        services.take_standing_role(role=found, actor=request.actor, now=clock.now(), version=version)
        return Response(status=204)
