"""What a token may do at an endpoint: each endpoint says so itself, method by method."""

from accounts.actor import Actor, require_human, require_scope
from common.errors import NotAuthenticated

# In an endpoint's `scopes`: no token may, whatever its scopes.
HUMAN = ""
# In an endpoint's `scopes`: any token may.
ANY = "*"
CHALLENGE = 'Bearer realm="eightgate"'


def require_door(actor: Actor, scope: str) -> None:
    """Somebody is there, and their door allows `scope`. Raises NotAuthenticated, ScopeMissing, HumanSessionRequired."""
    if actor.user is None:
        raise NotAuthenticated(headers={"WWW-Authenticate": CHALLENGE})
    if scope == HUMAN:
        require_human(actor)
    elif scope != ANY:
        require_scope(actor, scope)
