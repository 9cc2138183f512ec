"""Who acts, by which door, from where: the first argument of every question about rights."""

from dataclasses import dataclass
from typing import Self

from accounts.models import SCOPES, ApiToken, User
from common.errors import HumanSessionRequired, NotAuthenticated, ScopeMissing

ANONYMOUS, SESSION, TOKEN, SYSTEM = "anonymous", "session", "token", "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """A person with a session, a token acting for a person, the system itself, or nobody yet."""

    user: User | None
    token: ApiToken | None
    via: str
    ip: str | None
    request_id: str

    @classmethod
    def system(cls, request_id: str = "") -> Self:
        """Tasks, commands and imports that nobody in particular asked for."""
        return cls(None, None, SYSTEM, None, request_id)

    @classmethod
    def anonymous(cls, ip: str | None = None, request_id: str = "") -> Self:
        return cls(None, None, ANONYMOUS, ip, request_id)

    @classmethod
    def for_user(cls, user: User, ip: str | None = None, request_id: str = "") -> Self:
        """`user` with a session of their own."""
        return cls(user, None, SESSION, ip, request_id)

    @property
    def user_id(self) -> int | None:
        return self.user.pk if self.user else None

    @property
    def person(self) -> User:
        """The user, where there must be one. Raises NotAuthenticated."""
        if self.user is None:
            raise NotAuthenticated
        return self.user

    @property
    def name(self) -> str:
        return self.user.display_name if self.user else self.via

    @property
    def is_human_session(self) -> bool:
        return self.via == SESSION

    @property
    def is_system(self) -> bool:
        return self.via == SYSTEM

    @property
    def is_admin(self) -> bool:
        return self.user is not None and self.user.is_admin

    @property
    def is_auditor(self) -> bool:
        """Of the instance: a guest audits only the projects they were let into."""
        return self.user is not None and self.user.is_auditor and not self.user.is_guest

    @property
    def project_id(self) -> int | None:
        """The one project a token is bound to, or None for all that its owner sees."""
        return self.token.project_id if self.token else None

    @property
    def scopes(self) -> frozenset[str]:
        """What the door allows: a token its scopes, a person and the system everything."""
        return frozenset(self.token.scopes) if self.token else frozenset(SCOPES)


def require_scope(actor: Actor, scope: str) -> None:
    """Raises ScopeMissing when a token was not given `scope`."""
    if scope not in actor.scopes:
        raise ScopeMissing(f"{ScopeMissing.title}: {scope}", missing=scope)


def require_human(actor: Actor) -> None:
    """Raises HumanSessionRequired unless a person acts with a session of their own."""
    if not actor.is_human_session:
        raise HumanSessionRequired
