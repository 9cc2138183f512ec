from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actor import Actor
from accounts.http import ApiRequest
from accounts.idempotency import idempotent
from common import clock
from common.api import ListQuery, expected_version, read, tagged
from common.api.filters import flag
from projects import services
from projects.api.loading import project_for, row_for
from projects.models import Goal, Stakeholder
from projects.permissions import Action
from projects.serializers import GoalInput, GoalOutput, StakeholderInput, StakeholderOutput

SCOPES = {"GET": "projects:read", "POST": "projects:write", "PATCH": "projects:write", "DELETE": "projects:write"}


def _goals(actor: Actor) -> QuerySet[Goal]:
    return Goal.objects.visible_to(actor).select_related("project")


def _stakeholders(actor: Actor) -> QuerySet[Stakeholder]:
    return Stakeholder.objects.visible_to(actor).select_related("project")


class Goals(APIView):
    """What the project is for, each in one figure."""

    scopes = SCOPES
    query = ListQuery(orderings={"by": "by", "indicator": "indicator"}, search=("indicator",))

    @extend_schema(parameters=query.parameters, responses=GoalOutput(many=True))
    def get(self, request: ApiRequest, key: str) -> Response:
        rows = _goals(request.actor).filter(project=project_for(request.actor, key))
        return self.query.answer(request, rows, lambda found: GoalOutput(found, many=True).data)

    @extend_schema(request=GoalInput, responses={201: GoalOutput})
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        project = project_for(request.actor, key, Action.EDIT_PROJECT)
        goal = services.add_goal(project=project, actor=request.actor, now=clock.now(), **read(GoalInput, request))
        return tagged(GoalOutput(goal).data, 201)


class GoalDetail(APIView):
    """One goal."""

    scopes = SCOPES

    @extend_schema(responses=GoalOutput)
    def get(self, request: ApiRequest, pk: int) -> Response:
        return tagged(GoalOutput(row_for(_goals(request.actor), request.actor, pk=pk)).data)

    @extend_schema(request=GoalInput(partial=True), responses=GoalOutput)
    def patch(self, request: ApiRequest, pk: int) -> Response:
        goal = row_for(_goals(request.actor), request.actor, Action.EDIT_PROJECT, pk=pk)
        version = expected_version(request)
        given = read(GoalInput, request, goal, partial=True)
        goal = services.update_goal(goal=goal, actor=request.actor, now=clock.now(), version=version, **given)
        return tagged(GoalOutput(goal).data)

    @extend_schema(responses={204: None})
    def delete(self, request: ApiRequest, pk: int) -> Response:
        goal = row_for(_goals(request.actor), request.actor, Action.EDIT_PROJECT, pk=pk)
        version = expected_version(request)
        services.remove_goal(goal=goal, actor=request.actor, now=clock.now(), version=version)
        return Response(status=204)


class Stakeholders(APIView):
    """Who has a stake: those who use the product and those who are only affected by it."""

    scopes = SCOPES
    query = ListQuery(filters={"affected": flag("affected")}, orderings={"role": "name"}, search=("name", "need"))

    @extend_schema(parameters=query.parameters, responses=StakeholderOutput(many=True))
    def get(self, request: ApiRequest, key: str) -> Response:
        rows = _stakeholders(request.actor).filter(project=project_for(request.actor, key))
        return self.query.answer(request, rows, lambda found: StakeholderOutput(found, many=True).data)

    @extend_schema(request=StakeholderInput, responses={201: StakeholderOutput})
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        project = project_for(request.actor, key, Action.EDIT_PROJECT)
        given = read(StakeholderInput, request)
        stakeholder = services.add_stakeholder(project=project, actor=request.actor, now=clock.now(), **given)
        return tagged(StakeholderOutput(stakeholder).data, 201)


class StakeholderDetail(APIView):
    """One stakeholder."""

    scopes = SCOPES

    @extend_schema(responses=StakeholderOutput)
    def get(self, request: ApiRequest, pk: int) -> Response:
        return tagged(StakeholderOutput(row_for(_stakeholders(request.actor), request.actor, pk=pk)).data)

    @extend_schema(request=StakeholderInput(partial=True), responses=StakeholderOutput)
    def patch(self, request: ApiRequest, pk: int) -> Response:
        stakeholder = row_for(_stakeholders(request.actor), request.actor, Action.EDIT_PROJECT, pk=pk)
        version = expected_version(request)
        given = read(StakeholderInput, request, stakeholder, partial=True)
        stakeholder = services.update_stakeholder(
            stakeholder=stakeholder, actor=request.actor, now=clock.now(), version=version, **given
        )
        return tagged(StakeholderOutput(stakeholder).data)

    @extend_schema(responses={204: None})
    def delete(self, request: ApiRequest, pk: int) -> Response:
        stakeholder = row_for(_stakeholders(request.actor), request.actor, Action.EDIT_PROJECT, pk=pk)
        version = expected_version(request)
        services.remove_stakeholder(stakeholder=stakeholder, actor=request.actor, now=clock.now(), version=version)
        return Response(status=204)
