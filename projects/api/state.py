from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import ApiRequest
from accounts.idempotency import idempotent
from accounts.permissions import HUMAN
from common import clock
from common.api import read, tagged
from common.serializers import StrictSerializer
from projects import services
from projects.api.loading import project_for
from projects.permissions import Action
from projects.serializers import LegalHoldInput, ProjectDataOutput, shown_project


class Archive(APIView):
    """Put a project away: readable, unchanging."""

    scopes = {"POST": "projects:write"}

    @extend_schema(request=None, responses=ProjectDataOutput)
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        project = project_for(request.actor, key, Action.CHANGE_STATE)
        read(StrictSerializer, request)
        project = services.archive_project(project=project, actor=request.actor, now=clock.now())
        return tagged(shown_project(project))


class Restore(APIView):
    """Bring an archived project back to the state it was in."""

    scopes = {"POST": "projects:write"}

    @extend_schema(request=None, responses=ProjectDataOutput)
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        project = project_for(request.actor, key, Action.CHANGE_STATE)
        read(StrictSerializer, request)
        project = services.restore_project(project=project, actor=request.actor, now=clock.now())
        return tagged(shown_project(project))


class LegalHold(APIView):
    """Forbid, or allow again, that anything of the project is deleted."""

    scopes = {"POST": HUMAN}

    @extend_schema(request=LegalHoldInput, responses=ProjectDataOutput)
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        project = project_for(request.actor, key, Action.LEGAL_HOLD)
        given = read(LegalHoldInput, request)
        project = services.set_legal_hold(project=project, actor=request.actor, now=clock.now(), **given)
        return tagged(shown_project(project))
