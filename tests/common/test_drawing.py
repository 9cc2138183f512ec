"""The coordinates of the small drawings."""

from datetime import date
from decimal import Decimal

import pytest

from common import drawing


def test_forbidden_side_of_a_lower_is_better_limit_is_to_the_right_of_it() -> None:
    scale = drawing.limit_scale(Decimal("9.4"), Decimal(5), Decimal("12.7"))

    assert (scale.good.x, scale.bad.x) == (0, scale.limit.x)
    assert scale.good.width + scale.bad.width == pytest.approx(scale.width)
    assert not scale.is_good


def test_forbidden_side_of_a_higher_is_better_limit_is_to_the_left_of_it() -> None:
    scale = drawing.limit_scale(83.6, 80, direction="higher")

    assert (scale.bad.x, scale.good.x) == (0, scale.limit.x)
    assert scale.is_good


def test_value_limit_and_before_stand_in_order_within_the_drawing() -> None:
    scale = drawing.limit_scale(9.4, 5, 12.7)

    assert scale.value
    assert scale.before
    assert 0 < scale.limit.x < scale.value.x < scale.before.x < scale.width


def test_scale_of_small_numbers_begins_at_zero() -> None:
    scale = drawing.limit_scale(9.4, 5, 12.7)

    assert scale.limit.x == pytest.approx(5 / (12.7 + 0.35 * 7.7) * scale.width, abs=0.1)


def test_scale_of_numbers_near_each_other_far_from_zero_spreads_them() -> None:
    scale = drawing.limit_scale(97.9, 99, direction="higher")

    assert scale.value
    assert scale.limit.x - scale.value.x > scale.width / 2


def test_missing_result_leaves_the_limit_alone() -> None:
    scale = drawing.limit_scale(None, 0.1)

    assert scale.value is None
    assert not scale.is_good
    assert 0 < scale.limit.x < scale.width


def test_label_of_the_value_before_gives_way_to_the_limits() -> None:
    assert not drawing.limit_scale(20, 10, 10.2).label_before
    assert drawing.limit_scale(20, 10, 30).label_before


@pytest.mark.parametrize(("value", "limit", "anchor"), [(0, 10, "start"), (10, 10, "middle")])
def test_label_near_an_edge_is_anchored_at_it(value: float, limit: float, anchor: str) -> None:
    scale = drawing.limit_scale(value, limit, 20)

    assert scale.value
    assert scale.value.anchor == anchor


@pytest.mark.parametrize("number", [0, -3, 5])
def test_value_at_its_limit_still_has_a_scale(number: int) -> None:
    scale = drawing.limit_scale(number, number)

    assert scale.value
    assert scale.value.x == scale.limit.x


def test_course_runs_from_left_to_right_and_upwards_when_it_grows() -> None:
    spark = drawing.sparkline([82.8, 83.6], 80, "higher")

    assert spark.first
    assert spark.last
    assert spark.first[0] < spark.last[0]
    assert spark.first[1] > spark.last[1]
    assert spark.points == "5.0,8.0 57.0,4.0"
    assert (spark.limit_y, spark.bad_y, spark.bad_height) == (22.0, 22.0, 4.0)
    assert spark.is_good


def test_course_above_a_lower_is_better_limit_is_tinted_down_to_it() -> None:
    spark = drawing.sparkline([12.7, 9.4], 5)

    assert (spark.bad_y, spark.bad_height) == (0, spark.limit_y)
    assert not spark.is_good


def test_one_result_is_a_dot_without_a_course() -> None:
    spark = drawing.sparkline([3], 5)

    assert spark.first is None
    assert spark.last == (5.0, 22.0)


def test_no_result_shows_the_limit_alone() -> None:
    spark = drawing.sparkline([], 5)

    assert (spark.points, spark.first, spark.last) == ("", None, None)
    assert not spark.is_good


def test_risk_stands_in_the_cell_of_its_likelihood_and_impact() -> None:
    grid = drawing.risk_grid(4, 5)

    assert (grid.x, grid.y) == (44.5, 14.5)
    assert len(grid.cells) == 25
    assert grid.score == 20


@pytest.mark.parametrize(("score", "level"), [(1, 1), (4, 1), (5, 2), (9, 2), (10, 3), (15, 3), (16, 4), (25, 4)])
def test_levels_begin_at_their_scores(score: int, level: int) -> None:
    assert drawing.level_of(score) == level


def test_overdue_line_runs_past_the_upright() -> None:
    line = drawing.timeline(date(2026, 3, 28), date(2026, 6, 30), date(2026, 7, 6))

    assert line.over
    assert line.start < line.due.x < line.today
    assert line.days_over == 6
    assert line.label_start


def test_line_in_time_ends_before_the_upright() -> None:
    line = drawing.timeline(date(2026, 6, 1), date(2026, 7, 31), date(2026, 7, 6))

    assert line.over is None
    assert line.today < line.due.x
    assert line.due.anchor == "end"


def test_line_that_starts_on_its_due_day_is_drawn() -> None:
    day = date(2026, 7, 6)

    assert drawing.timeline(day, day, day).due.x == 4.0
