"""Pages of a long list in the browser."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Pager:
    """What `components/_pager.html` shows; the addresses keep the filters."""

    first: int
    last: int
    count: int
    previous_url: str
    next_url: str


def paged(request: HttpRequest, rows: "QuerySet[Any, Any]", *, size: int = PAGE_SIZE) -> tuple[list[Any], Pager]:
    """The rows of the page that `?page=` asks for, the nearest one where there is no such page."""
    page = Paginator(rows, size).get_page(request.GET.get("page"))
    before = _address(request, page.previous_page_number()) if page.has_previous() else ""
    after = _address(request, page.next_page_number()) if page.has_next() else ""
    return list(page.object_list), Pager(page.start_index(), page.end_index(), page.paginator.count, before, after)


def _address(request: HttpRequest, number: int) -> str:
    query = request.GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}"
