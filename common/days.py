"""Calendar days: which ones a door lets in, asked alike by serializers and forms; how many lie between two; sums."""

import re
from datetime import UTC, date, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from common.text_rules import Flaw

FIRST, LAST = date(1970, 1, 1), date(2199, 12, 31)
WRITTEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

NOT_A_DAY = Flaw("invalid_date", _("This is not a date. Write it as 2026-07-06."))
OUTSIDE = Flaw("out_of_range", _("The date lies outside 1970 to 2199."))


def read_day(text: str) -> date | Flaw:
    """The day that `text` names as 2026-07-06, or why it is none."""
    try:
        day = date.fromisoformat(text) if WRITTEN.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        return NOT_A_DAY
    return day if FIRST <= day <= LAST else OUTSIDE


def utc_day(moment: date | datetime) -> date:
    """The day by which everything is counted, whoever reads it and wherever: that of UTC."""
    return moment.astimezone(UTC).date() if isinstance(moment, datetime) else moment


def between(first: date | datetime, last: date | datetime) -> int:
    """How many days after `first` `last` is; negative before it.

    The only place that counts days: two counts of the same thing on two pages would disagree one day.
    """
    return (utc_day(last) - utc_day(first)).days


def passed(since: date | datetime, today: date | datetime) -> int:
    """For how many days something has stood or been late: 0 on its day and before it."""
    return max(between(since, today), 0)


def later(day: date, days: int) -> date:
    """`days` after `day`, but never past the end of the calendar: rows may be older than the doors' range."""
    return day + timedelta(days=min(days, (date.max - day).days))
