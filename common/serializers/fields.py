import math
import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from common.days import FIRST, LAST, read_day
from common.text_rules import Flaw, is_blank, is_web_address, line_flaw, text_flaw

EARLIEST, LATEST = datetime.combine(FIRST, time.min, UTC), datetime.combine(LAST, time.max, UTC)
SKEW = timedelta(minutes=5)
BIGGEST = 2**63 - 1
PROJECT_KEY = re.compile(r"[A-Z0-9]{2,10}")


def _fail(code: str, message: Any) -> ValidationError:
    return ValidationError(message, code)


NOT_TEXT = _("This must be text.")
NOT_NUMBER = _("This must be a number.")


class TextField(serializers.CharField):
    """Several lines. Codes: invalid_type, null_character, invalid_unicode, control_character, blank, too_long."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 10_000)
        super().__init__(**kwargs)

    def flaw(self, text: str) -> Flaw | None:
        return text_flaw(text)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if isinstance(data, str):
            if flaw := self.flaw(data):
                raise _fail(flaw.code, flaw.detail)
            if is_blank(data):
                data = ""
        elif data is not serializers.empty and data is not None:
            raise _fail("invalid_type", NOT_TEXT)
        return super().run_validation(data)


class LineField(TextField):
    """Text of one line, at most 200 characters unless told otherwise."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 200)
        super().__init__(**kwargs)

    def flaw(self, text: str) -> Flaw | None:
        return line_flaw(text)


class KeyField(LineField):
    """A project's key: 2 to 10 of A–Z and 0–9. Code: invalid_key."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not PROJECT_KEY.fullmatch(text):
            raise _fail("invalid_key", _("A key is 2 to 10 of A–Z and 0–9."))
        return text


@cache
def time_zones() -> frozenset[str]:
    """IANA names that mean the same on every machine."""
    local = {"localtime", "Factory", "posixrules", "leapseconds", "tzdata.zi"}
    return frozenset(
        name for name in available_timezones() if name not in local and not name.startswith(("posix/", "right/"))
    )


class ZoneField(LineField):
    """An IANA time zone. Code: invalid_timezone. Asked of a list, never of the file system."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if text not in time_zones():
            raise _fail("invalid_timezone", _("There is no such time zone."))
        return text


class UrlField(LineField):
    """An http or https address without user and password. Code: invalid_url."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 2000)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not is_web_address(text):
            raise _fail("invalid_url", _("An address starts with http:// or https:// and names a host."))
        return text


class FlagField(serializers.BooleanField):
    """true or false; "yes" and 1 are refused. Code: invalid_type."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise _fail("invalid_type", _("This must be true or false."))
        return data


class NumberField(serializers.FloatField):
    """A finite number. Codes: invalid_type (text, true), not_finite, out_of_range."""

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isinstance(data, int | float):
            raise _fail("invalid_type", NOT_NUMBER)
        try:
            number = float(data)
        except OverflowError as error:
            raise _fail("out_of_range", _("The number is too large.")) from error
        if not math.isfinite(number):
            raise _fail("not_finite", _("The number must be finite."))
        return number


class WholeField(serializers.IntegerField):
    """A whole number that fits 64 bits. Codes: invalid_type, out_of_range."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            raise _fail("invalid_type", _("This must be a whole number."))
        if abs(data) > BIGGEST:
            raise _fail("out_of_range", _("The number is too large."))
        return data


class DecimalField(serializers.DecimalField):
    """Money and other exact figures, as number or decimal text. Codes: invalid_type, not_finite, out_of_range."""

    def __init__(self, *, max_digits: int = 16, decimal_places: int = 2, **kwargs: Any) -> None:
        super().__init__(max_digits=max_digits, decimal_places=decimal_places, **kwargs)

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, bool) or not isinstance(data, int | float | str):
            raise _fail("invalid_type", NOT_NUMBER)
        try:
            number = Decimal(str(data).strip())
        except InvalidOperation as error:
            raise _fail("invalid_type", NOT_NUMBER) from error
        if not number.is_finite():
            raise _fail("not_finite", _("The number must be finite."))
        # Before any arithmetic: 1E+1000000 is one short string and a gigabyte of digits.
        if abs(number.adjusted()) > 40:
            raise _fail("out_of_range", _("The number is too large."))
        return self.quantize(self.validate_precision(number))


class DayField(serializers.DateField):
    """A calendar day as 2026-07-06. Codes: invalid_type, invalid_date, out_of_range."""

    def to_internal_value(self, value: Any) -> date:
        if not isinstance(value, str):
            raise _fail("invalid_type", NOT_TEXT)
        day = read_day(value)
        if isinstance(day, Flaw):
            raise _fail(day.code, day.detail)
        return day


class InstantField(serializers.DateTimeField):
    """A moment with its zone, given back in UTC.

    Codes: invalid_type, invalid_date, timezone_required, out_of_range and, with `past_only`, in_the_future (measured
    things cannot lie ahead; five minutes of clock difference are forgiven).
    """

    def __init__(self, *, past_only: bool = False, **kwargs: Any) -> None:
        self.past_only = past_only
        super().__init__(**kwargs)

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str):
            raise _fail("invalid_type", NOT_TEXT)
        try:
            moment = datetime.fromisoformat(value)
        except ValueError as error:
            raise _fail("invalid_date", _("This is not a time. Write it as 2026-07-06T09:00:00Z.")) from error
        if moment.tzinfo is None:
            raise _fail("timezone_required", _("End the time with Z or an offset."))
        return self._in_range(moment)

    def _in_range(self, moment: datetime) -> datetime:
        try:
            moment = moment.astimezone(UTC)
        except OverflowError as error:
            raise _fail("out_of_range", _("The time lies outside 1970 to 2199.")) from error
        if not EARLIEST <= moment <= LATEST:
            raise _fail("out_of_range", _("The time lies outside 1970 to 2199."))
        # The door reads the clock: common.api.read() puts `now` into the context.
        if self.past_only and moment > self.context["now"] + SKEW:
            raise _fail("in_the_future", _("The time lies in the future."))
        return moment
