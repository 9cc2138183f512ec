from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actor import Actor
from accounts.http import ApiRequest
from accounts.idempotency import idempotent
from common import clock
from common.api import ListQuery, expected_version, read, tagged
from common.api.filters import choice, day, text
from projects import services
from projects.api.loading import project_for, row_for
from projects.models import Comment, Health, ProgressEntry
from projects.permissions import Action
from projects.serializers import CommentChanges, CommentInput, CommentOutput, ProgressInput


class Progress(APIView):
    """The log: what moved, how it looks, what is in the way. Entries are not edited; write another."""

    scopes = {"GET": "projects:read", "POST": "projects:write"}
    query = ListQuery(
        filters={"health": choice("health", Health.values), "from": day("day__gte"), "to": day("day__lte")},
        orderings={"date": "day"},
        default="-date",
        search=("text", "blockers"),
    )

    @extend_schema(parameters=query.parameters, responses=ProgressInput(many=True))
    def get(self, request: ApiRequest, key: str) -> Response:
        project = project_for(request.actor, key)
        rows = ProgressEntry.objects.visible_to(request.actor).filter(project=project).select_related("written_by")
        return self.query.answer(request, rows, lambda found: ProgressInput(found, many=True).data)

    @extend_schema(request=ProgressInput, responses={201: ProgressInput})
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        project = project_for(request.actor, key, Action.WORK)
        given = read(ProgressInput, request)
        entry = services.log_progress(project=project, actor=request.actor, now=clock.now(), **given)
        return Response(ProgressInput(entry).data, 201)


def _comments(actor: Actor) -> QuerySet[Comment]:
    return Comment.objects.visible_to(actor).select_related("written_by", "project")


class Comments(APIView):
    """What people say about a project and its things, in Markdown."""

    scopes = {"GET": "projects:read", "POST": "projects:write"}
    query = ListQuery(
        filters={"about": text("about"), "by": text("written_by__username")},
        orderings={"at": "written_at"},
        search=("text",),
    )

    @extend_schema(parameters=query.parameters, responses=CommentOutput(many=True))
    def get(self, request: ApiRequest, key: str) -> Response:
        project = project_for(request.actor, key)
        rows = _comments(request.actor).filter(project=project)
        return self.query.answer(request, rows, lambda found: CommentOutput(found, many=True).data)

    @extend_schema(request=CommentInput, responses={201: CommentOutput})
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        project = project_for(request.actor, key, Action.COMMENT)
        given = read(CommentInput, request)
        comment = services.add_comment(project=project, actor=request.actor, now=clock.now(), **given)
        return tagged(CommentOutput(comment).data, 201)


class CommentDetail(APIView):
    """One comment; its author may change the words."""

    scopes = {"GET": "projects:read", "PATCH": "projects:write"}

    @extend_schema(responses=CommentOutput)
    def get(self, request: ApiRequest, pk: int) -> Response:
        return tagged(CommentOutput(row_for(_comments(request.actor), request.actor, pk=pk)).data)

    @extend_schema(request=CommentChanges(partial=True), responses=CommentOutput)
    def patch(self, request: ApiRequest, pk: int) -> Response:
        comment = row_for(_comments(request.actor), request.actor, Action.COMMENT, pk=pk)
        services.require_author(comment, request.actor)
        version = expected_version(request)
        given = {"text": comment.text, **read(CommentChanges, request, comment, partial=True)}
        comment = services.edit_comment(comment=comment, actor=request.actor, now=clock.now(), version=version, **given)
        return tagged(CommentOutput(comment).data)
