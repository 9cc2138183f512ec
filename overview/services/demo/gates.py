"""The rounds of a demo project's gates: asked for, voted on, decided."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from lifecycle.services import cast_vote, request_review
from overview.services.demo.beginning import plan_run
from overview.services.demo.scene import Event, Scene
from overview.services.demo.words import AGAINST, IN_FAVOUR, RECYCLED_FOR

Act = Callable[[datetime], object]


def gates(scene: Scene) -> Iterator[Event]:
    """All of a round happens in one afternoon, after the day's work, so that no vote is void."""
    stages = {stage.gate_key: stage.key for stage in scene.definition.stages}
    for gate in scene.story["gates"]:
        day, stage = gate["decided"], stages[gate["gate"]]
        yield Event(scene.at(day, 15), f"gate of {stage} asked for", _asked(scene, gate, stage))
        for number, vote in enumerate(gate["votes"]):
            last = number == len(gate["votes"]) - 1
            what = f"gate of {stage}: {gate['decision']}" if last else f"vote on {stage}"
            yield Event(scene.at(day, 16, 10 * number), what, _voted(scene, gate, vote))
        if gate["decision"] == "recycle":
            yield Event(scene.at(day, 17, 30), "new dates", _planned_again(scene, gate, stage))


def _asked(scene: Scene, gate: dict[str, Any], stage: str) -> Act:
    return lambda now: request_review(
        stage=scene.stage(stage),
        actor=scene.actor(gate["submitted_by"]),
        despite_blockers=gate.get("despite_blockers", False),
        now=now,
    )


def _voted(scene: Scene, gate: dict[str, Any], vote: dict[str, Any]) -> Act:
    conditions = [row for row in gate.get("conditions", ()) if row["set_by"] == vote["person"]]

    def cast(now: datetime) -> None:
        review = scene.open_review()
        cast_vote(
            review=review,
            actor=scene.actor(vote["person"]),
            decision=vote["vote"],
            rationale=_why(gate, vote),
            packet=review.packet,
            reason=RECYCLED_FOR[scene.key] if vote["vote"] == "recycle" else "",
            return_to=gate.get("return_to", "") if vote["vote"] == "recycle" else "",
            conditions=[_condition(scene, row) for row in conditions],
            now=now,
        )

    return cast


def _condition(scene: Scene, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "text": row["text"]["en"],
        "owner": scene.people[row["owner"]],
        "due_on": scene.day(row["due"]),
        "check": row.get("check", ""),
    }


def _why(gate: dict[str, Any], vote: dict[str, Any]) -> str:
    """The round's own note where it has one and the vote is of its kind."""
    if "note" in gate and vote["vote"] == gate["decision"]:
        return str(gate["note"]["en"])
    if vote["vote"] == "recycle":
        return AGAINST[vote["role"]]
    return IN_FAVOUR[vote["vote"]].get(vote["role"], IN_FAVOUR[vote["vote"]][""])


def _planned_again(scene: Scene, gate: dict[str, Any], stage: str) -> Act:
    order = [row["stage"] for row in scene.story["stages"]]
    again = order[order.index(gate["return_to"]) : order.index(stage) + 1]

    def plan(now: datetime) -> None:
        for key in again:
            plan_run(scene, key, scene.stage(key).iteration - 1, now)

    return plan
