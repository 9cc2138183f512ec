from dataclasses import asdict
from datetime import date
from shutil import disk_usage
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from redis import Redis, RedisError
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actor import Actor
from accounts.http import ApiRequest
from accounts.permissions import ANY
from common import clock
from common.api import ListQuery
from common.api.filters import text
from common.errors import PermissionDenied
from overview.forms.board import named_by
from overview.forms.filters import parameters, project_query
from overview.selectors import portfolio
from overview.selectors.health import pulse
from overview.selectors.search import search
from overview.serializers import SearchOutput, SummaryOutput
from projects.models import Project

LONGEST = 200


class Summary(APIView):
    """The dashboard's figures, from the same questions as its page."""

    scopes = {"GET": "projects:read"}
    # Reads the query of the list of projects, which depends on who asks.
    query = ListQuery()

    @extend_schema(responses=SummaryOutput, parameters=parameters())
    def get(self, request: ApiRequest) -> Response:
        now = clock.now()
        query = project_query(request.actor, now.date())
        page = query.read(request.query_params)
        rows, _behind = named_by(query, page, actor=request.actor, now=now)
        return Response(_summary(rows, request.actor, now.date()))


def _summary(rows: "QuerySet[Project]", actor: Actor, today: date) -> dict[str, Any]:
    figures = portfolio.figures(rows, actor=actor, today=today)
    risks = portfolio.risk_map(rows, today=today)
    shown = asdict(figures)
    for name in ("squares", "red", "by_template"):
        shown.pop(name)
    return {
        **shown,
        "risk_matrix": risks.cells,
        "risks": {"open": risks.open, "critical": risks.critical, "unaccepted": risks.unaccepted},
        "budget": [
            {"currency": one.currency, "planned": str(one.planned), "spent": str(one.spent)}
            for one in portfolio.money(rows)
        ],
    }


class Search(APIView):
    """Projects, risks, cases and people by name, of what the caller may see."""

    scopes = {"GET": "projects:read"}
    query = ListQuery(filters={"q": text("")}, paged=False)

    @extend_schema(
        responses=SearchOutput,
        parameters=[OpenApiParameter("q", {"type": "string", "maxLength": LONGEST}, OpenApiParameter.QUERY)],
    )
    def get(self, request: ApiRequest) -> Response:
        words = self.query.read(request.query_params).filters.get("q", "").strip()
        found = search(words, actor=request.actor) if words else []
        groups = [{"kind": one.kind, "results": [asdict(hit) for hit in one.hits]} for one in found]
        return Response({"query": words, "groups": groups})


class HealthDetails(APIView):
    """What an operator asks of a running instance; for admins, by session or by a token of theirs."""

    scopes = {"GET": ANY}

    @extend_schema(exclude=True)
    def get(self, request: ApiRequest) -> Response:
        if not request.actor.is_admin:
            raise PermissionDenied(_("Only an admin reads this."), missing="administer")
        found = asdict(pulse(clock.now()))
        free = disk_usage(settings.MEDIA_ROOT).free
        return Response(found | {"redis": _redis_answers(), "disk_free_bytes": free})


def _redis_answers() -> bool:
    """Whether the alarm clock is there. Asked with a short wait, since a hung one must not hold the web."""
    try:
        with Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as redis:
            return bool(redis.ping())
    except (RedisError, OSError):
        return False
