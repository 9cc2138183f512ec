"""Coordinates of the small drawings. Pure arithmetic on a fixed grid of pixels, for templates to place.

Axes point right and down as in SVG. Every number is rounded to a tenth of a pixel.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from common.days import between, passed

Direction = Literal["lower", "higher"]
Anchor = Literal["start", "middle", "end"]
Number = Decimal | float

WIDTH, HEIGHT = 156.0, 42.0
# How near to an edge a label may be centred, and how near to each other two labels may stand.
EDGE, APART = 22.0, 44.0
# From here on the due date's label leaves room for that of the start.
START_LABEL = 68.0
# A score of likelihood × impact from which a level begins; the same limits as the risk library's levels.
LEVELS = ((16, 4), (10, 3), (5, 2))


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on a horizontal scale and how its label is anchored."""

    x: float
    anchor: Anchor


@dataclass(frozen=True, slots=True)
class Band:
    """A tinted stretch of a scale."""

    x: float
    width: float


@dataclass(frozen=True, slots=True)
class LimitScale:
    """A value beside its limit: hollow dot before, solid dot now, upright limit, both sides tinted."""

    kind = "limit"
    width: float
    height: float
    good: Band
    bad: Band
    limit: Mark
    value: Mark | None
    before: Mark | None
    label_before: bool
    is_good: bool
    limit_value: Number
    now_value: Number | None
    before_value: Number | None


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A value's course against its limit."""

    width: float
    height: float
    points: str
    first: tuple[float, float] | None
    last: tuple[float, float] | None
    limit_y: float
    bad_y: float
    bad_height: float
    is_good: bool


@dataclass(frozen=True, slots=True)
class Cell:
    x: float
    y: float
    level: int


@dataclass(frozen=True, slots=True)
class RiskGrid:
    """The 5 × 5 of likelihood (up) and impact (right) with a dot where the risk stands."""

    kind = "risk"
    size: float
    side: float
    cells: tuple[Cell, ...]
    x: float
    y: float
    radius: float
    likelihood: int
    impact: int
    score: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """From the start to today past (or before) the upright of the due date."""

    kind = "timeline"
    width: float
    height: float
    start: float
    due: Mark
    today: float
    axis_to: float
    over: Band | None
    label_start: bool
    days_over: int
    start_on: date
    due_on: date


def limit_scale(
    value: Number | None,
    limit: Number,
    before: Number | None = None,
    direction: Direction = "lower",
    *,
    width: float = WIDTH,
    height: float = HEIGHT,
) -> LimitScale:
    """The scale of a metric whose good side lies below (`lower`) or above (`higher`) its limit."""
    low, high = _domain([float(number) for number in (value, limit, before) if number is not None])

    def place(number: Number) -> float:
        return _round((float(number) - low) / (high - low) * width)

    edge = place(limit)
    left, right = Band(0.0, edge), Band(edge, _round(width - edge))
    marks = [_mark(place(number), width) if number is not None else None for number in (value, before)]
    return LimitScale(
        width=width,
        height=height,
        good=left if direction == "lower" else right,
        bad=right if direction == "lower" else left,
        limit=_mark(edge, width),
        value=marks[0],
        before=marks[1],
        label_before=marks[1] is not None and abs(marks[1].x - edge) >= APART,
        is_good=value is not None and _is_good(value, limit, direction),
        limit_value=limit,
        now_value=value,
        before_value=before,
    )


def sparkline(
    points: Sequence[Number],
    limit: Number,
    direction: Direction = "lower",
    *,
    width: float = 62.0,
    height: float = 26.0,
) -> Sparkline:
    """The course of `points`, oldest first; an empty course shows the limit alone."""
    numbers = [float(point) for point in points]
    low, high = min([*numbers, float(limit)]), max([*numbers, float(limit)])
    inset = 4.0

    def down(number: float) -> float:
        share = (number - low) / (high - low) if high > low else 0.5
        return _round(height - inset - share * (height - 2 * inset))

    step = (width - 10) / (len(numbers) - 1) if len(numbers) > 1 else 0.0
    places = [(_round(5 + index * step), down(number)) for index, number in enumerate(numbers)]
    edge = down(float(limit))
    return Sparkline(
        width=width,
        height=height,
        points=" ".join(f"{x},{y}" for x, y in places),
        first=places[0] if len(places) > 1 else None,
        last=places[-1] if places else None,
        limit_y=edge,
        bad_y=0.0 if direction == "lower" else edge,
        bad_height=edge if direction == "lower" else _round(height - edge),
        is_good=bool(numbers) and _is_good(numbers[-1], limit, direction),
    )


def risk_grid(likelihood: int, impact: int, *, cell: float = 10.0) -> RiskGrid:
    """Where a risk of `likelihood` and `impact` (1 to 5) stands; the first cell is rare and negligible, lower left."""
    cells = tuple(
        Cell(column * cell, (4 - row) * cell, level_of((row + 1) * (column + 1)))
        for row in range(5)
        for column in range(5)
    )
    side = cell - 1
    return RiskGrid(
        size=5 * cell,
        side=side,
        cells=cells,
        x=_round((impact - 1) * cell + side / 2),
        y=_round((5 - likelihood) * cell + side / 2),
        radius=_round(side * 0.42),
        likelihood=likelihood,
        impact=impact,
        score=likelihood * impact,
    )


def level_of(score: int) -> int:
    """1 low, 2 medium, 3 high, 4 critical."""
    return next((level for least, level in LEVELS if score >= least), 1)


def timeline(start: date, due: date, today: date, *, width: float = WIDTH, height: float = HEIGHT) -> Timeline:
    """A deadline as a line: solid past the upright when it is over, up to today when it is not."""
    left, right = 4.0, width - 6
    span = max(between(start, max(due, today)), 1)

    def place(on: date) -> float:
        return _round(left + (right - left) * passed(start, on) / span)

    over = between(due, today)
    # Past due the overrun gets its share of the picture, however short it is beside the time there was.
    edge, now = min(place(due), _round(0.6 * width)) if over > 0 else place(due), place(today)
    return Timeline(
        width=width,
        height=height,
        start=left,
        due=_mark(edge, width, margin=34.0),
        today=now,
        axis_to=max(edge, now),
        over=Band(edge, _round(width - edge)) if over > 0 else None,
        label_start=edge >= START_LABEL,
        days_over=over,
        start_on=start,
        due_on=due,
    )


def _domain(numbers: list[float]) -> tuple[float, float]:
    """A stretch around `numbers` with room for labels; from zero when that is near."""
    low, high = min(numbers), max(numbers)
    spread = (high - low) or abs(high) * 0.2 or 1.0
    lowest = low - 0.35 * spread
    if low >= 0 and low <= 2 * spread:
        lowest = 0.0
    return lowest, high + 0.35 * spread


def _is_good(value: Number, limit: Number, direction: Direction) -> bool:
    return float(value) <= float(limit) if direction == "lower" else float(value) >= float(limit)


def _mark(x: float, width: float, *, margin: float = EDGE) -> Mark:
    if x < margin:
        return Mark(x, "start")
    return Mark(x, "end" if x > width - margin else "middle")


def _round(number: float) -> float:
    return round(number, 1)
