from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actor import Actor
from accounts.http import ApiRequest
from accounts.idempotency import idempotent
from accounts.permissions import HUMAN
from common import clock
from common.api import ListQuery, expected_version, read, tagged
from common.api.filters import flag, text
from projects import services
from projects.api.loading import project_for, row_for
from projects.models import Membership
from projects.permissions import Action
from projects.serializers import MemberChanges, MemberInput, MemberOutput


def _members(actor: Actor) -> QuerySet[Membership]:
    return (
        Membership.objects.visible_to(actor)
        .select_related("user", "project", "standing__portfolio")
        .prefetch_related("functions")
    )


def _given(data: dict[str, Any]) -> dict[str, Any]:
    """The body's words as the services' words."""
    user = data.pop("user", None)
    renamed = {"functions": data.pop("roles")} if "roles" in data else {}
    return {**data, **renamed, **({"username": user["username"]} if isinstance(user, dict) else {})}


class Members(APIView):
    """Who belongs to a project, what they may do and in which capacities they act."""

    scopes = {"GET": "projects:read", "POST": HUMAN}
    query = ListQuery(
        filters={
            "function": text("functions__role"),
            "team": flag("team"),
        },
        orderings={"since": "since", "user": "user__username"},
        search=("user__username", "user__name"),
    )

    @extend_schema(parameters=query.parameters, responses=MemberOutput(many=True))
    def get(self, request: ApiRequest, key: str) -> Response:
        project = project_for(request.actor, key)
        rows = _members(request.actor).filter(project=project)
        return self.query.answer(request, rows, lambda found: MemberOutput(found, many=True).data)

    @extend_schema(request=MemberInput, responses={201: MemberOutput})
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        project = project_for(request.actor, key, Action.MANAGE_MEMBERS)
        given = _given(read(MemberInput, request))
        member = services.add_member(project=project, actor=request.actor, now=clock.now(), **given)
        return tagged(MemberOutput(member).data, 201)


class Member(APIView):
    """One member, by user name."""

    scopes = {"GET": "projects:read", "PATCH": HUMAN, "DELETE": HUMAN}

    def _load(self, request: ApiRequest, key: str, username: str, action: Action | None = None) -> Membership:
        project = project_for(request.actor, key)
        rows = _members(request.actor).filter(project=project)
        return row_for(rows, request.actor, action, user__username__iexact=username)

    @extend_schema(responses=MemberOutput)
    def get(self, request: ApiRequest, key: str, username: str) -> Response:
        return tagged(MemberOutput(self._load(request, key, username)).data)

    @extend_schema(request=MemberChanges(partial=True), responses=MemberOutput)
    def patch(self, request: ApiRequest, key: str, username: str) -> Response:
        member = self._load(request, key, username, Action.MANAGE_MEMBERS)
        version = expected_version(request)
        given = _given(read(MemberChanges, request, member, partial=True))
        member = services.update_member(member=member, actor=request.actor, now=clock.now(), version=version, **given)
        return tagged(MemberOutput(member).data)

    @extend_schema(responses={204: None})
    def delete(self, request: ApiRequest, key: str, username: str) -> Response:
        member = self._load(request, key, username, Action.MANAGE_MEMBERS)
        version = expected_version(request)
        services.remove_member(member=member, actor=request.actor, now=clock.now(), version=version)
        return Response(status=204)


class MemberInherit(APIView):
    """Let the standing role of the nearest portfolio hold for a person again, whether changed here or taken out."""

    scopes = {"POST": HUMAN}

    @extend_schema(request=None, responses=MemberOutput)
    @idempotent
    def post(self, request: ApiRequest, key: str, username: str) -> Response:
        project = project_for(request.actor, key, Action.MANAGE_MEMBERS)
        member = services.inherit_member(project=project, username=username, actor=request.actor, now=clock.now())
        return tagged(MemberOutput(member).data)
