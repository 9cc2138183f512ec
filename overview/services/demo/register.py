"""The risks of a demo project: written down, treated, accepted, looked at again, closed."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from common import content
from overview.services.demo.scene import Event, Scene
from risks.models import Risk
from risks.services import accept_risk, close_risk, create_risk, update_risk

Act = Callable[[datetime], object]


def register(scene: Scene) -> Iterator[Event]:
    for row in scene.story["risks"]:
        scored, accepted = row["scored_on"], row["treatment"]["accepted_on"]
        first = scored if accepted is None else min(scored, accepted)
        yield Event(scene.at(first, 10, 30), f"risk {row['risk']}", _written_down(scene, row))
        yield Event(scene.at(first, 10, 40), f"{row['risk']} scored", _scored(scene, row))
        if accepted is not None:
            yield Event(scene.at(accepted, 13, 30), f"{row['risk']} accepted", _accepted(scene, row))
        if scored > first:
            yield Event(scene.at(scored, 10, 40), f"{row['risk']} scored again", _scored(scene, row))
        if "closed_on" in row:
            yield Event(scene.at(row["closed_on"], 13, 40), f"{row['risk']} closed", _closed(scene, row))


def _written_down(scene: Scene, row: dict[str, Any]) -> Act:
    entry = content.library_risks()[row["risk"]]
    return lambda now: create_risk(
        project=scene.project(),
        actor=scene.actor(row["owner"]),
        now=now,
        title=entry["name"]["en"],
        category=entry["category"],
        library=row["risk"],
        owner=scene.people[row["owner"]],
        treatment=row["treatment"]["type"],
        treatment_plan=row["treatment"]["text"]["en"],
        **row["inherent"],
    )


def _scored(scene: Scene, row: dict[str, Any]) -> Act:
    """What the content calls residual is the score as it stands, and what is left when all is done."""

    def score(now: datetime) -> None:
        risk = _risk(scene, row)
        update_risk(
            risk=risk,
            actor=scene.actor(row["owner"]),
            version=risk.version,
            now=now,
            current=row["residual"],
            residual=row["residual"],
        )

    return score


def _accepted(scene: Scene, row: dict[str, Any]) -> Act:
    return lambda now: accept_risk(risk=_risk(scene, row), actor=scene.actor(row["treatment"]["accepted_by"]), now=now)


def _closed(scene: Scene, row: dict[str, Any]) -> Act:
    def close(now: datetime) -> None:
        risk = _risk(scene, row)
        close_risk(risk=risk, actor=scene.actor(row["owner"]), version=risk.version, now=now)

    return close


def _risk(scene: Scene, row: dict[str, Any]) -> Risk:
    return Risk.objects.select_related("project", "owner").get(project__key=scene.key, library=row["risk"])
