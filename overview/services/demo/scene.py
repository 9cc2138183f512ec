"""One project of the demo while it is replayed: its story, its people, its days, its rows as they stand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from accounts.actor import Actor
from accounts.models import User
from lifecycle.models import Check, Definition, GateReview, Process, Stage
from projects.models import Portfolio, Project


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at an instant; `act` makes it happen through the services, with that instant as `now`."""

    at: datetime
    what: str
    act: Callable[[datetime], object]


@dataclass(frozen=True, slots=True)
class Scene:
    """`story` is the project's entry of the content; its days are offsets from `midnight`, today's first instant."""

    story: dict[str, Any]
    definition: Definition
    people: dict[str, User]
    portfolio: Portfolio
    midnight: datetime

    @property
    def key(self) -> str:
        return str(self.story["code"])

    @property
    def manager(self) -> str:
        """The project manager, who owns the project and does what nobody else is named for."""
        return str(self.story["passed_stage_defaults"]["by"])

    def at(self, day: int, hour: int, minute: int = 0) -> datetime:
        return self.midnight + timedelta(days=day, hours=hour, minutes=minute)

    def day(self, offset: int) -> date:
        return (self.midnight + timedelta(days=offset)).date()

    def actor(self, person: str) -> Actor:
        """That person with a session of their own."""
        return Actor.for_user(self.people[person])

    def project(self) -> Project:
        return Project.objects.get(key=self.key)

    def process(self) -> Process:
        return Process.objects.select_related("project").get(project__key=self.key)

    def stage(self, key: str) -> Stage:
        return Stage.objects.newest().with_process().of_project(self.key).get(key=key)

    def check(self, key: str) -> Check:
        rows = Check.objects.select_related("stage__process__project__subject", "assignee")
        return rows.get(stage__process__project__key=self.key, stage__superseded=False, key=key)

    def open_review(self) -> GateReview:
        rows = GateReview.objects.open().select_related("stage__process__project")
        return rows.get(stage__process__project__key=self.key)

    def runs(self, stage: str) -> list[tuple[int, int]]:
        """When each iteration of a stage began and was planned to end, the first one first."""
        row = self.plan(stage)
        return [(run["start"], run["due"]) for run in [*row.get("earlier", ()), row]]

    def plan(self, stage: str) -> dict[str, Any]:
        """What the content tells of a stage."""
        return next(row for row in self.story["stages"] if row["stage"] == stage)
