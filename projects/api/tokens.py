"""API tokens. They live in accounts; the doors stand here because a token names the project it is bound to."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import services
from accounts.http import ApiRequest
from accounts.idempotency import idempotent
from accounts.models import ApiToken
from accounts.permissions import HUMAN
from common import clock
from common.api import ListQuery, read
from common.errors import NotFound, ValidationFailed
from projects.models import Project
from projects.serializers.tokens import TokenInput, TokenOutput, shown_token


def shown_tokens(tokens: Sequence[ApiToken]) -> Iterable[dict[str, Any]]:
    bound = [token.project_id for token in tokens if token.project_id]
    keys = dict(Project.objects.filter(pk__in=bound).values_list("pk", "key")) if bound else {}
    return (shown_token(token, keys) for token in tokens)


class Tokens(APIView):
    """One's own tokens; only a person with a session makes one."""

    scopes = {"GET": HUMAN, "POST": HUMAN}
    query = ListQuery(orderings={"created": "created_at", "expires": "expires_at"}, default="-created")

    @extend_schema(operation_id="tokens_list", parameters=query.parameters, responses=TokenOutput(many=True))
    def get(self, request: ApiRequest) -> Response:
        return self.query.answer(request, ApiToken.objects.owned_by(request.actor.user_id), shown_tokens)

    @extend_schema(request=TokenInput, responses={201: TokenOutput})
    @idempotent
    def post(self, request: ApiRequest) -> Response:
        data = read(TokenInput, request)
        project = None
        if key := data.get("project"):
            project = Project.objects.visible_to(request.actor).filter(key=key).first()
            if project is None:
                raise ValidationFailed.at("project", "not_found", NotFound.title)
        token, secret = services.create_token(
            actor=request.actor,
            user=request.actor.person,
            name=data["name"],
            scopes=data["scopes"],
            expires_at=data.get("expires_at"),
            project_id=project.pk if project else None,
            now=clock.now(),
        )
        body = {**shown_token(token, {project.pk: project.key} if project else {}), "token": secret}
        # Not to be kept by any cache, nor by the store of idempotent answers.
        return Response(body, 201, headers={"Cache-Control": "no-store"})


class TokenDetail(APIView):
    """A token ends here: at once, for ever."""

    scopes = {"DELETE": HUMAN}

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: ApiRequest, pk: int) -> Response:
        actor = request.actor
        token = get_object_or_404(ApiToken.objects.revocable_by(actor.user_id, is_admin=actor.is_admin), pk=pk)
        services.revoke_token(actor=actor, token=token, now=clock.now())
        return Response(status=204)
