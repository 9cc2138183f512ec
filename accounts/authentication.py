"""The API's two doors: a bearer token, or the browser's session with its CSRF mark."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.utils import translation
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts import services
from accounts.actor import Actor
from accounts.errors import CsrfFailed, TokenExpired, TokenInvalid
from accounts.http import actor_of_session
from accounts.models import ApiToken, User
from accounts.permissions import CHALLENGE, HUMAN, require_door
from common import clock, logs
from common.network import client_address

if TYPE_CHECKING:
    # DRF's views import these classes while they are themselves being imported.
    from rest_framework.views import APIView


def _parsed_first(request: Request) -> None:
    """A body that cannot be read is refused before anyone asks who sent it; files wait until somebody is known."""
    if request.method not in {"GET", "HEAD", "OPTIONS"} and not (request.content_type or "").startswith("multipart/"):
        _ = request.data


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer egt_…`. Raises TokenInvalid, TokenExpired, both with WWW-Authenticate."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken | None] | None:
        _parsed_first(request)
        scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        try:
            if scheme.lower() != "bearer":
                raise TokenInvalid
            actor = services.authenticate_token(
                secret=secret.strip(),
                ip=client_address(request),
                request_id=logs.request_id.get(),
                now=clock.now(),
            )
        except (TokenInvalid, TokenExpired) as error:
            error.headers["WWW-Authenticate"] = f'{CHALLENGE}, error="invalid_token"'
            raise
        logs.actor_id.set(str(actor.user_id))
        _speak(request, actor.person)
        _remember(request, actor)
        return actor.person, actor.token

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


def _speak(request: Request, user: User) -> None:
    """A script that does not say which language it reads gets its owner's."""
    if user.language and not request.headers.get("Accept-Language"):
        translation.activate(user.language)


def _remember(request: Request, actor: Actor) -> None:
    # On Django's request too: the middleware around the view looks there.
    request.actor = request._request.actor = actor  # type: ignore[attr-defined]


class SessionAuthentication(BaseAuthentication):
    """The browser's session; whatever writes needs the CSRF mark and the site's own Origin. Raises CsrfFailed."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        actor = actor_of_session(request._request)
        _remember(request, actor)
        if actor.user is None:
            return None
        self._check_csrf(request)
        return actor.user, None

    @staticmethod
    def _check_csrf(request: Request) -> None:
        check = CSRFCheck(lambda _request: HttpResponse())
        check.process_request(request)
        if check.process_view(request, HttpResponse, (), {}):
            raise CsrfFailed

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


class SignedInWithScope(BasePermission):
    """The default permission: an endpoint's `scopes = {"GET": "projects:read", "POST": HUMAN}` say what a token needs.

    A method that names none is closed to tokens.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        scopes: Mapping[str, str] = getattr(view, "scopes", {})
        method = "GET" if request.method == "HEAD" else str(request.method)
        require_door(request.actor, scopes.get(method, HUMAN))  # type: ignore[attr-defined] # see _remember
        return True


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the API's description names the token."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "egt_…"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the API's description names the session."""

    target_class = SessionAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
