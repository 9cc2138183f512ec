"""One's own person."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import services
from accounts.actor import Actor
from accounts.http import ApiRequest, calendar_url
from accounts.models import User
from accounts.permissions import ANY, HUMAN
from accounts.serializers import AccountOutput, AccountSerializer, ProfileOutput, ProfileSerializer
from common import clock
from common.api import expected_version, read, tagged

PERSON = ("id", "username", "email", "is_admin", "is_auditor", "version")
PREFERENCES = ("name", "name_zh", "language", "timezone", "theme", "single_keys", "digest", "working_days")
TIMES = ("mail_at", "quiet_from", "quiet_to")


def shown(actor: Actor) -> dict[str, Any]:
    """The person behind `actor` and what this door allows them."""
    person = actor.person
    times = {name: moment.strftime("%H:%M") if (moment := getattr(person, name)) else None for name in TIMES}
    return {
        **{name: getattr(person, name) for name in PERSON + PREFERENCES},
        **times,
        "via": actor.via,
        "scopes": sorted(actor.scopes),
        "project_id": actor.project_id,
        # Whoever has this address reads the calendar; a script has no need of it.
        "calendar_url": calendar_url(person) if actor.is_human_session else None,
    }


class Me(APIView):
    """Who am I, what may this token do, and the preferences of the person."""

    scopes = {"GET": ANY, "PATCH": HUMAN}

    @extend_schema(responses=ProfileOutput)
    def get(self, request: ApiRequest) -> Response:
        return tagged(shown(request.actor))

    @extend_schema(request=ProfileSerializer(partial=True), responses=ProfileOutput)
    def patch(self, request: ApiRequest) -> Response:
        version = expected_version(request)
        changes = read(ProfileSerializer, request, shown(request.actor), partial=True)
        person = services.update_profile(actor=request.actor, expected_version=version, now=clock.now(), **changes)
        return tagged(shown(Actor.for_user(person)))


class Account(APIView):
    """A person's account, for admins: a guest or not, and until when."""

    scopes = {"GET": HUMAN, "PATCH": HUMAN}

    def _load(self, request: ApiRequest, username: str) -> User:
        services.require_admin(request.actor)
        return get_object_or_404(User.objects.named(username))

    @extend_schema(responses=AccountOutput)
    def get(self, request: ApiRequest, username: str) -> Response:
        return tagged(AccountOutput(self._load(request, username)).data)

    @extend_schema(request=AccountSerializer(partial=True), responses=AccountOutput)
    def patch(self, request: ApiRequest, username: str) -> Response:
        user = self._load(request, username)
        version = expected_version(request)
        changes = read(AccountSerializer, request, user, partial=True)
        changed = services.change_account(actor=request.actor, user=user, version=version, now=clock.now(), **changes)
        return tagged(AccountOutput(changed).data)
