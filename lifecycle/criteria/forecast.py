"""When a project may go live, from its plan and how late it is: no statistics, one rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from common.days import later, passed


@dataclass(frozen=True, slots=True)
class Planned:
    """A stage's plan: its place, when it is due, and whether it is the current one or behind us."""

    position: int
    due_on: date | None
    current: bool
    over: bool
    recurring: bool


def forecast(stages: Sequence[Planned], *, today: date) -> date | None:
    """The planned end of the last stage that does not recur, moved by the days the current stage is late already.

    None without dates, or when that stage is over.
    """
    ends = [stage for stage in stages if not stage.recurring]
    if not ends or ends[-1].over or ends[-1].due_on is None:
        return None
    late = [passed(stage.due_on, today) for stage in stages if stage.current and stage.due_on]
    return later(ends[-1].due_on, max([0, *late]))
