from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actor import Actor
from accounts.http import ApiRequest
from accounts.idempotency import idempotent
from common import clock
from common.api import ListQuery, expected_version, read, tagged
from common.api.filters import day, text, whole
from common.errors import ValidationFailed
from projects import services
from projects.api.loading import project_for, row_for
from projects.models import BudgetLine, Spend
from projects.permissions import Action
from projects.serializers import BudgetLineInput, BudgetLineOutput, SpendInput


def _lines(actor: Actor) -> QuerySet[BudgetLine]:
    return BudgetLine.objects.visible_to(actor).select_related("project").with_spend()


def _shown(line: BudgetLine, actor: Actor, status: int = 200) -> Response:
    return tagged(BudgetLineOutput(_lines(actor).get(pk=line.pk)).data, status)


class Budget(APIView):
    """Money planned, line by line, and what was spent of it."""

    scopes = {"GET": "projects:read", "POST": "projects:write"}
    query = ListQuery(
        filters={"category": text("category"), "stage": text("stage")},
        orderings={"category": "category", "planned": "planned"},
        search=("name",),
    )

    @extend_schema(parameters=query.parameters, responses=BudgetLineOutput(many=True))
    def get(self, request: ApiRequest, key: str) -> Response:
        rows = _lines(request.actor).filter(project=project_for(request.actor, key))
        return self.query.answer(request, rows, lambda found: BudgetLineOutput(found, many=True).data)

    @extend_schema(request=BudgetLineInput, responses={201: BudgetLineOutput})
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        project = project_for(request.actor, key, Action.EDIT_PROJECT)
        given = read(BudgetLineInput, request)
        line = services.add_budget_line(project=project, actor=request.actor, now=clock.now(), **given)
        return _shown(line, request.actor, 201)


class BudgetDetail(APIView):
    """One line of the budget."""

    scopes = {"GET": "projects:read", "PATCH": "projects:write", "DELETE": "projects:write"}

    @extend_schema(responses=BudgetLineOutput)
    def get(self, request: ApiRequest, pk: int) -> Response:
        return _shown(row_for(_lines(request.actor), request.actor, pk=pk), request.actor)

    @extend_schema(request=BudgetLineInput(partial=True), responses=BudgetLineOutput)
    def patch(self, request: ApiRequest, pk: int) -> Response:
        line = row_for(_lines(request.actor), request.actor, Action.EDIT_PROJECT, pk=pk)
        version = expected_version(request)
        given = read(BudgetLineInput, request, line, partial=True)
        services.update_budget_line(line=line, actor=request.actor, now=clock.now(), version=version, **given)
        return _shown(line, request.actor)

    @extend_schema(responses={204: None})
    def delete(self, request: ApiRequest, pk: int) -> Response:
        line = row_for(_lines(request.actor), request.actor, Action.EDIT_PROJECT, pk=pk)
        version = expected_version(request)
        services.remove_budget_line(line=line, actor=request.actor, now=clock.now(), version=version)
        return Response(status=204)


class Spending(APIView):
    """Money booked. Nothing is booked over: a correction is a negative amount with its reason."""

    scopes = {"GET": "projects:read", "POST": "projects:write"}
    query = ListQuery(
        filters={"line": whole("line_id", low=1), "from": day("day__gte"), "to": day("day__lte")},
        orderings={"date": "day", "amount": "amount"},
        default="-date",
        search=("note",),
    )

    @extend_schema(parameters=query.parameters, responses=SpendInput(many=True))
    def get(self, request: ApiRequest, key: str) -> Response:
        project = project_for(request.actor, key)
        rows = Spend.objects.visible_to(request.actor).filter(line__project=project).select_related("entered_by")
        return self.query.answer(request, rows, lambda found: SpendInput(found, many=True).data)

    @extend_schema(request=SpendInput, responses={201: SpendInput})
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        project = project_for(request.actor, key, Action.EDIT_PROJECT)
        given = read(SpendInput, request)
        line = _lines(request.actor).filter(project=project, pk=given.pop("line_id")).first()
        if line is None:
            raise ValidationFailed.at("line", "not_found", _("This project has no such line."))
        spend = services.add_spend(line=line, actor=request.actor, now=clock.now(), **given)
        return Response(SpendInput(spend).data, 201)
