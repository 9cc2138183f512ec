"""Lists: declared filters, orderings and search, pages by offset or, on large tables, by cursor."""

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

import orjson
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.filters import MAX_TEXT, Filter, text, whole
from common.text_rules import encoding_flaw

DEFAULT_LIMIT, MAX_LIMIT, MAX_OFFSET = 50, 200, 10_000_000
Present = Callable[[Sequence[Any]], Iterable[Any]]


@dataclass(frozen=True, slots=True)
class Page:
    """What a query string asks of a list, checked."""

    filters: dict[str, Any]
    search: str
    ordering: tuple[str, ...]
    limit: int
    offset: int
    cursor: tuple[Any, int] | None
    by_cursor: bool


@dataclass(frozen=True)
class ListQuery:
    """What a list lets its callers ask: the one place where query strings meet the ORM.

    `orderings` maps public names to columns; the primary key is added so that pages never overlap. A `large` list
    also takes `?cursor=`, which costs the same on the last page as on the first (its first ordering column is not
    null). An answer that is whole, or one, has no pages: it is not `paged`.
    """

    filters: Mapping[str, Filter] = field(default_factory=dict)
    orderings: Mapping[str, str] = field(default_factory=dict)
    default: str = ""
    search: tuple[str, ...] = ()
    large: bool = False
    paged: bool = True

    def answer(self, request: Request, rows: "QuerySet[Any, Any]", present: Present) -> Response:
        """`{"count", "next", "previous", "results"}`.

        `present` turns a page's rows into JSON values, all at once, so that it can fetch what belongs to them in one
        query. Raises ValidationError with the pointer of each wrong parameter.
        """
        page = self.read(request.query_params)
        rows = self.narrow(rows, page).order_by(
            *page.ordering, "-pk" if page.ordering and page.ordering[0].startswith("-") else "pk"
        )
        if page.by_cursor:
            return self._by_cursor(request, rows, page, present)
        found = list(rows[page.offset : page.offset + page.limit])
        # A page that is not full tells the count itself; two queries could disagree.
        count = page.offset + len(found) if (found or not page.offset) and len(found) < page.limit else rows.count()
        more = page.offset + page.limit < count
        return Response(
            {
                "count": count,
                "next": _link(request, offset=page.offset + page.limit) if more else None,
                "previous": _link(request, offset=max(0, page.offset - page.limit)) if page.offset else None,
                "results": list(present(found)),
            }
        )

    def narrow(self, rows: "QuerySet[Any, Any]", page: Page) -> "QuerySet[Any, Any]":
        """The rows that pass the filters and the search; also for exports, which have no pages."""
        for name, value in page.filters.items():
            rows = self.filters[name].apply(rows, value)
        if page.search:
            rows = rows.filter(reduce(or_, (Q(**{f"{column}__icontains": page.search}) for column in self.search)))
        return rows

    def read(self, query: QueryDict) -> Page:
        """Check a query string against the declaration. Raises ValidationError."""
        refused = self.refused(query)
        parsers = {
            "limit": _limit,
            "offset": whole("", high=MAX_OFFSET).parse,
            "search": text("").parse,
            "ordering": self._ordering,
        }
        if self.large:
            parsers["cursor"] = _cursor
        values: dict[str, Any] = {}
        for name in query:
            if name in refused or name == "format":
                continue
            try:
                values[name] = (self.filters[name].parse if name in self.filters else parsers[name])(str(query[name]))
            except ValidationError as error:
                refused[name] = error.detail
        if refused:
            raise ValidationError(refused)
        return Page(
            filters={name: values[name] for name in self.filters if name in values},
            search=values.get("search", ""),
            ordering=values.get("ordering") or self._ordering(self.default),
            limit=values.get("limit", DEFAULT_LIMIT),
            offset=values.get("offset", 0),
            cursor=values.get("cursor"),
            by_cursor="cursor" in values,
        )

    def refused(self, query: QueryDict) -> dict[str, Any]:
        """The parameters that are not declared, stand twice or are no text, with what is wrong."""
        known = {*self.filters, "format", *(("limit", "offset") if self.paged else ())}
        known |= {
            name
            for name, offered in (("ordering", self.orderings), ("search", self.search), ("cursor", self.large))
            if offered
        }
        refused: dict[str, Any] = {}
        for name, given in query.lists():
            if flaw := encoding_flaw("".join(given) + name):
                refused[name.replace("\x00", "")] = [ErrorDetail(str(flaw.detail), flaw.code)]
            elif name not in known:
                refused[name] = [
                    ErrorDetail(
                        gettext("There is no such parameter."),
                        "invalid_ordering" if name == "ordering" else "unknown_parameter",
                    )
                ]
            elif len(given) > 1:
                refused[name] = [ErrorDetail(gettext("The parameter stands twice."), "duplicate_key")]
        return refused

    def _ordering(self, given: str) -> tuple[str, ...]:
        columns = []
        for name in filter(None, given.split(",")):
            column = self.orderings.get(name.removeprefix("-"))
            if column is None:
                raise ValidationError(
                    _("One of: %(names)s.") % {"names": ", ".join(self.orderings)}, "invalid_ordering"
                )
            columns.append(f"-{column}" if name.startswith("-") else column)
        return tuple(columns)

    def _by_cursor(self, request: Request, rows: "QuerySet[Any, Any]", page: Page, present: Present) -> Response:
        column = page.ordering[0] if page.ordering else "pk"
        name, beyond = column.removeprefix("-"), "lt" if column.startswith("-") else "gt"
        rows = rows.order_by(column, "-pk" if beyond == "lt" else "pk")
        if page.cursor:
            value, pk = page.cursor
            try:
                rows = rows.filter(Q(**{f"{name}__{beyond}": value}) | Q(**{name: value, f"pk__{beyond}": pk}))
            except (DjangoValidationError, ValueError, TypeError) as error:
                raise ValidationError(
                    {"cursor": [ErrorDetail(gettext("The cursor is not usable."), "invalid_cursor")]}
                ) from error
        found = list(rows[: page.limit + 1])
        following = found[page.limit - 1] if len(found) > page.limit else None
        return Response(
            {
                "count": None,
                "next": _link(request, cursor=_mark(following, name)) if following is not None else None,
                "previous": None,
                "results": list(present(found[: page.limit])),
            }
        )

    @property
    def parameters(self) -> list[OpenApiParameter]:
        """The declaration in OpenAPI's words: `@extend_schema(parameters=query.parameters)`."""
        shown = {name: declared.schema for name, declared in self.filters.items()}
        if self.paged:
            shown |= {"limit": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}}
            shown |= {"offset": {"type": "integer", "minimum": 0, "default": 0}}
        if self.orderings:
            shown["ordering"] = {"type": "string", "description": ", ".join(self.orderings)}
        if self.search:
            shown["search"] = {"type": "string", "maxLength": MAX_TEXT}
        if self.large:
            shown["cursor"] = {"type": "string"}
        return [OpenApiParameter(name, schema, OpenApiParameter.QUERY) for name, schema in shown.items()]


def _limit(given: str) -> int:
    limit: int = whole("", low=1, high=MAX_LIMIT).parse(given)
    return limit


def _cursor(given: str) -> tuple[Any, int] | None:
    """An empty cursor starts at the first page."""
    if not given:
        return None
    try:
        value, pk = orjson.loads(base64.urlsafe_b64decode(given.encode("ascii")))
    except (binascii.Error, UnicodeEncodeError, ValueError, TypeError) as error:
        raise ValidationError(_("The cursor is not usable."), "invalid_cursor") from error
    if isinstance(pk, bool) or not isinstance(pk, int) or not isinstance(value, str | int | float):
        raise ValidationError(_("The cursor is not usable."), "invalid_cursor")
    return value, pk


def _mark(row: Any, column: str) -> str:
    read = row.get if isinstance(row, dict) else lambda name: getattr(row, name)
    pk = row["id"] if isinstance(row, dict) else row.pk
    return base64.urlsafe_b64encode(orjson.dumps([pk if column == "pk" else read(column), pk])).decode()


def _link(request: Request, **changes: Any) -> str:
    query = request.query_params.copy()
    for name, value in changes.items():
        query[name] = str(value)
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
