"""What a token may do at an endpoint: each says so itself, method by method."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.actor import Actor, require_human, require_scope
from common.errors import NotAuthenticated

if TYPE_CHECKING:
    # DRF's views import the default permission, this one.
    from rest_framework.views import APIView

# In an endpoint's `scopes`: no token may, whatever its scopes.
HUMAN = ""
# In an endpoint's `scopes`: any token may.
ANY = "*"


class SignedInWithScope(BasePermission):
    """Signed in; and a token needs the scope the endpoint names: `scopes = {"GET": "projects:read", "POST": HUMAN}`.

    A method that names none is closed to tokens. Raises NotAuthenticated, ScopeMissing, HumanSessionRequired.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        actor: Actor = getattr(request, "actor")  # noqa: B009 - set by the authentication, unknown to DRF's type
        if actor.user is None:
            raise NotAuthenticated(headers={"WWW-Authenticate": 'Bearer realm="eightgate"'})
        scopes: Mapping[str, str] = getattr(view, "scopes", {})
        scope = scopes.get("GET" if request.method == "HEAD" else str(request.method), HUMAN)
        if scope == HUMAN:
            require_human(actor)
        elif scope != ANY:
            require_scope(actor, scope)
        return True
