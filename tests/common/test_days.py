from datetime import date

import pytest

from common.days import later

pytestmark = pytest.mark.core


def test_a_sum_of_days_ends_with_the_calendar() -> None:
    assert later(date(2026, 12, 30), 3) == date(2027, 1, 2)
    assert later(date(9999, 12, 30), 3) == date.max
    assert later(date.max, 0) == date.max
