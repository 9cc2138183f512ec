"""What a project is for, and for whom."""

from datetime import date, datetime
from typing import TypedDict, Unpack

from django.db import transaction

from accounts.actor import Actor
from common import versions
from journal.services import record
from projects.models import Goal, Project, Stakeholder
from projects.permissions import Action, require
from projects.services.projects import change
from projects.services.state import lock_unarchived


class GoalFields(TypedDict, total=False):
    indicator: str
    unit: str
    direction: str
    baseline: float | None
    target: float
    current: float | None
    by: date | None


class StakeholderFields(TypedDict, total=False):
    name: str
    interest: str
    affected: bool
    need: str


@transaction.atomic
def add_goal(*, project: Project, actor: Actor, now: datetime, **fields: Unpack[GoalFields]) -> Goal:
    """Say in one figure what the project is for."""
    require(actor, Action.EDIT_PROJECT, project)
    project = lock_unarchived(project)
    goal = Goal.objects.create(project=project, **fields)
    record("goal.added", actor=actor, at=now, project_id=project.pk, object=f"goal:{goal.pk}", name=goal.indicator)
    return goal


@transaction.atomic
def update_goal(*, goal: Goal, actor: Actor, now: datetime, version: int, **changes: Unpack[GoalFields]) -> Goal:
    """Change a goal, or where it stands now. Raises VersionMismatch."""
    require(actor, Action.EDIT_PROJECT, goal.project)
    lock_unarchived(goal.project)
    before, after = change(goal, version, changes)
    record(
        "goal.updated",
        actor=actor,
        at=now,
        project_id=goal.project_id,
        object=f"goal:{goal.pk}",
        name=goal.indicator,
        before=before,
        after=after,
    )
    return goal


@transaction.atomic
def remove_goal(*, goal: Goal, actor: Actor, now: datetime, version: int) -> None:
    """Give up a goal; the journal remembers it. Raises VersionMismatch."""
    require(actor, Action.EDIT_PROJECT, goal.project)
    lock_unarchived(goal.project)
    current = Goal.objects.get(pk=goal.pk)
    versions.check(current, version)
    current.delete()
    record(
        "goal.removed",
        actor=actor,
        at=now,
        project_id=goal.project_id,
        object=f"goal:{goal.pk}",
        name=goal.indicator,
        target=goal.target,
    )


@transaction.atomic
def add_stakeholder(
    *, project: Project, actor: Actor, now: datetime, **fields: Unpack[StakeholderFields]
) -> Stakeholder:
    """Name a role or group with a stake."""
    require(actor, Action.EDIT_PROJECT, project)
    project = lock_unarchived(project)
    stakeholder = Stakeholder.objects.create(project=project, **fields)
    record(
        "stakeholder.added",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"stakeholder:{stakeholder.pk}",
        name=stakeholder.name,
    )
    return stakeholder


@transaction.atomic
def update_stakeholder(
    *, stakeholder: Stakeholder, actor: Actor, now: datetime, version: int, **changes: Unpack[StakeholderFields]
) -> Stakeholder:
    """Raises VersionMismatch."""
    require(actor, Action.EDIT_PROJECT, stakeholder.project)
    lock_unarchived(stakeholder.project)
    before, after = change(stakeholder, version, changes)
    record(
        "stakeholder.updated",
        actor=actor,
        at=now,
        project_id=stakeholder.project_id,
        object=f"stakeholder:{stakeholder.pk}",
        name=stakeholder.name,
        before=before,
        after=after,
    )
    return stakeholder


@transaction.atomic
def remove_stakeholder(*, stakeholder: Stakeholder, actor: Actor, now: datetime, version: int) -> None:
    """Raises VersionMismatch."""
    require(actor, Action.EDIT_PROJECT, stakeholder.project)
    lock_unarchived(stakeholder.project)
    current = Stakeholder.objects.get(pk=stakeholder.pk)
    versions.check(current, version)
    current.delete()
    record(
        "stakeholder.removed",
        actor=actor,
        at=now,
        project_id=stakeholder.project_id,
        object=f"stakeholder:{stakeholder.pk}",
        name=stakeholder.name,
    )
