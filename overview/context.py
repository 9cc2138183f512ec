"""What the frame around every page shows: who is here, what waits, which projects are pinned."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, partial
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actor import Actor
from accounts.models import Theme, User
from common import clock
from common.days import utc_day
from overview.selectors.matrix import outlook_of
from overview.selectors.outlooks import chip, managed_by
from overview.selectors.story import teller
from overview.selectors.work import Seat, owed_counts, seats_of
from overview.services.outlooks import refresh_outlooks
from projects.models import Project

THEME_COOKIE = "theme"
PINS = 5
PROFILE = "/profile/"
# Address, name, icon, second key after `g`. Addresses are the product's contract; their views live in many rooms.
PLACES = (
    ("/", gettext_lazy("My work"), "home", "w"),
    ("/inbox/", gettext_lazy("Inbox"), "inbox", "i"),
    ("/portfolio/", gettext_lazy("Portfolio"), "grid", "p"),
    ("/projects/", gettext_lazy("Projects"), "folder", "r"),
)
SHARED = (
    ("/portfolios/", gettext_lazy("Portfolios"), "folder", ""),
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


@dataclass(frozen=True)
class Shell:
    """What is late is counted by `today`, the same day for everybody; `here` it is the reader's own day.

    `ask` is called once, and only where the sidebar is drawn: fragments and errors ask the database nothing."""

    today: date
    here: date
    theme: str
    path: str = "/"
    signed_in: bool = False
    user_name: str = ""
    single_keys: bool = True
    organisation: str = ""
    reads_journal: bool = False
    ask: Callable[[], tuple[Counts, tuple[Pinned, ...]]] = lambda: (Counts(), ())
    home_url: str = "/"
    search_url: str = "/search/"

    @cached_property
    def asked(self) -> tuple[Counts, tuple[Pinned, ...]]:
        try:
            return self.ask()
        except DatabaseError:
            # The page that tells of a lost database has the same frame.
            return Counts(), ()

    @property
    def counts(self) -> Counts:
        return self.asked[0]

    @property
    def pinned(self) -> tuple[Pinned, ...]:
        return self.asked[1]

    @property
    def has_mailbox(self) -> bool:
        """Whether mail is read in the application, for want of a mail server."""
        return settings.DEMO and not settings.SMTP_HOST

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
        return [
            Place(url, name, icon, key, current=self.path.startswith(url))
            for url, name, icon, key in SHARED
            # The journal of the instance is for those who may read it; a project's has its own page.
            if url != "/journal/" or self.reads_journal
        ]


def shell(request: HttpRequest) -> dict[str, Any]:
    """Asks the database nothing for a visitor who has not signed in, but for the demo's story before the sign-in."""
    now = clock.now()
    # An error page may be drawn before any middleware ran.
    user = getattr(request, "user", None)
    if isinstance(user, User):
        return {"shell": _of_person(user, request, now)}
    cookie = request.COOKIES.get(THEME_COOKIE, "")
    theme = cookie if cookie in Theme.values else Theme.AUTO.value
    frame = Shell(today=utc_day(now), here=utc_day(now), theme=theme, path=request.path)
    # Called by the template that shows it, and by no other.
    return {"shell": frame, "story": partial(teller, now.date())} if settings.DEMO else {"shell": frame}


def _of_person(user: User, request: HttpRequest, now: datetime) -> Shell:
    path = request.path
    return Shell(
        today=utc_day(now),
        here=now.astimezone(ZoneInfo(user.timezone)).date(),
        theme=user.theme,
        path=path,
        signed_in=True,
        user_name=user.display_name,
        single_keys=user.single_keys,
        organisation=_("Organisation"),
        reads_journal=user.is_admin or (user.is_auditor and not user.is_guest),
        ask=partial(_waiting, Actor.for_user(user), request, now),
    )


def _waiting(actor: Actor, request: HttpRequest, now: datetime) -> tuple[Counts, tuple[Pinned, ...]]:
    """The numbers and the projects of the sidebar: at most four queries, but for a page that counts again."""
    seats = seats_of(actor)
    if "X-Recount" in request.headers:
        # Somebody has just worked on a row of this page and looks at its numbers; otherwise the sweep does it in time.
        _up_to_date(seats, now)
        seats = seats_of(actor)
    numbers = owed_counts(actor, seats, now)
    # My work has just counted its rows; two counts could disagree.
    work = getattr(request, "work_count", numbers.work)
    projects = [seat.project for seat in seats[:PINS]] or managed_by(actor, PINS)
    return Counts(work, numbers.unread), tuple(_pin(project, request.path) for project in projects)


def _up_to_date(seats: Iterable[Seat], now: datetime) -> None:
    refresh_outlooks(projects=Project.objects.filter(pk__in=[seat.project.pk for seat in seats]), now=now)


def _pin(project: Project, path: str) -> Pinned:
    shown, url = chip(project, outlook_of(project)), f"/projects/{project.key}/"
    return Pinned(project.key, project.display_name, shown.verdict, shown.text, url, current=path.startswith(url))
