"""When a reminder reaches a person, whatever their clock does."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest

from overview.selectors.due_moments import Habits, after_quiet, days_between, instant, mail_moment

HALF_PAST_TWO = time(2, 30)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("day", "at", "zone", "expected"),
    [
        (date(2026, 3, 2), time(7, 30), "UTC", utc(2026, 3, 2, 7, 30)),
        (date(2026, 3, 2), time(7, 30), "Asia/Shanghai", utc(2026, 3, 1, 23, 30)),
        (date(2026, 7, 2), time(7, 30), "America/New_York", utc(2026, 7, 2, 11, 30)),
        # 02:30 does not exist: the clock goes from 02:00 to 03:00 at 01:00 UTC.
        (date(2026, 3, 29), HALF_PAST_TWO, "Europe/Berlin", utc(2026, 3, 29, 1, 0)),
        (date(2026, 3, 8), HALF_PAST_TWO, "America/New_York", utc(2026, 3, 8, 7, 0)),
        # A gap of half an hour, from 02:00 to 02:30.
        (date(2026, 10, 4), time(2, 10), "Australia/Lord_Howe", utc(2026, 10, 3, 15, 30)),
        # A day that was left out altogether.
        (date(2011, 12, 30), time(7, 30), "Pacific/Apia", utc(2011, 12, 30, 10, 0)),
        # 02:30 comes twice: the first counts.
        (date(2026, 10, 25), HALF_PAST_TWO, "Europe/Berlin", utc(2026, 10, 25, 0, 30)),
        (date(2026, 11, 1), time(1, 30), "America/New_York", utc(2026, 11, 1, 5, 30)),
        (date(2028, 2, 29), time(7, 30), "Europe/Berlin", utc(2028, 2, 29, 6, 30)),
        (date(2026, 3, 2), time(7, 30), "Mars/Olympus", utc(2026, 3, 2, 7, 30)),
    ],
)
def test_a_wall_time_is_one_instant(day: date, at: time, zone: str, expected: datetime) -> None:
    assert instant(day, at, zone) == expected


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai"])
@pytest.mark.parametrize("at", [time(0, 0), time(2, 15), time(7, 30), time(23, 59)])
def test_minute_by_minute_each_day_comes_exactly_once(zone: str, at: time) -> None:
    begin = utc(2026, 3, 1)
    hours = [begin + timedelta(hours=number) for number in range(24 * 60 * 5)]

    found = [day for after, until in pairwise(hours) for day in days_between(after, until, at, zone)]

    assert found == sorted(set(found))
    assert len(found) == (found[-1] - found[0]).days + 1


def test_mail_of_a_weekend_waits_for_monday() -> None:
    saturday = utc(2026, 3, 7, 7, 30)

    assert mail_moment(saturday, Habits()) == utc(2026, 3, 9, 7, 30)
    assert mail_moment(saturday, Habits(working_days=frozenset({6}))) == saturday
    assert mail_moment(saturday, Habits(working_days=frozenset())) == saturday


def test_what_happens_after_todays_mail_goes_with_tomorrows() -> None:
    assert mail_moment(utc(2026, 3, 2, 9, 0), Habits()) == utc(2026, 3, 3, 7, 30)
    assert mail_moment(utc(2026, 3, 2, 7, 30), Habits()) == utc(2026, 3, 2, 7, 30)
    assert mail_moment(utc(2026, 3, 2, 5, 0), Habits(zone="Asia/Shanghai")) == utc(2026, 3, 2, 23, 30)


def test_quiet_hours_may_span_midnight() -> None:
    habits = Habits(zone="Europe/Berlin", quiet_from=time(22, 0), quiet_to=time(6, 0))

    assert after_quiet(utc(2026, 3, 2, 22, 30), habits) == utc(2026, 3, 3, 5, 0)
    assert after_quiet(utc(2026, 3, 3, 3, 0), habits) == utc(2026, 3, 3, 5, 0)
    assert after_quiet(utc(2026, 3, 3, 12, 0), habits) == utc(2026, 3, 3, 12, 0)
