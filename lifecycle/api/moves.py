"""A project moves to another level or template version; `?dry_run=1` says what that would change and writes nothing."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import ApiRequest
from accounts.idempotency import idempotent
from common import clock
from common.api import ListQuery, read
from common.api.filters import flag
from lifecycle import services
from lifecycle.serializers import LevelInput, MoveOutput, VersionInput
from lifecycle.services import Move
from projects.api import project_for
from projects.permissions import Action

DRY_RUN = OpenApiParameter("dry_run", OpenApiTypes.BOOL, description="Say what would change, and write nothing.")
QUERY = ListQuery(filters={"dry_run": flag("dry_run")}, paged=False)


class LevelMove(APIView):
    scopes = {"POST": "projects:write"}
    query = QUERY

    @extend_schema(request=LevelInput, parameters=[DRY_RUN], responses={200: MoveOutput})
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        """Run the project at another level, or confirm the one it has.

        A token moves a level that nobody has confirmed, and confirms none.
        """
        project = project_for(request.actor, key, Action.CONFIRM_INTAKE)
        trial = _dry_run(request)
        given = {"project": project, "actor": request.actor, "now": clock.now(), **read(LevelInput, request)}
        return _answer(lambda: services.change_level(trial=trial, **given), dry_run=trial)


class VersionMove(APIView):
    scopes = {"POST": "projects:write"}
    query = QUERY

    @extend_schema(request=VersionInput, parameters=[DRY_RUN], responses={200: MoveOutput})
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        """Move the project to another published version of its template."""
        project = project_for(request.actor, key, Action.CHANGE_STATE)
        given = {"project": project, "actor": request.actor, "now": clock.now(), **read(VersionInput, request)}
        return _answer(lambda: services.change_version(**given), dry_run=_dry_run(request))


def _dry_run(request: ApiRequest) -> bool:
    return bool(QUERY.read(request.query_params).filters.get("dry_run"))


def _answer(act: Callable[[], Move], *, dry_run: bool) -> Response:
    return Response(move_shown(services.tried(act) if dry_run else act(), dry_run=dry_run))


def move_shown(move: Move, *, dry_run: bool) -> dict[str, Any]:
    process, changed = move.process, move.changed
    return {
        "project": process.project.key,
        "template": process.template_key,
        "template_version": process.template_version.number,
        "level": process.level,
        "level_confirmed": process.level_confirmed,
        "dry_run": dry_run,
        "added": changed.added,
        "dropped": changed.dropped,
        "required": changed.required,
        "optional": changed.optional,
        "reopened": [was["check"] for was in changed.reopened],
        "limits_ended": changed.limits_ended,
        "waivers_ended": changed.waivers_ended,
        "waivers_asked": changed.waivers_asked,
        "stages_added": changed.stages_added,
        "stages_skipped": changed.stages_skipped,
        "blockers_gained": list(move.gained),
        "blockers_lost": list(move.lost),
    }
