from collections.abc import Sequence
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import ApiRequest
from accounts.idempotency import idempotent
from accounts.permissions import HUMAN
from common import clock
from common.api import ListQuery, read, tagged
from common.api.filters import choice
from lifecycle import selectors, services
from lifecycle.models import Change, ChangeState
from lifecycle.serializers import ChangeInput, ChangeShown, ClosingInput, Nothing
from projects.api import project_for
from projects.permissions import Action, require


def change_seen(request: ApiRequest, pk: int) -> Change:
    return get_object_or_404(Change.objects.visible_to(request.actor).with_process(), pk=pk)


def changes_shown(changes: Sequence[Change]) -> list[dict[str, Any]]:
    return [selectors.change_document(one) for one in selectors.standing_of(changes, today=clock.now().date())]


def change_answer(change: Change, status: int = 200) -> Response:
    """The change read anew."""
    fresh = Change.objects.with_process().get(pk=change.pk)
    return tagged(changes_shown([fresh])[0], status)


class Changes(APIView):
    scopes = {"GET": "projects:read", "POST": "records:write"}
    query = ListQuery(
        filters={"state": choice("state", ChangeState.values)}, orderings={"opened": "id"}, default="-opened"
    )

    @extend_schema(parameters=query.parameters, responses=ChangeShown(many=True))
    def get(self, request: ApiRequest, key: str) -> Response:
        """The changes of a project, the newest first, with the checks that each turned stale as they stand today."""
        project = project_for(request.actor, key)
        rows = Change.objects.with_process().filter(stage__process__project=project)
        return self.query.answer(request, rows, present=lambda page: changes_shown(list(page)))

    @extend_schema(request=ChangeInput, responses={201: ChangeShown})
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        """Say that something of the running system changes; the parts named take their new values at once."""
        project = project_for(request.actor, key, Action.WORK)
        given = read(ChangeInput, request)
        return change_answer(services.open_change(project=project, actor=request.actor, now=clock.now(), **given), 201)


class ChangeDetail(APIView):
    scopes = {"GET": "projects:read"}

    @extend_schema(responses=ChangeShown)
    def get(self, request: ApiRequest, pk: int) -> Response:
        return tagged(changes_shown([change_seen(request, pk)])[0])


class ChangeConfirmation(APIView):
    scopes = {"POST": HUMAN}

    @extend_schema(request=None, responses={200: ChangeShown})
    @idempotent
    def post(self, request: ApiRequest, pk: int) -> Response:
        """A gatekeeper finds that every check is met again; 409 `change_not_ready` with the blockers, else."""
        change = change_seen(request, pk)
        services.may_confirm(request.actor, change)
        read(Nothing, request)
        return change_answer(services.confirm_change(change=change, actor=request.actor, now=clock.now()))


class ChangeWithdrawal(APIView):
    scopes = {"POST": "records:write"}

    @extend_schema(request=ClosingInput, responses={200: ChangeShown})
    @idempotent
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Close the change unconfirmed; the subject stays as it is now."""
        change = change_seen(request, pk)
        if change.opened_by_id != request.actor.user_id:
            require(request.actor, Action.EDIT_PROJECT, change.stage.process.project)
        given = read(ClosingInput, request)
        return change_answer(services.withdraw_change(change=change, actor=request.actor, now=clock.now(), **given))
