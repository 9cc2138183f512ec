"""How a project of the demo begins: its data, its members, its plan, what it is for and what it may cost."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from lifecycle.services import decide_limit, schedule_stage, set_limit, start_project
from overview.services.demo.scene import Event, Scene
from projects.models import Membership
from projects.services import (
    add_budget_line,
    add_goal,
    add_member,
    add_stakeholder,
    update_goal,
    update_member,
    update_project,
)

CLASSES = ("industry", "application", "domains", "model_class", "build_mode", "innovation_path", "innovation_model")


def beginning(scene: Scene) -> Iterator[Event]:
    first, story = scene.story["stages"][0]["start"], scene.story
    yield Event(scene.at(first, 8), "started", lambda now: _start(scene, now))
    yield Event(scene.at(first, 8, 10), "members", lambda now: _members(scene, now))
    yield Event(scene.at(first, 8, 20), "plan", lambda now: _plan(scene, now))
    yield Event(scene.at(first, 8, 30), "purpose", lambda now: _purpose(scene, now))
    yield Event(scene.at(first, 8, 40), "budget", lambda now: _budget(scene, now))
    yield Event(scene.at(story["intake"]["day"], 8, 50), "legal tier", lambda now: _tier(scene, now))
    for limit in story["thresholds"]:
        yield Event(scene.at(limit["day"], 8, 55), f"limit of {limit['item']}", _limit(scene, limit))
    yield Event(scene.at(-1, 18), "goals measured", lambda now: _measure_goals(scene, now))


def plan_run(scene: Scene, stage: str, run: int, now: datetime) -> None:
    """Give the stage's latest iteration the dates of its `run`, counted from 0."""
    start, due = scene.runs(stage)[run]
    row = scene.stage(stage)
    schedule_stage(
        stage=row,
        actor=scene.actor(scene.manager),
        version=row.version,
        now=now,
        starts_on=scene.day(start),
        due_on=scene.day(due),
    )


def _start(scene: Scene, now: datetime) -> None:
    story = scene.story
    start_project(
        actor=scene.actor(scene.manager),
        now=now,
        key=scene.key,
        name=story["name"]["en"],
        objective=story["summary"]["en"],
        translations={"zh": {"name": story["name"]["zh"], "objective": story["summary"]["zh"]}},
        template=story["template"],
        level=story["level"],
        tags=story["tags"],
        visibility=story["visibility"],
        portfolio=scene.portfolio,
        currency="CNY",
        starts_on=scene.day(story["stages"][0]["start"]),
        target_on=scene.day(scene.plan("deployment")["due"]),
        **{name: story[name] for name in CLASSES},
    )


def _members(scene: Scene, now: datetime) -> None:
    project, actor = scene.project(), scene.actor(scene.manager)
    for row in scene.story["members"]:
        facts: dict[str, Any] = {"access": row["access"], "functions": [row["role"]], "team": row["team"]}
        if row["person"] == scene.manager:
            mine = Membership.objects.select_related("project").get(project=project, user=scene.people[scene.manager])
            update_member(member=mine, actor=actor, now=now, version=mine.version, **facts)
        else:
            add_member(project=project, actor=actor, now=now, username=row["person"], **facts)


def _plan(scene: Scene, now: datetime) -> None:
    for row in scene.story["stages"]:
        plan_run(scene, row["stage"], 0, now)


def _purpose(scene: Scene, now: datetime) -> None:
    project, actor = scene.project(), scene.actor(scene.manager)
    promised = {goal["indicator"]: goal["by"] for goal in scene.story["goals"]}
    for row in scene.story["kpis"]["rows"]:
        add_goal(
            project=project,
            actor=actor,
            now=now,
            indicator=row["name"]["en"],
            unit=row["unit"],
            direction=row["direction"],
            baseline=row["before"],
            target=row["target"],
            by=scene.day(promised[row["key"]]) if row["key"] in promised else None,
        )
    for row in scene.story["stakeholders"]:
        add_stakeholder(
            project=project,
            actor=actor,
            now=now,
            name=row["role"]["en"],
            interest=row["interest"]["en"],
            affected=row["affected"],
            need=row["need"]["en"],
        )


def _measure_goals(scene: Scene, now: datetime) -> None:
    goals = {goal.indicator: goal for goal in scene.project().goals.select_related("project")}
    for row in scene.story["kpis"]["rows"]:
        if row["after"] is not None:
            goal = goals[row["name"]["en"]]
            update_goal(
                goal=goal, actor=scene.actor(scene.manager), now=now, version=goal.version, current=row["after"]
            )


def _budget(scene: Scene, now: datetime) -> None:
    for row in scene.story["budget"]:
        add_budget_line(
            project=scene.project(),
            actor=scene.actor(scene.manager),
            now=now,
            category=row["line"],
            name=row["name"]["en"],
            stage=row["stage"] or "",
            planned=Decimal(row["planned"]),
        )


def _tier(scene: Scene, now: datetime) -> None:
    project, found = scene.project(), scene.story["intake"]["proposes"]
    update_project(
        project=project,
        actor=scene.actor(scene.manager),
        now=now,
        version=project.version,
        ai_act_tier=found["ai_act_tier"],
        ai_act_roles=found["ai_act_role"],
    )


def _limit(scene: Scene, row: dict[str, Any]) -> Any:
    def act(now: datetime) -> None:
        process, key = scene.process(), row["item"]
        limit = set_limit(
            process=process,
            check_key=key,
            threshold=float(row["threshold"]),
            reason=row["reason"]["en"],
            actor=scene.actor(scene.manager),
            now=now,
        )
        if limit.in_force_at is None:
            officer = scene.actor(row["agreed_by"])
            decide_limit(process=process, check_key=key, proposal=limit.pk, agree=True, actor=officer, now=now)

    return act
