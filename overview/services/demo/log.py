"""How a demo project tells of itself while it goes on: its log and what it spends."""

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from overview.services.demo.scene import Event, Scene
from overview.services.demo.words import LOG, Said
from projects.models import BudgetLine
from projects.services import add_spend, log_progress

Act = Callable[[datetime], object]
FORTNIGHT = 14
# A bill is round, and nobody sends one for less than this.
ROUND, LEAST = 1000, 6000


def log(scene: Scene) -> Iterator[Event]:
    for said in LOG[scene.key]:
        yield Event(scene.at(said.day, 19), "progress", _said(scene, said))


def spending(scene: Scene) -> Iterator[Event]:
    """Each line's money in bills over the time in which it was spent."""
    for number, row in enumerate(scene.story["budget"]):
        for day, amount in _bills(scene, row):
            yield Event(scene.at(day, 20, number), f"spent on {row['line']}", _spent(scene, row["line"], amount))


def _bills(scene: Scene, row: dict[str, Any]) -> list[tuple[int, int]]:
    first, last = _span(scene, row["stage"])
    count = max(1, min((last - first) // FORTNIGHT, row["spent"] // LEAST))
    each = row["spent"] // count // ROUND * ROUND
    days = [last - (last - first) * (count - 1 - number) // count for number in range(count)]
    bills = [(day, each) for day in days[:-1]]
    return [*bills, (last, row["spent"] - each * (count - 1))] if row["spent"] else []


def _span(scene: Scene, stage: str | None) -> tuple[int, int]:
    """The days of the stage in which money was spent; of a stage still ahead, the days of preparing it."""
    if stage is None:
        return scene.story["stages"][0]["start"], -1
    plan = scene.plan(stage)
    first, last = scene.runs(stage)[0][0], min(plan.get("finished", plan["due"]), -1)
    return (first, last) if first < last else (-2 * FORTNIGHT, -1)


def _said(scene: Scene, said: Said) -> Act:
    return lambda now: log_progress(
        project=scene.project(),
        actor=scene.actor(said.by),
        now=now,
        text=said.text,
        health=said.health,
        percent=said.percent,
        blockers=said.blockers,
        day=scene.day(said.day),
    )


def _spent(scene: Scene, category: str, amount: int) -> Act:
    def spend(now: datetime) -> None:
        line = BudgetLine.objects.select_related("project").get(project__key=scene.key, category=category)
        add_spend(
            line=line,
            actor=scene.actor(scene.manager),
            now=now,
            amount=Decimal(amount),
            day=now.date(),
        )

    return spend
