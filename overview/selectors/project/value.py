"""Does it help, and what does it cost: goals with before, now and target; money with plan, actual and forecast."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from common.days import between, passed
from common.drawing import Direction, LimitScale, limit_scale
from common.templatetags.eightgate import figure, percent_of
from lifecycle.criteria.wording.shapes import metric_name
from overview.selectors.project.headline import Tag, short_sum
from projects.models import BudgetLine, Goal, Project, Spend

MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class GoalRow:
    name: str
    before: str
    now: str
    target: str
    scale: LimitScale | None
    tone: str
    tag: Tag
    by: date | None


@dataclass(frozen=True, slots=True)
class MoneyRow:
    name: str
    planned: Decimal
    spent: Decimal
    percent: int

    @property
    def thousands(self) -> tuple[Decimal, Decimal]:
        """Spent and planned as the table shows them."""
        return self.spent / 1000, self.planned / 1000

    @property
    def over(self) -> bool:
        return self.spent > self.planned

    @property
    def bar(self) -> int:
        return min(self.percent, 100)


@dataclass(frozen=True, slots=True)
class Money:
    """`chart` is an ECharts option; `course` the same figures as rows of (day, spent so far)."""

    rows: tuple[MoneyRow, ...]
    planned: Decimal
    spent: Decimal
    forecast: Decimal
    course: tuple[tuple[date, Decimal], ...]
    chart: dict[str, Any]

    @property
    def short(self) -> tuple[str, str, str]:
        """Spent, planned and forecast in words."""
        return short_sum(self.spent), short_sum(self.planned), short_sum(self.forecast)


def goal_rows(goals: Sequence[Goal]) -> list[GoalRow]:
    return [_goal(goal) for goal in goals]


def _goal(goal: Goal) -> GoalRow:
    direction: Direction = "higher" if goal.direction == "higher" else "lower"
    tone, tag = _standing(goal)
    scale = None
    if goal.current is not None or goal.baseline is not None:
        scale = limit_scale(goal.current, goal.target, goal.baseline, direction, width=170.0, height=18.0)
    return GoalRow(
        name=metric_name(goal.indicator),
        before=_with_unit(goal.baseline, goal.unit),
        now=_with_unit(goal.current, goal.unit),
        target=_with_unit(goal.target, goal.unit),
        scale=scale,
        tone=tone,
        tag=tag,
        by=goal.by,
    )


def _standing(goal: Goal) -> tuple[str, Tag]:
    if goal.current is None:
        return "none", Tag(_("not measured"), "none", "open")
    sense = 1 if goal.direction == "higher" else -1
    if sense * (goal.current - goal.target) >= 0:
        return "pass", Tag(_("reached"), "pass", "met")
    if goal.baseline is not None and sense * (goal.current - goal.baseline) < 0:
        return "fail", Tag(_("worse"), "fail", "fail")
    return "waiting", Tag(_("on the way"), "waiting", "waiting")


def _with_unit(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    # What a metric of the catalogue counts in stands in its name; only a percentage needs its sign.
    return f"{figure(value)}%" if unit in {"%", "percent"} else figure(value)


def money_of(
    project: Project, lines: Sequence[BudgetLine], spends: Sequence[Spend], today: date, *, end: date
) -> Money | None:
    """Money by line and over time up to `end`; None without a budget. `lines` come `with_spend()`, `spends` by day."""
    if not lines:
        return None
    rows = tuple(
        MoneyRow(line.name, line.planned, line.spent, percent_of(line.spent, line.planned))  # type: ignore[attr-defined]  # annotated
        for line in lines
    )
    planned, spent = sum((row.planned for row in rows), Decimal(0)), sum((row.spent for row in rows), Decimal(0))
    course: list[tuple[date, Decimal]] = []
    total = Decimal(0)
    for spend in spends:
        total += spend.amount
        if course and course[-1][0] == spend.day:
            course.pop()
        course.append((spend.day, total))
    begin = project.starts_on or (course[0][0] if course else today)
    end = max(end, today)
    due = _planned_by(today, begin, end, planned)
    expected = max(spent + planned - due, spent)
    return Money(rows, planned, spent, expected, tuple(course), _chart(begin, end, today, planned, expected, course))


def _planned_by(day: date, begin: date, end: date, planned: Decimal) -> Decimal:
    """The plan spends evenly from the first day to the last."""
    span = between(begin, end)
    if span <= 0:
        return planned
    return planned * min(passed(begin, day), span) / span


def _chart(
    begin: date, end: date, today: date, planned: Decimal, expected: Decimal, course: Sequence[tuple[date, Decimal]]
) -> dict[str, Any]:
    spent = course[-1][1] if course else Decimal(0)
    millions = planned >= MILLION
    # The two labels at the end keep out of each other's way.
    lift = 8 if expected <= planned else -8

    def at(day: date, amount: Decimal) -> list[Any]:
        return [day.isoformat(), round(float(amount / MILLION if millions else amount), 3)]

    actual = [at(begin, Decimal(0)), *(at(day, amount) for day, amount in course), at(today, spent)]
    series = [
        _line(_("plan"), [at(begin, Decimal(0)), at(end, planned)], "$control", "dashed", -lift),
        _line(_("spent"), actual, "$ink", "solid", 12),
    ]
    if end > today:
        series.append(_line(_("forecast"), [at(today, spent), at(end, expected)], "$ink", "dotted", lift))
    unit = {"axisLabel": {"formatter": _("{value} m")}} if millions else {}
    return {
        "xAxis": {"type": "time", "axisLabel": {"hideOverlap": True}},
        "yAxis": {"type": "value", "splitNumber": 3, **unit},
        "grid": {"left": 8, "right": 64, "top": 16, "bottom": 4, "containLabel": True},
        "series": series,
    }


def _line(name: str, points: list[list[Any]], colour: str, kind: str, lift: int = 0) -> dict[str, Any]:
    return {
        "type": "line",
        "name": name,
        "data": points,
        "showSymbol": False,
        "lineStyle": {"type": kind, "width": 1.75, "color": colour},
        "itemStyle": {"color": colour},
        "endLabel": {"show": True, "formatter": "{a}", "color": "$ink-3", "offset": [0, lift]},
    }
