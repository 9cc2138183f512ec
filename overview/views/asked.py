"""Reading a query string of projects: which projects, for whom, on which day."""

from dataclasses import dataclass, replace
from datetime import date

from django.db.models import QuerySet
from django.http import QueryDict

from accounts.http import PageRequest
from common import clock
from common.api import ListQuery, Page
from overview.forms.filters import project_query, read_page
from overview.selectors.outlooks import RUNNING, board
from overview.services.outlooks import refresh_outlooks
from projects.models import Project

# What the memos decide must not choose which memos are asked anew.
REMEMBERED = ("verdict", "moved")


@dataclass(frozen=True, slots=True)
class Asked:
    """All projects that a query string names (`every`), and those of them that run, unless it asks for a state."""

    page: Page
    every: "QuerySet[Project]"
    rows: "QuerySet[Project]"
    today: date


def asked(request: PageRequest, query: ListQuery | None = None) -> Asked:
    """The projects of this page for this reader, their memos brought up to date first. Raises ValidationFailed."""
    now = clock.now()
    query = query or project_query(request.actor, now.date())
    page = read_page(query, request.GET)
    visible = board(Project.objects.visible_to(request.actor))
    named = replace(page, filters={key: value for key, value in page.filters.items() if key not in REMEMBERED})
    refresh_outlooks(projects=query.narrow(visible, named), now=now)
    every = query.narrow(visible, page)
    rows = every if "state" in page.filters else every.filter(state__in=RUNNING)
    return Asked(page, every, rows, now.date())


@dataclass(frozen=True, slots=True)
class Pager:
    """The shape of components/_pager.html."""

    first: int
    last: int
    count: int
    previous_url: str
    next_url: str


def pager(page: Page, shown: int, count: int, given: QueryDict) -> Pager:
    return Pager(
        first=page.offset + 1 if shown else 0,
        last=page.offset + shown,
        count=count,
        previous_url=_at(given, max(page.offset - page.limit, 0)) if page.offset else "",
        next_url=_at(given, page.offset + page.limit) if page.offset + shown < count else "",
    )


def _at(given: QueryDict, offset: int) -> str:
    target = given.copy()
    target["offset"] = str(offset)
    return f"?{target.urlencode()}"


def counted(rows: "QuerySet[Project]", shown: int, page: Page) -> int:
    """A page that is not full tells the count itself; two queries could disagree."""
    if (shown or not page.offset) and shown < page.limit:
        return page.offset + shown
    return rows.order_by().select_related(None).count()
