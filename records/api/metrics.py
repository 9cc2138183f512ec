from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import ApiRequest
from accounts.idempotency import idempotent
from accounts.permissions import ANY
from common import clock
from common.api import ListQuery, read
from common.api.filters import choice, flag, instant, text
from projects.api import project_for
from projects.permissions import Action
from records import services
from records.models import MetricDefinition, MetricResult
from records.serializers import (
    MetricDefinitionOutput,
    MetricInput,
    MetricOutput,
    shown_definition,
    shown_result,
    shown_results,
)


class Metrics(APIView):
    """The measured values of a project."""

    scopes = {"GET": "projects:read", "POST": "metrics:write"}
    query = ListQuery(
        filters={
            "metric": text("metric"),
            "run_id": text("run_id"),
            "slice": text("slice"),
            "candidate": flag("candidate"),
            "superseded": flag("superseded"),
            "since": instant("measured_at__gte"),
        },
        orderings={"measured_at": "measured_at", "id": "id"},
        default="-measured_at",
        large=True,
    )

    @extend_schema(operation_id="metric_list", parameters=query.parameters, responses=MetricOutput(many=True))
    def get(self, request: ApiRequest, key: str) -> Response:
        """All values of a project, latest first, superseded ones and those of candidates among them."""
        project = project_for(request.actor, key)
        rows = MetricResult.objects.filter(project=project).select_related("recorded_by")
        return self.query.answer(request, rows, present=shown_results)

    @extend_schema(operation_id="metric_push", request=MetricInput, responses={200: MetricOutput, 201: MetricOutput})
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        """Record one value: 201, or 200 when this run reported the same value before."""
        project = project_for(request.actor, key, Action.WORK)
        now = clock.now()
        given = read(MetricInput, request, now=now)
        result, created = services.push_metric(project=project, actor=request.actor, now=now, **given)
        return Response(shown_result(result), 201 if created else 200)


class MetricDefinitions(APIView):
    """The metrics that may be reported."""

    scopes = {"GET": ANY}
    query = ListQuery(
        filters={"direction": choice("direction", ["higher", "lower"]), "built_in": flag("built_in")},
        orderings={"key": "key"},
        default="key",
        search=("key",),
    )

    @extend_schema(
        operation_id="metric_definition_list", parameters=query.parameters, responses=MetricDefinitionOutput(many=True)
    )
    def get(self, request: ApiRequest) -> Response:
        """The catalogue's metrics and the organisation's own."""
        rows = MetricDefinition.objects.all()
        return self.query.answer(request, rows, present=lambda found: [shown_definition(row) for row in found])
