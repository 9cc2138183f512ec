from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import ApiRequest
from accounts.idempotency import idempotent
from common import clock
from common.api import ListQuery, expected_version, read, tagged
from common.api.filters import choice, text
from projects.api import project_for, row_for
from projects.permissions import Action
from risks import services
from risks.models import Assessment, AssessmentQuerySet, AssessmentState
from risks.serializers import (
    AssessmentChangeInput,
    AssessmentInput,
    AssessmentOutput,
    SignatureInput,
    shown_assessment,
)


def whole_assessments(rows: AssessmentQuerySet) -> AssessmentQuerySet:
    """Everything an answer shows of an assessment, in two queries."""
    return rows.select_related("project", "filled_by").prefetch_related("signatures__signed_by")


def shown(rows: Sequence[Assessment]) -> list[dict[str, Any]]:
    return [shown_assessment(row) for row in rows]


class Assessments(APIView):
    """The questionnaires of a project, every attempt."""

    scopes = {"GET": "projects:read", "POST": "risks:write"}
    query = ListQuery(
        filters={"key": text("key", longest=60), "state": choice("state", AssessmentState.values)},
        orderings={"id": "id", "filled_at": "filled_at"},
        default="-id",
    )

    @extend_schema(operation_id="assessment_list", parameters=query.parameters, responses=AssessmentOutput(many=True))
    def get(self, request: ApiRequest, key: str) -> Response:
        """Latest first."""
        project = project_for(request.actor, key)
        rows = whole_assessments(Assessment.objects.filter(project=project))
        return self.query.answer(request, rows, present=shown)

    @extend_schema(operation_id="assessment_start", request=AssessmentInput, responses={201: AssessmentOutput})
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        """Begin an attempt, as a draft. 409 while there is one."""
        project = project_for(request.actor, key, Action.WORK)
        given = {"answers": {}, **read(AssessmentInput, request)}
        row = services.start_assessment(project=project, actor=request.actor, now=clock.now(), **given)
        return tagged(shown_assessment(row), 201)


class AssessmentDetail(APIView):
    """One attempt at a questionnaire."""

    scopes = {"GET": "projects:read", "PATCH": "risks:write"}

    @extend_schema(operation_id="assessment_read", responses=AssessmentOutput)
    def get(self, request: ApiRequest, pk: int) -> Response:
        rows = whole_assessments(Assessment.objects.visible_to(request.actor))
        return tagged(shown_assessment(get_object_or_404(rows, pk=pk)))

    @extend_schema(operation_id="assessment_update", request=AssessmentChangeInput, responses=AssessmentOutput)
    def patch(self, request: ApiRequest, pk: int) -> Response:
        """Answer; `state` submitted hands it in, with these answers or those it has."""
        rows = whole_assessments(Assessment.objects.visible_to(request.actor))
        row, now = row_for(rows, request.actor, Action.WORK, pk=pk), clock.now()
        version = expected_version(request)
        given = read(AssessmentChangeInput, request, shown_assessment(row), partial=True)
        with transaction.atomic():
            if "answers" in given:
                services.answer_assessment(
                    assessment=row, actor=request.actor, answers=given["answers"], version=version, now=now
                )
                version = row.version
            if given.get("state") == AssessmentState.SUBMITTED:
                services.submit_assessment(assessment=row, actor=request.actor, version=version, now=now)
        return tagged(shown_assessment(rows.get(pk=pk)))


class AssessmentSignatures(APIView):
    """Approving an attempt, role by role."""

    scopes = {"POST": "risks:write"}

    @extend_schema(operation_id="assessment_sign", request=SignatureInput, responses={201: AssessmentOutput})
    @idempotent
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Sign in a role one holds; the last of the named roles approves it."""
        rows = whole_assessments(Assessment.objects.visible_to(request.actor))
        row = row_for(rows, request.actor, Action.SIGN, pk=pk)
        given = read(SignatureInput, request)
        services.sign_assessment(assessment=row, actor=request.actor, now=clock.now(), **given)
        return tagged(shown_assessment(rows.get(pk=pk)), 201)
