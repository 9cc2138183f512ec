"""A URLconf with one strict endpoint of every kind, for the tests of the door itself."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import urls as accounts
from accounts.http import ApiRequest
from accounts.idempotency import idempotent
from accounts.models import User
from accounts.permissions import ANY, HUMAN
from common import health
from common.api import ListQuery, StrictJSONParser, StrictMultiPartParser, expected_version, read, tagged
from common.api.filters import choice, day, flag, instant, text, whole
from common.errors import PermissionDenied
from common.serializers import (
    DayField,
    DecimalField,
    FlagField,
    InstantField,
    KeyField,
    LineField,
    NumberField,
    StrictSerializer,
    TextField,
    UrlField,
    WholeField,
    ZoneField,
)

handler400 = "common.problems.bad_request"
handler403 = "common.problems.permission_denied"
handler404 = "common.problems.not_found"
handler500 = "common.problems.server_error"


class Thing(StrictSerializer):
    id = WholeField(read_only=True)
    owner = LineField(read_only=True)
    done_by = LineField(read_only=True, source="doer.username", default=None)
    seen_at = InstantField(read_only=True)
    spent = DecimalField(read_only=True)
    blocker = serializers.JSONField(read_only=True)
    name = LineField(max_length=20)
    key = KeyField(required=False)
    note = TextField(required=False, allow_blank=True)
    value = NumberField(required=False, max_value=100)
    step = WholeField(required=False, min_value=0)
    cost = DecimalField(required=False)
    flag = FlagField(required=False)
    zone = ZoneField(required=False)
    url = UrlField(required=False)
    on = DayField(required=False)
    measured_at = InstantField(required=False, past_only=True)
    at = InstantField(required=False)
    parts = serializers.ListField(child=LineField(), required=False)


class Things(APIView):
    scopes = {"GET": "projects:read", "POST": "metrics:write"}
    query = ListQuery(
        filters={
            "username": text("username"),
            "active": flag("is_active"),
            "theme": choice("theme", ["auto", "dark"]),
            "version": whole("version", low=1, high=10),
            "since": day("created_at__date__gte"),
            "after": instant("created_at__gt"),
        },
        orderings={"username": "username", "version": "version"},
        default="username",
        search=("username", "name"),
        large=True,
    )

    def get(self, request: ApiRequest) -> Response:
        return self.query.answer(request, User.objects.all(), lambda rows: [row.username for row in rows])

    @idempotent
    def post(self, request: ApiRequest) -> Response:
        data = read(Thing, request)
        if data["name"] == "forbidden":
            raise PermissionDenied
        if data["name"] == "broken":
            raise RuntimeError("secret detail")
        group = Group.objects.create(name=data["name"])
        return Response({"id": group.pk, **{name: str(value) for name, value in data.items()}}, 201)


def shown_thing(pk: int) -> dict[str, Any]:
    """A thing that nobody has done yet."""
    return {
        "id": pk,
        "owner": "ann",
        "doer": None,
        "seen_at": datetime(2026, 11, 1, tzinfo=UTC),
        "spent": Decimal("10.50"),
        "blocker": {"code": "metric_missing", "since": date(2026, 11, 1), "who": ["data_lead"], "check": None},
        "name": "old",
    }


class OneThing(APIView):
    scopes = {"GET": ANY, "PATCH": HUMAN, "PUT": HUMAN}

    def get(self, request: ApiRequest, pk: int) -> Response:
        return tagged({"id": pk, "version": 3})

    def patch(self, request: ApiRequest, pk: int) -> Response:
        version = expected_version(request)
        return Response({"version": version, **read(Thing, request, shown_thing(pk), partial=True)})

    def put(self, request: ApiRequest, pk: int) -> Response:
        return Response({"version": expected_version(request), **read(Thing, request, shown_thing(pk))})


class Secret(APIView):
    scopes = {"POST": HUMAN}

    @idempotent
    def post(self, request: ApiRequest) -> Response:
        return Response({"secret": "x"}, 201, headers={"Cache-Control": "no-store"})


class Upload(APIView):
    scopes = {"POST": ANY}
    parser_classes = [StrictJSONParser, StrictMultiPartParser]

    @idempotent
    def post(self, request: ApiRequest) -> Response:
        return Response({"size": sum(file.size for file in request.FILES.values())}, 201)


class Card(APIView):
    scopes = {"GET": ANY}
    formats = ("md", "json")

    def get(self, request: ApiRequest) -> HttpResponse:
        return HttpResponse("# Card", content_type="text/markdown")


def refusing(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def failing(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    raise RuntimeError("secret detail")


urlpatterns = [
    path("api/v1/things/", Things.as_view()),
    path("api/v1/things/<int:pk>/", OneThing.as_view()),
    path("api/v1/secrets/", Secret.as_view()),
    path("api/v1/uploads/", Upload.as_view()),
    path("api/v1/card/", Card.as_view()),
    path("api/v1/failing/", failing),
    path("refusing/", refusing),
    path("livez", health.livez),
    path("api/v1/", include(accounts.api)),
    *accounts.pages,
]
