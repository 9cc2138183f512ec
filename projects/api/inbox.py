from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import ApiRequest
from accounts.idempotency import idempotent
from accounts.permissions import HUMAN
from common import clock
from common.api import ListQuery, read
from common.api.filters import flag, text
from common.errors import ValidationFailed
from journal.models import Notice
from journal.services import read_notices, snooze_notice
from projects.models import Project
from projects.selectors import inbox_rows, notices_of
from projects.serializers import NoticeOutput, ReadInput, ReadOutput, SnoozeInput

LONGEST_SNOOZE = timedelta(days=7)


def _unread(rows: Any, wanted: bool) -> Any:  # noqa: FBT001 - called by the list with the parsed value
    return rows.unread(clock.now()) if wanted else rows.read()


def _about(rows: Any, key: str) -> Any:
    return rows.filter(project_id__in=Project.objects.filter(key=key).values("pk"))


def shown(notices: Sequence[Notice]) -> list[dict[str, Any]]:
    return [dict(row) for row in NoticeOutput(inbox_rows(notices), many=True).data]


class Inbox(APIView):
    """What one was told, newest first; `reason` says why."""

    scopes = {"GET": "projects:read"}
    query = ListQuery(
        filters={"unread": flag(_unread), "kind": text("kind"), "project": text(_about)},
        orderings={"created_at": "created_at"},
        default="-created_at",
        large=True,
    )

    @extend_schema(parameters=query.parameters, responses=NoticeOutput(many=True))
    def get(self, request: ApiRequest) -> Response:
        return self.query.answer(request, notices_of(request.actor), shown)


class InboxRead(APIView):
    """Mark notices as read: some by id, or all."""

    scopes = {"POST": HUMAN}

    @extend_schema(request=ReadInput, responses=ReadOutput)
    @idempotent
    def post(self, request: ApiRequest) -> Response:
        given = read(ReadInput, request)
        ids = given.get("ids")
        if (ids is None) != bool(given.get("all")):
            raise ValidationFailed.at("ids", "required", _("Name the notices, or say that you mean all."))
        mine = notices_of(request.actor)
        count = read_notices(notices=mine if ids is None else mine.filter(pk__in=ids), now=clock.now())
        return Response({"read": count})


class InboxSnooze(APIView):
    """Let a notice sleep, seven days at most."""

    scopes = {"POST": HUMAN}

    @extend_schema(request=SnoozeInput, responses=NoticeOutput)
    @idempotent
    def post(self, request: ApiRequest, pk: int) -> Response:
        notice = get_object_or_404(notices_of(request.actor), pk=pk)
        now, until = clock.now(), read(SnoozeInput, request)["until"]
        if not now < until <= now + LONGEST_SNOOZE:
            raise ValidationFailed.at("until", "snooze_too_long", _("A reminder sleeps seven days at most."))
        snooze_notice(user_id=request.actor.person.pk, notice_id=notice.pk, until=until)
        return Response(shown([get_object_or_404(notices_of(request.actor), pk=pk)])[0])
