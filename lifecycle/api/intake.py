from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import ApiRequest
from accounts.idempotency import idempotent
from accounts.permissions import HUMAN
from common import clock
from common.api import expected_version, read, tagged
from lifecycle import services
from lifecycle.serializers import IntakeConfirmation, IntakeInput, IntakeOutput
from projects.api import project_for
from projects.criteria import propose
from projects.models import Intake, Project
from projects.permissions import Action


class ProjectIntake(APIView):
    scopes = {"GET": "projects:read", "PUT": "projects:write"}

    @extend_schema(responses=IntakeOutput)
    def get(self, request: ApiRequest, key: str) -> Response:
        """The answers, what they propose, and what was confirmed; version 0 while nobody has answered."""
        project = get_object_or_404(Project.objects.visible_to(request.actor), key=key)
        return shown(_newest(project))

    @extend_schema(request=IntakeInput, responses={200: IntakeOutput, 201: IntakeOutput})
    def put(self, request: ApiRequest, key: str) -> Response:
        """Answer the questions. Until somebody confirmed, level, tags and tier follow at once.

        The first time needs no `version`.
        """
        project = project_for(request.actor, key, Action.EDIT_PROJECT)
        before = _newest(project)
        version = expected_version(request) if before else None
        given = read(IntakeInput, request)
        intake = services.answer_intake(project=project, actor=request.actor, version=version, now=clock.now(), **given)
        return shown(intake, 200 if before else 201)


class IntakeConfirm(APIView):
    scopes = {"POST": HUMAN}

    @extend_schema(request=IntakeConfirmation, responses={200: IntakeOutput})
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        """Legal counsel, a risk officer or the portfolio manager confirms the answers they have read (`version`)."""
        project = project_for(request.actor, key, Action.CONFIRM_INTAKE)
        version = expected_version(request)
        given = {**read(IntakeConfirmation, request), "version": version}
        return shown(services.confirm_intake(project=project, actor=request.actor, now=clock.now(), **given))


def _newest(project: Project) -> Intake | None:
    return Intake.objects.newest().filter(project=project).select_related("filled_by", "confirmed_by").first()


def shown(intake: Intake | None, status: int = 200) -> Response:
    answers: dict[str, Any] = intake.answers if intake else {}
    proposal = propose(answers)
    body = {
        "answers": answers,
        "open": list(proposal.open),
        "proposed": proposal.as_dict(),
        "confirmed": intake.confirmed if intake and intake.is_confirmed else None,
        "reason": intake.reason if intake else "",
        "filled_by": intake.filled_by.username if intake else None,
        "filled_at": intake.filled_at if intake else None,
        "confirmed_by": intake.confirmed_by.username if intake and intake.confirmed_by else None,
        "confirmed_at": intake.confirmed_at if intake else None,
        "version": intake.version if intake else 0,
    }
    return tagged(body, status)
