"""Reading a query string of projects: which projects, for whom, on which day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.http import PageRequest
from common import clock
from common.api import ListQuery, Page
from common.api.negotiation import NotAcceptable
from common.paging import Pager, turned
from overview.forms.board import named_by
from overview.forms.filters import project_query, read_page
from overview.selectors.outlooks import RUNNING
from projects.models import Project


@dataclass(frozen=True, slots=True)
class Asked:
    """All projects that a query string names (`every`), and those of them that run, unless it asks for a state.

    `behind`: more memos were out of date than one request asks anew. `form`: the file format asked for, or "".
    """

    page: Page
    every: "QuerySet[Project]"
    rows: "QuerySet[Project]"
    today: date
    behind: bool
    form: str = ""


def asked(request: PageRequest, query: ListQuery | None = None, formats: Sequence[str] = ()) -> Asked:
    """The projects of this page for this reader. Raises ValidationFailed, NotAcceptable for none of its `formats`."""
    now = clock.now()
    query = query or project_query(request.actor, now.date())
    page, form = read_page(query, request.GET), request.GET.get("format", "")
    if "format" in request.GET and form not in formats:
        detail = _("As files this page has: %(formats)s.") if formats else _("This page has no files.")
        raise NotAcceptable(detail % {"formats": ", ".join(formats)})
    every, behind = named_by(query, page, actor=request.actor, now=now)
    rows = every if "state" in page.filters else every.filter(state__in=RUNNING)
    return Asked(page, every, rows, now.date(), behind, form)


def pager(page: Page, shown: int, count: int, given: QueryDict) -> Pager:
    return Pager(
        first=page.offset + 1 if shown else 0,
        last=page.offset + shown,
        count=count,
        previous_url=turned(given, "offset", max(page.offset - page.limit, 0)) if page.offset else "",
        next_url=turned(given, "offset", page.offset + page.limit) if page.offset + shown < count else "",
    )


def counted(rows: "QuerySet[Project]", shown: int, page: Page) -> int:
    """A page that is not full tells the count itself; two queries could disagree."""
    if (shown or not page.offset) and shown < page.limit:
        return page.offset + shown
    return rows.order_by().select_related(None).count()
