"""A project's budget in one look."""

from dataclasses import dataclass
from decimal import Decimal

from projects.models import BudgetLine, Project


@dataclass(frozen=True, slots=True)
class LineFigures:
    """A line with what it needs to be drawn: `width` is the bar in percent of the plan, at most 100."""

    line: BudgetLine
    planned: Decimal
    spent: Decimal
    percent: int | None
    width: int
    over: bool

    @property
    def left(self) -> Decimal:
        return self.planned - self.spent


@dataclass(frozen=True, slots=True)
class BudgetFigures:
    lines: list[LineFigures]
    planned: Decimal
    spent: Decimal
    percent: int | None
    over: bool

    @property
    def left(self) -> Decimal:
        return self.planned - self.spent


def budget_of(project: Project) -> BudgetFigures:
    """Planned and spent per line and in sum, in the project's currency. One query."""
    lines = [_figures(line) for line in BudgetLine.objects.filter(project=project).with_spend()]
    planned, spent = sum((row.planned for row in lines), Decimal(0)), sum((row.spent for row in lines), Decimal(0))
    return BudgetFigures(lines, planned, spent, _percent(spent, planned), spent > planned)


def _figures(line: BudgetLine) -> LineFigures:
    spent: Decimal = getattr(line, "spent")  # noqa: B009 - annotated by with_spend
    percent = _percent(spent, line.planned)
    width = max(0, min(100, percent if percent is not None else 100 * (spent > 0)))
    return LineFigures(line, line.planned, spent, percent, width, spent > line.planned)


def _percent(spent: Decimal, planned: Decimal) -> int | None:
    """Whole percent; None where nothing was planned."""
    return round(spent / planned * 100) if planned else None
