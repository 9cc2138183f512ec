from typing import Any

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
from common.api.filters import choice, day, flag, text
from common.errors import ValidationFailed
from projects import services
from projects.api.loading import project_for, row_for
from projects.models import Action as Owed
from projects.models import ActionSource
from projects.permissions import Action
from projects.serializers import ActionChanges, ActionInput, ActionOutput


def _actions(actor: Actor) -> QuerySet[Owed]:
    return Owed.objects.visible_to(actor).select_related("project", "owner", "done_by", "verified_by")


def _done(rows: Any, wanted: bool) -> Any:  # noqa: FBT001 - called by the list with the parsed value
    return rows.exclude(done_on=None) if wanted else rows.open()


def _given(data: dict[str, Any]) -> dict[str, Any]:
    """The body's words as the services' words: a person by user name."""
    return {**data, **({"owner": data["owner"]["username"]} if "owner" in data else {})}


class Actions(APIView):
    """What somebody owes by a day: actions, conditions, treatments, findings in one list."""

    scopes = {"GET": "projects:read", "POST": "projects:write"}
    query = ListQuery(
        filters={
            "owner": text("owner__username"),
            "source": choice("source", ActionSource.values),
            "done": flag(_done),
            "due_before": day("due_on__lt"),
        },
        orderings={"due_on": "due_on", "created": "created_at"},
        default="due_on",
        search=("text",),
    )

    @extend_schema(parameters=query.parameters, responses=ActionOutput(many=True))
    def get(self, request: ApiRequest, key: str) -> Response:
        project = project_for(request.actor, key)
        rows = _actions(request.actor).filter(project=project)
        return self.query.answer(request, rows, lambda found: ActionOutput(found, many=True).data)

    @extend_schema(request=ActionInput, responses={201: ActionOutput})
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        project = project_for(request.actor, key, Action.WORK)
        given = _given(read(ActionInput, request))
        action = services.add_action(project=project, actor=request.actor, now=clock.now(), **given)
        return tagged(ActionOutput(action).data, 201)


class ActionDetail(APIView):
    """One action: its words, owner and day; `done`; `verified` by somebody else. One of the three at a time."""

    scopes = {"GET": "projects:read", "PATCH": "projects:write"}

    @extend_schema(responses=ActionOutput)
    def get(self, request: ApiRequest, pk: int) -> Response:
        return tagged(ActionOutput(row_for(_actions(request.actor), request.actor, pk=pk)).data)

    @extend_schema(request=ActionChanges(partial=True), responses=ActionOutput)
    def patch(self, request: ApiRequest, pk: int) -> Response:
        action = row_for(_actions(request.actor), request.actor, Action.WORK, pk=pk)
        version = expected_version(request)
        given = _given(read(ActionChanges, request, action, partial=True))
        return tagged(ActionOutput(_change(action, request.actor, version, given)).data)


def _change(action: Owed, actor: Actor, version: int, given: dict[str, Any]) -> Owed:
    done, verified = given.pop("done", action.done), given.pop("verified", action.verified)
    steps = [bool(given), done != action.done, verified != action.verified]
    if sum(steps) > 1:
        raise ValidationFailed(_("Change the words, or mark as done, or verify: one at a time."))
    now = clock.now()
    if done != action.done:
        return services.complete_action(action=action, actor=actor, now=now, version=version, done=done)
    if verified != action.verified:
        if not verified:
            raise ValidationFailed.at("verified", "invalid_choice", _("Who finds it undone sets done to false."))
        return services.verify_action(action=action, actor=actor, now=now, version=version)
    return services.update_action(action=action, actor=actor, now=now, version=version, **given)
