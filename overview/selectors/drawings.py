"""Coordinates of the portfolio's drawings: pure arithmetic on a fixed grid, as in common.drawing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.days import between, later
from common.drawing import level_of
from overview.selectors.monday import Move, Reached

WIDE, ROW = 474, 36
LEFT, TOP = 54, 22


@dataclass(frozen=True, slots=True)
class HeatCell:
    likelihood: int
    impact: int
    level: int
    count: int
    url: str
    label: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Heat:
    """`rows` run from almost certain down to rare; `names` of both scales come with the middle of their place."""

    cells: tuple[HeatCell, ...]
    likelihoods: tuple[tuple[str, int], ...]
    impacts: tuple[tuple[str, int], ...]


def likelihood_names() -> tuple[str, ...]:
    return (_("Rare"), _("Unlikely"), _("Possible"), _("Likely"), _("Almost certain"))


def impact_names() -> tuple[str, ...]:
    return (_("Negligible"), _("Minor"), _("Moderate"), _("Major"), _("Severe"))


def heat_map(counts: Sequence[Sequence[int]], link: Callable[..., str]) -> Heat:
    """Five by five cells of 75 × 34 with a gap of 2; `counts[likelihood - 1][impact - 1]`."""
    likely, heavy = likelihood_names(), impact_names()
    cells = []
    for likelihood in range(5, 0, -1):
        for impact in range(1, 6):
            count = counts[likelihood - 1][impact - 1]
            said = ngettext("%(n)s risk, %(likelihood)s, %(impact)s", "%(n)s risks, %(likelihood)s, %(impact)s", count)
            words = {"n": count, "likelihood": likely[likelihood - 1], "impact": heavy[impact - 1]}
            cells.append(
                HeatCell(
                    likelihood,
                    impact,
                    level_of(likelihood * impact),
                    count,
                    link(likelihood=str(likelihood), impact=str(impact)),
                    said % words,
                    92 + (impact - 1) * 77,
                    (5 - likelihood) * 36,
                )
            )
    return Heat(
        cells=tuple(cells),
        likelihoods=tuple((name, (4 - place) * 36 + 21) for place, name in enumerate(likely)),
        impacts=tuple((name, 92 + place * 77 + 37) for place, name in enumerate(heavy)),
    )


@dataclass(frozen=True, slots=True)
class MoveRow:
    move: Move
    y: int
    was: float
    now: float


@dataclass(frozen=True, slots=True)
class MoveChart:
    """Planned and forecast go-live as two dots on one line of months."""

    height: int
    months: tuple[tuple[str, float], ...]
    rows: tuple[MoveRow, ...]


def move_chart(moves: Sequence[Move], today: date) -> MoveChart | None:
    if not moves:
        return None
    first = min(today, *(move.planned_on for move in moves)).replace(day=1)
    last = later(max(move.forecast_on for move in moves), 14)
    span, wide = max(between(first, last), 1), WIDE - LEFT - 96

    def place(day: date) -> float:
        return round(LEFT + wide * between(first, day) / span, 1)

    starts = _months(first, last)
    step = max(1, -(-len(starts) // 6))
    return MoveChart(
        height=TOP + ROW * len(moves),
        months=tuple((date_format(month, "M"), place(month)) for month in starts[::step]),
        rows=tuple(
            MoveRow(move, TOP + ROW * number + ROW // 2, place(move.planned_on), place(move.forecast_on))
            for number, move in enumerate(moves)
        ),
    )


def _months(first: date, last: date) -> list[date]:
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]


@dataclass(frozen=True, slots=True)
class Bar:
    reached: Reached
    label: str
    y: int
    width: float
    end: float


def reached_bars(found: Sequence[Reached]) -> tuple[Bar, ...]:
    """Bars of the funnel, the longest as wide as the sheet allows."""
    most = max((one.count for one in found), default=0) or 1
    return tuple(
        Bar(
            one,
            f"{one.number} {one.name}" if one.number else one.name,
            number * 23,
            round(270 * one.count / most, 1),
            round(104 + 270 * one.count / most + 8, 1),
        )
        for number, one in enumerate(found)
    )
