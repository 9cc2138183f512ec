"""What the frame around every page shows: who is here, what waits, which projects are pinned."""

from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import Theme, User
from common import clock

THEME_COOKIE = "theme"


@dataclass(frozen=True, slots=True)
class Counts:
    work: int = 0
    inbox: int = 0


@dataclass(frozen=True, slots=True)
class Pinned:
    """A project in the sidebar: its verdict's sign and one short note ("2 to sign")."""

    key: str
    name: str
    verdict: str
    note: str
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Shell:
    today: date
    theme: str
    signed_in: bool = False
    user_name: str = ""
    single_keys: bool = True
    organisation: str = ""
    path: str = "/"
    counts: Counts = field(default_factory=Counts)
    pinned: tuple[Pinned, ...] = ()


def shell(request: HttpRequest) -> dict[str, Shell]:
    """Asks the database nothing for a visitor who has not signed in."""
    now = clock.now()
    # An error page may be drawn before any middleware ran.
    user = getattr(request, "user", None)
    if isinstance(user, User):
        return {"shell": _of_person(user, request.path, now)}
    cookie = request.COOKIES.get(THEME_COOKIE, "")
    theme = cookie if cookie in Theme.values else Theme.AUTO.value
    return {"shell": Shell(today=now.date(), theme=theme, path=request.path)}


def _of_person(user: User, path: str, now: datetime) -> Shell:
    return Shell(
        today=now.astimezone(ZoneInfo(user.timezone)).date(),
        theme=user.theme,
        signed_in=True,
        user_name=user.display_name,
        single_keys=user.single_keys,
        organisation=_("Organisation"),
        path=path,
    )
