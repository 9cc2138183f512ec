from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import ApiRequest
from accounts.idempotency import idempotent
from common import clock
from common.api import ListQuery, expected_version, read, tagged
from common.api.filters import choice, text
from common.errors import FieldError, ValidationFailed
from common.serializers import KeyField
from lifecycle import selectors, services
from lifecycle.errors import UnknownRun
from lifecycle.models.definition import LEVELS
from lifecycle.serializers import (
    GateCheckOutput,
    HoldInput,
    Nothing,
    ProjectChange,
    ProjectInput,
    ProjectOutput,
    ProjectUpsert,
    StatusOutput,
)
from projects.api import project_for
from projects.models import Health, Project, ProjectState
from projects.permissions import Action, may, require

CANDIDATE = OpenApiParameter(
    "candidate", OpenApiTypes.STR, description="The run of a candidate: the answer is as if it were current."
)
AS_IF = ListQuery(filters={"candidate": text("run_id", longest=120)}, paged=False)
MOVED_ELSEWHERE = ("key", "template", "level", "adopt_at")


def project_shown(key: str) -> dict[str, Any]:
    """A project as its own endpoint answers it, read anew."""
    return selectors.shown_projects([selectors.with_stage(Project.objects.all()).get(key=key)])[0]


class Projects(APIView):
    scopes = {"GET": "projects:read", "POST": "projects:write"}
    query = ListQuery(
        filters={
            "state": choice("state", ProjectState.values),
            "health": choice("health", Health.values),
            "stage": text(selectors.in_stage, longest=40),
            "portfolio": text("portfolio__name"),
            "template": text("process__template_key", longest=60),
            "level": choice("process__level", LEVELS),
            "tag": text(selectors.tagged_with, longest=40),
            "owner": text(selectors.owned_by),
        },
        orderings={"key": "key", "name": "name", "created": "created_at", "target_on": "target_on"},
        default="key",
        search=("key", "name"),
    )

    @extend_schema(parameters=query.parameters, responses=ProjectOutput(many=True))
    def get(self, request: ApiRequest) -> Response:
        rows = selectors.with_stage(Project.objects.visible_to(request.actor))
        return self.query.answer(request, rows, present=selectors.shown_projects)

    @extend_schema(request=ProjectInput, responses={201: ProjectOutput})
    @idempotent
    def post(self, request: ApiRequest) -> Response:
        require(request.actor, Action.CREATE_PROJECT)
        project = services.start_project(actor=request.actor, now=clock.now(), **read(ProjectInput, request))
        return tagged(project_shown(project.key), 201)


class ProjectDetail(APIView):
    scopes = {"GET": "projects:read", "PATCH": "projects:write", "PUT": "projects:write"}

    @extend_schema(responses=ProjectOutput)
    def get(self, request: ApiRequest, key: str) -> Response:
        project = get_object_or_404(selectors.with_stage(Project.objects.visible_to(request.actor)), key=key)
        return tagged(selectors.shown_projects([project])[0])

    @extend_schema(request=ProjectChange, responses=ProjectOutput)
    def patch(self, request: ApiRequest, key: str) -> Response:
        """Edit the data. Other `tags` change the checks; once the level is confirmed, whoever confirms changes them."""
        project = project_for(request.actor, key)
        require(request.actor, _right_to_change(request, project), project)
        version = expected_version(request)
        changes = read(ProjectChange, request, project_shown(key), partial=True)
        services.change_project(project=project, actor=request.actor, version=version, now=clock.now(), **changes)
        return tagged(project_shown(key))

    @extend_schema(request=ProjectUpsert, responses={200: ProjectOutput, 201: ProjectOutput})
    def put(self, request: ApiRequest, key: str) -> Response:
        """Create the project when it is absent; answer 200 when nothing differs; else change it as PATCH does."""
        project = Project.objects.visible_to(request.actor).filter(key=key).first()
        if project is None:
            require(request.actor, Action.CREATE_PROJECT)
            given = _upsert(request, key, {"key": key})
            services.start_project(actor=request.actor, now=clock.now(), **given)
            return tagged(project_shown(key), 201)
        require(request.actor, Action.EDIT_PROJECT, project)
        shown = project_shown(key)
        given = _upsert(request, key, shown)
        if all(_same(shown, name, value) for name, value in given.items()):
            return tagged(shown)
        version = expected_version(request)
        _refuse_moves(shown, given)
        changes = {name: value for name, value in given.items() if name not in MOVED_ELSEWHERE}
        services.change_project(project=project, actor=request.actor, version=version, now=clock.now(), **changes)
        return tagged(project_shown(key))


def _right_to_change(request: ApiRequest, project: Project) -> Action:
    """Tags alone are changed by whoever confirms levels, too."""
    tags_only = isinstance(request.data, dict) and "tags" in request.data and set(request.data) <= {"tags", "version"}
    if tags_only and not may(request.actor, Action.EDIT_PROJECT, project):
        return Action.CONFIRM_INTAKE
    return Action.EDIT_PROJECT


def _upsert(request: ApiRequest, key: str, current: dict[str, Any]) -> dict[str, Any]:
    """The body of a PUT. The address names the key; a body that repeats it must agree."""
    given = {"key": KeyField().run_validation(key), **read(ProjectUpsert, request, current)}
    if given["key"] != key:
        raise ValidationFailed.at("key", "read_only_field", _("The address names another key."))
    return given


def _refuse_moves(shown: dict[str, Any], given: dict[str, Any]) -> None:
    """What moves by its own door is not changed here in silence. Raises ValidationFailed (read_only_field)."""
    moved = [name for name in MOVED_ELSEWHERE if name in given and not _same(shown, name, given[name])]
    if moved:
        detail = _("The field cannot be written.")
        raise ValidationFailed(detail, errors=[FieldError(f"/{name}", "read_only_field", detail) for name in moved])


def _same(shown: dict[str, Any], name: str, value: Any) -> bool:
    """Whether a value sent is the one that stands; where a project was adopted is no value of it."""
    if name == "adopt_at":
        return True
    current = shown[name]
    return bool(
        set(current) == set(value)
        if name == "tags"
        else current == (str(value) if name == "portfolio" and value else value)
    )


class ProjectStatus(APIView):
    scopes = {"GET": "projects:read"}

    @extend_schema(responses=StatusOutput)
    def get(self, request: ApiRequest, key: str) -> Response:
        """Where the project stands, with every blocker of its current gate."""
        stages = selectors.stages_for_status(request.actor, key)
        if not stages:
            raise Http404
        return Response(selectors.status_answer(stages, today=clock.now().date()))


class GateCheck(APIView):
    scopes = {"GET": "projects:read"}
    query = AS_IF

    @extend_schema(parameters=[CANDIDATE], responses=GateCheckOutput)
    def get(self, request: ApiRequest, key: str, stage: str) -> Response:
        """Would this gate open? `current` names the current stage; `?candidate=` asks as if that run were current."""
        run_id = asked_candidate(request)
        stages = selectors.stages_for_status(request.actor, key)
        found = next((one for one in stages if one.key == stage), None)
        if stage == "current" and stages:
            found = selectors.current_of(stages)
        if found is None:
            raise Http404
        today = clock.now().date()
        if run_id is None:
            return Response(selectors.gate_answer(found, today=today))
        candidate = selectors.candidate_named(found.process.project_id, run_id)
        if candidate is None:
            raise UnknownRun(_("No candidate of this project reported the run %(run)s.") % {"run": run_id})
        return Response(selectors.candidate_answer(found, candidate, today=today))


def asked_candidate(request: ApiRequest) -> str | None:
    """`?candidate=`, checked as strictly as any other filter; the answer is one, so it has no pages."""
    run_id: str | None = AS_IF.read(request.query_params).filters.get("candidate")
    return run_id


class Hold(APIView):
    scopes = {"POST": "projects:write"}

    @extend_schema(request=HoldInput, responses={200: ProjectOutput})
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        project = project_for(request.actor, key, Action.CHANGE_STATE)
        services.hold_project(project=project, actor=request.actor, now=clock.now(), **read(HoldInput, request))
        return tagged(project_shown(key))


class Resume(APIView):
    scopes = {"POST": "projects:write"}

    @extend_schema(request=None, responses={200: ProjectOutput})
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        project = project_for(request.actor, key, Action.CHANGE_STATE)
        read(Nothing, request)
        services.resume_project(project=project, actor=request.actor, now=clock.now())
        return tagged(project_shown(key))
