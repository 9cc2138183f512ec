from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import ApiRequest
from accounts.idempotency import idempotent
from common import clock
from common.api import ListQuery, expected_version, read, tagged
from common.api.filters import choice, flag, text, whole
from projects.api import project_for, row_for
from projects.permissions import Action
from risks import services
from risks.models import LEVELS, Acceptance, Category, Risk, RiskQuerySet, RiskState
from risks.serializers import (
    AcceptanceInput,
    AcceptanceOutput,
    RiskChangeInput,
    RiskInput,
    RiskOutput,
    as_change,
    shown_acceptance,
    shown_risk,
    with_owner,
)


def whole_risks(rows: RiskQuerySet, now: datetime) -> RiskQuerySet:
    """Everything an answer shows of a risk, in one query."""
    return rows.with_score().with_acceptance(now.date()).select_related("project", "owner")


def shown(rows: Sequence[Risk]) -> list[dict[str, Any]]:
    return [shown_risk(row) for row in rows]


class Risks(APIView):
    """The register of a project."""

    scopes = {"GET": "projects:read", "POST": "risks:write"}
    query = ListQuery(
        filters={
            "category": choice("category", Category.values),
            "level": choice(lambda rows, levels: rows.at_levels(levels), LEVELS),
            "state": choice("state", RiskState.values),
            "owner": text("owner__username__iexact"),
            "library": text("library"),
            "accepted": flag("accepted"),
            "score_min": whole("current_score__gte", low=1, high=25),
            "score_max": whole("current_score__lte", low=1, high=25),
        },
        orderings={"id": "id", "score": "current_score", "title": "title", "created_at": "created_at"},
        default="-score",
        search=("title", "cause", "event", "consequence"),
    )

    @extend_schema(operation_id="risk_list", parameters=query.parameters, responses=RiskOutput(many=True))
    def get(self, request: ApiRequest, key: str) -> Response:
        """Highest current score first."""
        project = project_for(request.actor, key)
        rows = whole_risks(Risk.objects.filter(project=project), clock.now())
        return self.query.answer(request, rows, present=shown)

    @extend_schema(operation_id="risk_create", request=RiskInput, responses={201: RiskOutput})
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        """Write a risk down; its current score starts as the inherent one."""
        project = project_for(request.actor, key, Action.WORK)
        given = with_owner(project, read(RiskInput, request))
        risk = services.create_risk(project=project, actor=request.actor, now=clock.now(), **given)
        return tagged(shown_risk(risk), 201)


class RiskDetail(APIView):
    """One risk."""

    scopes = {"GET": "projects:read", "PATCH": "risks:write"}

    @extend_schema(operation_id="risk_read", responses=RiskOutput)
    def get(self, request: ApiRequest, pk: int) -> Response:
        rows = whole_risks(Risk.objects.visible_to(request.actor), clock.now())
        return tagged(shown_risk(get_object_or_404(rows, pk=pk)))

    @extend_schema(operation_id="risk_update", request=RiskChangeInput, responses=RiskOutput)
    def patch(self, request: ApiRequest, pk: int) -> Response:
        """Change, score again, close (`state`) or open again. The old scores stay in the journal."""
        now = clock.now()
        rows = whole_risks(Risk.objects.visible_to(request.actor), now)
        risk = row_for(rows, request.actor, Action.WORK, pk=pk)
        version = expected_version(request)
        given = read(RiskChangeInput, request, shown_risk(risk), partial=True)
        change = as_change(risk, with_owner(risk.project, given), request.data)
        services.update_risk(risk=risk, actor=request.actor, version=version, now=now, **change)
        return tagged(shown_risk(rows.get(pk=pk)))


class Acceptances(APIView):
    """Who took a risk, at which score, until when."""

    scopes = {"GET": "projects:read", "POST": "risks:write"}
    query = ListQuery(
        filters={"complete": flag("complete")}, orderings={"accepted_at": "accepted_at"}, default="-accepted_at"
    )

    @extend_schema(operation_id="acceptance_list", parameters=query.parameters, responses=AcceptanceOutput(many=True))
    def get(self, request: ApiRequest, pk: int) -> Response:
        risk = get_object_or_404(Risk.objects.visible_to(request.actor), pk=pk)
        rows = Acceptance.objects.filter(risk=risk).select_related("accepted_by", "second_by")
        return self.query.answer(request, rows, present=lambda found: [shown_acceptance(row) for row in found])

    @extend_schema(operation_id="acceptance_create", request=AcceptanceInput, responses={201: AcceptanceOutput})
    @idempotent
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Accept the risk as it stands today. A critical one is `complete` with the second signature."""
        rows = Risk.objects.visible_to(request.actor).select_related("project")
        risk = row_for(rows, request.actor, Action.ACCEPT_RISK, pk=pk)
        given = read(AcceptanceInput, request)
        row = services.accept_risk(risk=risk, actor=request.actor, now=clock.now(), **given)
        return Response(shown_acceptance(row), 201)
