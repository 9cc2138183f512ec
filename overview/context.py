"""What the frame around every page shows: who is here, what waits, which projects are pinned."""

from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Theme, User
from common import clock

THEME_COOKIE = "theme"
PROFILE = "/profile/"
# Address, name, icon, second key after `g`. Addresses are the product's contract; their views live in many rooms.
PLACES = (
    ("/", gettext_lazy("My work"), "home", "w"),
    ("/inbox/", gettext_lazy("Inbox"), "inbox", "i"),
    ("/portfolio/", gettext_lazy("Portfolio"), "grid", "p"),
    ("/projects/", gettext_lazy("Projects"), "folder", "r"),
)
SHARED = (
    ("/risks/", gettext_lazy("Risks"), "risk", ""),
    ("/cases/", gettext_lazy("Cases"), "book", ""),
    ("/templates/", gettext_lazy("Templates"), "layers", ""),
    ("/journal/", gettext_lazy("Journal"), "list", ""),
    ("/api/docs/", gettext_lazy("API docs"), "code", ""),
)


@dataclass(frozen=True, slots=True)
class Counts:
    """What waits for the reader: work that is owed, notices that are unread."""

    work: int = 0
    inbox: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A link of the sidebar."""

    url: str
    name: str | Promise
    icon: str
    key: str
    current: bool
    count: int = 0


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
    path: str = "/"
    signed_in: bool = False
    user_name: str = ""
    single_keys: bool = True
    organisation: str = ""
    counts: Counts = field(default_factory=Counts)
    pinned: tuple[Pinned, ...] = ()
    home_url: str = "/"
    search_url: str = "/search/"

    @property
    def on_profile(self) -> bool:
        return self.path == PROFILE

    @property
    def places(self) -> list[Place]:
        counts = {"/": self.counts.work, "/inbox/": self.counts.inbox}
        return [
            Place(url, name, icon, key, current=url == self.path, count=counts.get(url, 0))
            for url, name, icon, key in PLACES
        ]

    @property
    def shared(self) -> list[Place]:
        return [Place(url, name, icon, key, current=self.path.startswith(url)) for url, name, icon, key in SHARED]


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
        path=path,
        signed_in=True,
        user_name=user.display_name,
        single_keys=user.single_keys,
        organisation=_("Organisation"),
    )
