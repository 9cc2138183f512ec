"""What the team of a demo project does between its gates: versions, measurements, questionnaires, checks."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from common import content
from lifecycle.models import Answer, Item, StageDefinition
from lifecycle.services import answer_check, attach_link
from overview.services.demo.scene import Event, Scene
from records.services import add_model_version, push_metric, set_subject
from risks.services import save_assessment, sign_assessment, submit_assessment

# Of a passed stage these are computed: never set by hand.
BY_HAND = ("manual", "evidence")


def versions(scene: Scene) -> Iterator[Event]:
    """Models as they were trained; the other parts of the subject since their day."""
    for model in scene.story["models"]:
        yield Event(scene.at(model["created"], 9), f"model {model['version']}", _model(scene, model))
    for part, value in scene.story["subject"].items():
        if value and part != "model":
            yield Event(scene.at(value["since"], 9, 10), f"{part} {value['version']}", _part(scene, part, value))


def measurements(scene: Scene) -> Iterator[Event]:
    for run in scene.story["evaluations"]:
        yield Event(scene.at(run["day"], 10), f"results of {run['by']}", _results(scene, run))


def questionnaires(scene: Scene) -> Iterator[Event]:
    """Filled in, handed in and signed on one day; a draft stays one, and what lacks a signature lacks it here too."""
    for row in scene.story["assessments"]:
        yield Event(scene.at(row["day"], 11), f"{row['assessment']} filled in", _filled(scene, row))
        for number, person in enumerate(row["approved_by"]):
            signed = _signed(scene, row["assessment"], person)
            yield Event(scene.at(row["day"], 14, number), f"{row['assessment']} signed", signed)


def checks(scene: Scene) -> Iterator[Event]:
    """Every tick, proof and signature, run by run; then who owes what is still open."""
    listed = {row["item"]: row for row in scene.story["items"]}
    for stage in scene.definition.stages:
        runs = scene.runs(stage.key)
        for number, (start, _due) in enumerate(runs):
            end = _decided(scene, stage, number + 1)
            if end is not None or start <= 0:
                yield from _run(scene, stage, listed, number, start, end)
    yield from _planned(scene)


def _decided(scene: Scene, stage: StageDefinition, iteration: int) -> int | None:
    days = [
        gate["decided"]
        for gate in scene.story["gates"]
        if gate["gate"] == stage.gate_key and gate.get("iteration", 1) == iteration
    ]
    return days[0] if days else None


def _run(
    scene: Scene, stage: StageDefinition, listed: dict[str, Any], number: int, start: int, end: int | None
) -> Iterator[Event]:
    """One iteration from `start` to its decision on `end`; an open one has only what is listed."""
    items = [item for item in stage.items if item.applies_to(scene.story["level"], scene.story["tags"])]
    for place, item in enumerate(items):
        row = listed.get(item.key)
        if row and row["status"] == "done" and start <= row["day"] and (end is None or row["day"] <= end):
            yield _done(scene, item, row, row["day"], place)
        elif end is not None and item.kind in BY_HAND and (row is None or row["status"] == "done"):
            by_default = row or _default(scene, item, number)
            yield _done(scene, item, by_default, _spread(scene, item, start, end, place / len(items)), place)


def _default(scene: Scene, item: Item, number: int) -> dict[str, Any]:
    """Proof of a passed stage that nobody is named for; a later run has proof of its own."""
    row = scene.story["passed_stage_defaults"]
    address = row["evidence_url"].format(item=item.key)
    return {"by": row["by"], "evidence_url": f"{address}-{number + 1}" if number else address}


def _spread(scene: Scene, item: Item, start: int, end: int, share: float) -> int:
    """A day of the run, once the parts that the item depends on are what the gate decides about."""
    since: list[int] = [
        value["since"] for part, value in scene.story["subject"].items() if value and part in item.depends_on
    ]
    if "model" in item.depends_on:
        since += [model["created"] for model in scene.story["models"]]
    first: int = max([start + 1, *(day for day in since if day < end)])
    return min(first + int((end - first) * share), end - 1)


def _done(scene: Scene, item: Item, row: dict[str, Any], day: int, place: int) -> Event:
    return Event(scene.at(day, 12, place), item.key, lambda now: _prove(scene, item, row, now))


def _prove(scene: Scene, item: Item, row: dict[str, Any], now: datetime) -> None:
    check, actor = scene.check(item.key), scene.actor(row["by"])
    if item.kind == "evidence":
        title = item.key.replace("_", " ").capitalize()
        attach_link(check=check, actor=actor, url=row["evidence_url"], title=title, now=now)
    else:
        answer_check(check=check, actor=actor, version=check.version, now=now, state=Answer.MET)


def _planned(scene: Scene) -> Iterator[Event]:
    """A week before it is due, at the latest yesterday, an open check gets its owner, its day and how it stands."""
    rows = [row for row in scene.story["items"] if row["status"] != "done"] + scene.story.get("item_dues", [])
    for place, row in enumerate(rows):
        yield Event(scene.at(min(row["due"] - 7, -1), 13, place), f"{row['item']} planned", _plan(scene, row))


def _plan(scene: Scene, row: dict[str, Any]) -> Any:
    def plan(now: datetime) -> None:
        check = scene.check(row["item"])
        changes: dict[str, Any] = {"assignee": scene.people[row["owner"]], "due_on": scene.day(row["due"])}
        if "note" in row:
            changes["note"] = row["note"]["en"]
        answer_check(check=check, actor=scene.actor(scene.manager), version=check.version, now=now, **changes)

    return plan


def _model(scene: Scene, row: dict[str, Any]) -> Any:
    return lambda now: add_model_version(
        project=scene.project(),
        actor=scene.actor(row["trained_by"][0]),
        name=f"{row['model']} {row['version']}",
        now=now,
        base=row["base"]["en"],
        sha256=row["sha256"],
        trained_on=scene.day(row["created"]),
        trained_by=[scene.people[person] for person in row["trained_by"]],
    )


def _part(scene: Scene, part: str, value: dict[str, Any]) -> Any:
    role = "data_lead" if part == "dataset" else "ml_lead"
    person = next(row["person"] for row in scene.story["members"] if row["role"] == role)
    return lambda now: set_subject(
        project=scene.project(), actor=scene.actor(person), parts={part: value["version"]}, now=now
    )


def _results(scene: Scene, run: dict[str, Any]) -> Any:
    """One run with all that it measured; the set it was measured on is its benchmark, never the subject."""
    run_id = f"{scene.key.lower()}-{scene.day(run['day']):%Y%m%d}"
    known = {row["key"]: f"{row['key']} {row['version']}" for row in scene.story["datasets"]}
    rows = [{"metric": metric, "value": value} for metric, value in run["metrics"].items()]
    rows += [
        {"metric": row["metric"], "value": row["value"], "slice": row["slice"]["en"]} for row in run.get("slices", ())
    ]

    def push(now: datetime) -> None:
        for row in rows:
            push_metric(
                project=scene.project(),
                actor=scene.actor(run["by"]),
                now=now,
                run_id=run_id,
                measured_at=now,
                benchmark=known.get(run.get("dataset", ""), ""),
                subject={"model": run["model"]} if "model" in run else None,
                **row,
            )

    return push


def _filled(scene: Scene, row: dict[str, Any]) -> Any:
    asked = content.questionnaires()[row["assessment"]]["questions"]
    answers = {question["key"]: row["answers"].get(question["key"], row["answers_default"]) for question in asked}

    def fill(now: datetime) -> None:
        actor = scene.actor(row["filled_by"])
        draft = save_assessment(project=scene.project(), actor=actor, key=row["assessment"], answers=answers, now=now)
        if row["status"] != "draft":
            submit_assessment(assessment=draft, actor=actor, now=now)

    return fill


def _signed(scene: Scene, key: str, person: str) -> Any:
    return lambda now: sign_assessment(
        assessment=scene.project().assessments.select_related("project").get(key=key),
        actor=scene.actor(person),
        now=now,
    )
