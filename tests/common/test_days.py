from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from common.days import between, later, passed

pytestmark = pytest.mark.core


def test_a_sum_of_days_ends_with_the_calendar() -> None:
    assert later(date(2026, 12, 30), 3) == date(2027, 1, 2)
    assert later(date(9999, 12, 30), 3) == date.max
    assert later(date.max, 0) == date.max


def test_days_are_those_of_utc_whatever_the_hour_and_the_zone() -> None:
    shanghai = timezone(timedelta(hours=8))
    late, early = datetime(2026, 7, 6, 23, 59, tzinfo=UTC), datetime(2026, 7, 7, 7, 59, tzinfo=shanghai)

    assert between(late, early) == 0
    assert between(late, date(2026, 7, 8)) == 2
    assert between(date(2026, 7, 8), early) == -2


def test_nothing_has_stood_for_less_than_no_day() -> None:
    assert passed(date(2026, 7, 6), date(2026, 7, 6)) == 0
    assert passed(date(2026, 7, 6), date(2026, 7, 9)) == 3
    assert passed(date(2026, 7, 9), date(2026, 7, 6)) == 0
