"""What somebody owes by a day: one list for actions, conditions, treatments and findings."""

from datetime import date, datetime
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.models import User
from common import versions
from common.errors import ValidationFailed
from journal.services import record
from projects.errors import ActionFollowsItsSource, ActionNotDone, VerifierDidIt
from projects.models import Action, ActionSource, Project
from projects.permissions import Action as Right
from projects.permissions import require
from projects.selectors.people import owners_of, person_who_sees
from projects.services.days import day_of
from projects.services.projects import change
from projects.services.state import lock_unarchived


class ActionFields(TypedDict, total=False):
    """What may be changed of an action; `owner` is a user name."""

    text: str
    owner: str
    due_on: date


@transaction.atomic
def add_action(
    *,
    project: Project,
    actor: Actor,
    now: datetime,
    text: str,
    owner: str,
    due_on: date,
    source: str = ActionSource.MANUAL,
) -> Action:
    """Give somebody (by user name) something to do. Raises ValidationFailed when no such person sees the project."""
    require(actor, Right.WORK, project)
    project = lock_unarchived(project)
    if source == ActionSource.CONDITION:
        raise ValidationFailed.at("source", "invalid_choice", _("Conditions come from a decision."))
    person = owner_named(project, owner)
    action = plan_action(project=project, text=text, owner=person, due_on=due_on, source=source, by=actor.user, now=now)
    record(
        "action.added",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"action:{action.pk}",
        notify={person.pk: "assignee"},
        text=text[:200],
        owner=person.pk,
        due_on=due_on.isoformat(),
    )
    return action


def plan_action(
    *, project: Project, text: str, owner: User, due_on: date, source: str, by: User | None, now: datetime
) -> Action:
    """The row of an action; a step of the service that made it necessary and records it."""
    return Action.objects.create(
        project=project, text=text, owner=owner, due_on=due_on, source=source, created_by=by, created_at=now
    )


def close_action(*, action: Action, by: User | None, day: date) -> None:
    """Mark as done; a step of the service that found it so, which holds the project's lock and records."""
    versions.bump(Action, action.pk, action.version, done_on=day, done_by=by, verified_by=None)
    action.refresh_from_db()


def owner_named(project: Project, username: str, pointer: str = "owner") -> User:
    """The person of this user name who sees the project. Raises ValidationFailed at `pointer`."""
    person = person_who_sees(project, username)
    if person is None:
        raise ValidationFailed.at(pointer, "not_found", _("Nobody of this name sees the project."))
    return person


@transaction.atomic
def update_action(
    *, action: Action, actor: Actor, now: datetime, version: int, **changes: Unpack[ActionFields]
) -> Action:
    """Change the words, the owner or the day. Raises VersionMismatch, ActionFollowsItsSource, ValidationFailed."""
    current = _writable(action, actor)
    columns: dict[str, Any] = {**changes}
    if "owner" in changes:
        columns["owner"] = owner_named(current.project, changes["owner"])
    before, after = change(current, version, columns)
    record(
        "action.updated",
        actor=actor,
        at=now,
        project_id=current.project_id,
        object=f"action:{current.pk}",
        notify={current.owner_id: "assignee"} if {"owner", "due_on"} & set(after) else None,
        text=current.text[:200],
        before=before,
        after=after,
    )
    return current


@transaction.atomic
def complete_action(*, action: Action, actor: Actor, now: datetime, version: int, done: bool = True) -> Action:
    """Say that it is done, or that it is not after all. Raises VersionMismatch, ActionFollowsItsSource."""
    current = _writable(action, actor)
    versions.check(current, version)
    if done:
        close_action(action=current, by=actor.user, day=day_of(actor, now))
    else:
        versions.bump(Action, current.pk, version, done_on=None, done_by=None, verified_by=None)
        current.refresh_from_db()
    record(
        "action.done" if done else "action.reopened",
        actor=actor,
        at=now,
        project_id=current.project_id,
        object=f"action:{current.pk}",
        notify=dict.fromkeys(owners_of(current.project_id), "owner"),
        text=current.text[:200],
    )
    return current


@transaction.atomic
def verify_action(*, action: Action, actor: Actor, now: datetime, version: int) -> Action:
    """A second person has looked. Raises ActionNotDone, VerifierDidIt, VersionMismatch."""
    current = _writable(action, actor)
    if current.done_on is None:
        raise ActionNotDone
    if current.done_by_id == actor.user_id:
        raise VerifierDidIt
    versions.bump(Action, current.pk, version, verified_by=actor.user)
    current.refresh_from_db()
    record(
        "action.verified",
        actor=actor,
        at=now,
        project_id=current.project_id,
        object=f"action:{current.pk}",
        notify={current.owner_id: "assignee"},
        text=current.text[:200],
    )
    return current


def _writable(action: Action, actor: Actor) -> Action:
    """The action as it is now, under its project's lock; a condition moves only through the gate that set it."""
    require(actor, Right.WORK, action.project)
    lock_unarchived(action.project)
    current = Action.objects.select_related("project", "owner").get(pk=action.pk)
    if current.source == ActionSource.CONDITION:
        raise ActionFollowsItsSource
    return current
