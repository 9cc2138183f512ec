from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import ApiRequest
from common import clock
from common.api import ListQuery, expected_version, read, tagged
from common.api.filters import whole
from lifecycle import selectors, services
from lifecycle.models import Stage
from lifecycle.serializers import CheckOutput, StageChange, StageOutput
from projects.permissions import Action, may, require

ITERATION = OpenApiParameter("iteration", OpenApiTypes.INT, description="An earlier iteration; the latest without it.")


ITERATED = ListQuery(filters={"iteration": whole("iteration", low=1)}, paged=False)


def stage_named(request: ApiRequest, key: str, stage: str, *, iteration: int | None = None) -> Stage:
    """The latest iteration of a stage the actor sees, or the one that is asked for."""
    stages = Stage.objects.visible_to(request.actor).of_project(key).with_process().filter(key=stage)
    return get_object_or_404(stages.newest() if iteration is None else stages.filter(iteration=iteration))


def asked_iteration(request: ApiRequest) -> int | None:
    """`?iteration=`, checked as strictly as any other filter; the answer is whole, so it has no pages."""
    found: int | None = ITERATED.read(request.query_params).filters.get("iteration")
    return found


class Stages(APIView):
    scopes = {"GET": "projects:read"}
    query = ListQuery(
        filters={"iteration": whole("iteration", low=1)}, orderings={"position": "position"}, default="position"
    )

    @extend_schema(parameters=query.parameters, responses=StageOutput(many=True))
    def get(self, request: ApiRequest, key: str) -> Response:
        stages = Stage.objects.visible_to(request.actor).of_project(key).with_process()
        get_object_or_404(stages.newest().order_by("position")[:1])
        asked = self.query.read(request.query_params).filters
        rows = stages if "iteration" in asked else stages.newest()
        return self.query.answer(request, rows, present=lambda found: map(selectors.stage_document, found))


class StageDetail(APIView):
    scopes = {"GET": "projects:read", "PATCH": "projects:write"}
    query = ITERATED

    @extend_schema(parameters=[ITERATION], responses=StageOutput)
    def get(self, request: ApiRequest, key: str, stage: str) -> Response:
        return tagged(selectors.stage_document(stage_named(request, key, stage, iteration=asked_iteration(request))))

    @extend_schema(request=StageChange, responses=StageOutput)
    def patch(self, request: ApiRequest, key: str, stage: str) -> Response:
        found = stage_named(request, key, stage)
        require(request.actor, Action.EDIT_PROJECT, found.project)
        version = expected_version(request)
        changes = read(StageChange, request, selectors.stage_document(found), partial=True)
        found = services.schedule_stage(stage=found, actor=request.actor, version=version, now=clock.now(), **changes)
        return tagged(selectors.stage_document(found))


class StageChecks(APIView):
    scopes = {"GET": "projects:read"}
    query = ITERATED

    @extend_schema(parameters=[ITERATION], responses=CheckOutput(many=True))
    def get(self, request: ApiRequest, key: str, stage: str) -> Response:
        """All checks of the stage at once: a stage has a dozen."""
        found = stage_named(request, key, stage, iteration=asked_iteration(request))
        checks = selectors.shown_checks(
            found,
            today=clock.now().date(),
            confidential=may(request.actor, Action.SEE_CONFIDENTIAL, found.project),
        )
        return Response({"count": len(checks), "next": None, "previous": None, "results": checks})
