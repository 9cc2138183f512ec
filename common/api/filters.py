"""The filters a list declares: how a text of the query string becomes a value, and what it does to the queryset."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError

from common.serializers import DayField, InstantField

# A keyword for `.filter()`, written by us and never by the caller, or a function over the queryset.
Lookup = str | Callable[[Any, Any], Any]
WHOLE = re.compile(r"-?[0-9]{1,18}")
MAX_TEXT = 200


@dataclass(frozen=True, slots=True)
class Filter:
    """One declared filter."""

    lookup: Lookup
    parse: Callable[[str], Any]
    schema: dict[str, Any]

    def apply(self, rows: "QuerySet[Any, Any]", value: Any) -> "QuerySet[Any, Any]":
        if isinstance(self.lookup, str):
            return rows.filter(**{self.lookup: value})
        changed: QuerySet[Any, Any] = self.lookup(rows, value)
        return changed


def _fail(code: str, message: Any) -> ValidationError:
    return ValidationError(message, code)


def text(lookup: Lookup, *, longest: int = MAX_TEXT) -> Filter:
    def parse(given: str) -> str:
        if len(given) > longest:
            raise _fail("too_long", _("At most %(limit)s characters.") % {"limit": longest})
        return given

    return Filter(lookup, parse, {"type": "string", "maxLength": longest})


def whole(lookup: Lookup, *, low: int = 0, high: int = 2**31 - 1) -> Filter:
    def parse(given: str) -> int:
        if not WHOLE.fullmatch(given):
            raise _fail("invalid_type", _("This must be a whole number."))
        if not low <= int(given) <= high:
            raise _fail("out_of_range", _("From %(low)s to %(high)s.") % {"low": low, "high": high})
        return int(given)

    return Filter(lookup, parse, {"type": "integer", "minimum": low, "maximum": high})


def choice(lookup: Lookup, allowed: Iterable[str]) -> Filter:
    """One of `allowed`, or several joined by commas (any of them); the lookup gets a list."""
    words = [str(word) for word in allowed]

    def parse(given: str) -> list[str]:
        picked = given.split(",")
        if any(word not in words for word in picked):
            raise _fail("invalid_choice", _("One of: %(words)s.") % {"words": ", ".join(words)})
        return picked

    # "state" alone would compare a column with a list.
    keyword = f"{lookup}__in" if isinstance(lookup, str) else lookup
    return Filter(keyword, parse, {"type": "string", "enum": words})


def flag(lookup: Lookup) -> Filter:
    def parse(given: str) -> bool:
        if given not in {"true", "false", "1", "0"}:
            raise _fail("invalid_type", _("This must be true or false."))
        return given in {"true", "1"}

    return Filter(lookup, parse, {"type": "boolean"})


def day(lookup: Lookup) -> Filter:
    def parse(given: str) -> date:
        return DayField().to_internal_value(given)

    return Filter(lookup, parse, {"type": "string", "format": "date"})


def instant(lookup: Lookup) -> Filter:
    def parse(given: str) -> datetime:
        return InstantField().to_internal_value(given)

    return Filter(lookup, parse, {"type": "string", "format": "date-time"})
