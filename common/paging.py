"""Pages of a long list in the browser."""

from dataclasses import dataclass
from typing import TypeVar

from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from common.errors import ValidationFailed
from common.text_rules import encoding_flaw

Row = TypeVar("Row", bound=Model)
PAGE_SIZE = 50
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Pager:
    """What `components/_pager.html` shows; the addresses keep the filters."""

    first: int
    last: int
    count: int
    previous_url: str
    next_url: str


def paged(request: HttpRequest, rows: QuerySet[Row], name: str = "page") -> tuple[list[Row], Pager]:
    """The rows of `?page=` (or another `name`, where a page has two lists); of the nearest page where there is none."""
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get(name))
    before = turned(request.GET, name, page.previous_page_number()) if page.has_previous() else ""
    after = turned(request.GET, name, page.next_page_number()) if page.has_next() else ""
    return list(page), Pager(page.start_index(), page.end_index(), page.paginator.count, before, after)


def turned(given: QueryDict, name: str, value: int) -> str:
    """The address of the same list at another place."""
    query = given.copy()
    query[name] = str(value)
    return f"?{query.urlencode()}"


def searched(request: HttpRequest) -> str:
    """The words of `?q=`, "" without any. Raises ValidationFailed for too many, and for what no database keeps."""
    given = request.GET.get("q", "")
    if len(given) > LONGEST:
        raise ValidationFailed.at("q", "too_long", _("At most %(limit)s characters.") % {"limit": LONGEST})
    if flaw := encoding_flaw(given):
        raise ValidationFailed.at("q", flaw.code, flaw.detail)
    return given.strip()
