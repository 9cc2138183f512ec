from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import ApiRequest
from accounts.idempotency import idempotent
from common import clock
from common.api import read
from common.errors import ValidationFailed
from projects.api import project_for
from projects.models import Project
from projects.permissions import Action
from records import selectors, services
from records.serializers import SubjectChange, SubjectOutput
from records.services import Moved

VALUES_SHOWN = 20


def subject_shown(project: Project, moved: Sequence[Moved] = ()) -> dict[str, Any]:
    current = services.current_parts(project)
    return {
        "subject": current,
        "values": [
            {"part": part, "value": value, "since": since, "current": current.get(part) == value}
            for part, values in selectors.latest_values(project, VALUES_SHOWN).items()
            for value, since in values
        ],
        "moved": [{"part": one.part, "from": one.before, "to": one.after} for one in moved],
    }


class ProjectSubject(APIView):
    """What a project is about: its model, training data, prompt and code."""

    scopes = {"GET": "projects:read", "POST": "records:write"}

    @extend_schema(operation_id="subject_retrieve", responses=SubjectOutput)
    def get(self, request: ApiRequest, key: str) -> Response:
        """The current subject, and of each part the last twenty values."""
        return Response(subject_shown(project_for(request.actor, key)))

    @extend_schema(operation_id="subject_move", request=SubjectChange, responses=SubjectOutput)
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        """A value not seen before becomes current. An older one moves nothing, unless `make_current` is true."""
        project = project_for(request.actor, key, Action.WORK)
        given = read(SubjectChange, request)
        force = given.pop("make_current", False)
        if not any(given.values()):
            raise ValidationFailed.at("model", "required", _("Name at least one part: model, dataset, prompt or code."))
        moved = services.set_subject(
            project=project, actor=request.actor, parts=given, make_current=force, now=clock.now()
        )
        return Response(subject_shown(project, moved))
