from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import ApiRequest
from accounts.idempotency import idempotent
from accounts.permissions import HUMAN
from common import clock
from common.api import ListQuery, expected_version, read, tagged
from common.api.filters import flag, text
from projects import services
from projects.api.loading import project_for
from projects.models import Deputy
from projects.serializers import DeputyInput, DeputyOutput


class Deputies(APIView):
    """Who votes in whose place, from one day to another."""

    scopes = {"GET": "projects:read", "POST": HUMAN}
    query = ListQuery(
        filters={
            "user": text("user__username"),
            "deputy": text("deputy__username"),
            "ended": flag(lambda rows, yes: rows.exclude(ended_at=None) if yes else rows.filter(ended_at=None)),
        },
        orderings={"starts_on": "starts_on", "named": "named_at"},
        default="-starts_on",
    )

    @extend_schema(parameters=query.parameters, responses=DeputyOutput(many=True))
    def get(self, request: ApiRequest, key: str) -> Response:
        project = project_for(request.actor, key)
        rows = Deputy.objects.visible_to(request.actor).filter(project=project).select_related("user", "deputy")
        return self.query.answer(request, rows, lambda found: DeputyOutput(found, many=True).data)

    @extend_schema(request=DeputyInput, responses={201: DeputyOutput})
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        """Name your own deputy; nobody names one for others."""
        project = project_for(request.actor, key)
        given = read(DeputyInput, request)
        given["deputy"] = given["deputy"]["username"]
        named = services.name_deputy(project=project, actor=request.actor, now=clock.now(), **given)
        return tagged(DeputyOutput(named).data, 201)


class DeputyDetail(APIView):
    """One deputy; ended by the person or by the deputy."""

    scopes = {"GET": "projects:read", "DELETE": HUMAN}

    def _load(self, request: ApiRequest, pk: int) -> Deputy:
        rows = Deputy.objects.visible_to(request.actor).select_related("project", "user", "deputy")
        return get_object_or_404(rows, pk=pk)

    @extend_schema(responses=DeputyOutput)
    def get(self, request: ApiRequest, pk: int) -> Response:
        return tagged(DeputyOutput(self._load(request, pk)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: ApiRequest, pk: int) -> Response:
        """It ends now and stays in the list."""
        deputy = self._load(request, pk)
        services.may_end(deputy, request.actor)
        version = expected_version(request)
        services.end_deputy(deputy=deputy, actor=request.actor, version=version, now=clock.now())
        return Response(status=204)
