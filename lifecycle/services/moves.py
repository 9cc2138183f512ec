"""A project moves to another level, template version or other tags: each a journalled step, each tried before."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Unpack

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from common import versions
from common.errors import HumanSessionRequired, ValidationFailed
from journal.services import record
from lifecycle.criteria import Readiness
from lifecycle.errors import ProjectNotActive
from lifecycle.models import Process, Stage, TemplateVersion
from lifecycle.selectors import readiness
from lifecycle.selectors.templates.impact import beyond
from lifecycle.services.refits import Fit, Refit, refit
from projects.models import Membership, Project, ProjectState, ProjectTag
from projects.permissions import Action, may, require
from projects.selectors.people import deciders_of
from projects.services import (
    ProjectFields,
    amend_project,
    hold_trees,
    lock_unarchived,
    replace_tags,
    update_project,
)

MOVABLE = (ProjectState.ACTIVE, ProjectState.ON_HOLD)


@dataclass(frozen=True, slots=True)
class Move:
    """What a move changed: the process as it is now, its checks, and the blockers of the current gate."""

    process: Process
    changed: Refit = field(default_factory=Refit)
    gained: tuple[dict[str, Any], ...] = ()
    lost: tuple[dict[str, Any], ...] = ()


def tried(act: Callable[[], Move]) -> Move:
    """What a move would change; it is carried out and undone, so that nothing is written."""
    with transaction.atomic():
        move = act()
        transaction.set_rollback(True)
    return move


@transaction.atomic
def change_level(
    *, project: Project, actor: Actor, level: str, reason: str, now: datetime, trial: bool = False
) -> Move:
    """Run a project at another level, or confirm the one it has; from then on it is confirmed.

    Confirming is a person's act: a token moves only what nobody has confirmed, and confirms nothing; as a `trial`,
    which the caller undoes, it may move the rest. Raises PermissionDenied, HumanSessionRequired, ProjectNotActive,
    RoundIsOpen, LevelNotOffered.
    """
    require(actor, Action.CONFIRM_INTAKE, project)
    project, process = locked_process(project)
    before, confirmed = process.level, process.level_confirmed
    confirms = actor.token is None
    if before == level and (confirmed or not confirms):
        return Move(process)
    if confirmed and not trial:
        _by_a_person(actor)
    move = Move(process)
    if before != level:
        move = move_to(process, Fit(process.template_version_id, level, tags_of(project)), now)
    Process.objects.filter(pk=process.pk).update(level_confirmed=confirmed or confirms)
    process.refresh_from_db()
    record(
        "project.level_confirmed" if before == level else "project.level_changed",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"project:{project.pk}",
        notify=told_of(project, move),
        before=before,
        after=level,
        from_level=before,
        level=level,
        was_confirmed=confirmed,
        reason=reason,
        **move.changed.as_data(),
    )
    return move


@transaction.atomic
def change_version(*, project: Project, actor: Actor, version: int, reason: str = "", now: datetime) -> Move:
    """Move a project to another published version of its template.

    Raises PermissionDenied, ProjectNotActive, RoundIsOpen, CurrentStageGone, LevelNotOffered, ValidationFailed.
    """
    require(actor, Action.CHANGE_STATE, project)
    project, process = locked_process(project)
    before = process.template_version.number
    found = _version(process, version)
    if found == process.template_version_id:
        return Move(process)
    move = move_to(process, Fit(found, process.level, tags_of(project)), now)
    record(
        "project.template_moved",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"project:{project.pk}",
        notify=told_of(project, move),
        template=process.template_key,
        before=before,
        after=version,
        reason=reason,
        **move.changed.as_data(),
    )
    return move


@transaction.atomic
def change_tags(
    *,
    project: Project,
    actor: Actor,
    version: int,
    tags: Collection[str],
    now: datetime,
    **changes: Unpack[ProjectFields],
) -> Move:
    """Give a project other tags, and with them other checks; `changes` of its data go along.

    Once its level is confirmed, whoever confirms levels changes tags, by session. Raises PermissionDenied,
    HumanSessionRequired, ProjectNotActive, RoundIsOpen, VersionMismatch, ValidationFailed.
    """
    if changes:
        require(actor, Action.EDIT_PROJECT, project)
    if "portfolio" in changes:
        hold_trees(project.portfolio, changes["portfolio"])
    project, process = locked_process(project)
    _may_tag(actor, project, process)
    versions.check(project, version)
    held = tags_of(project)
    before, after = amend_project(project=project, version=version, changes=changes, now=now)
    if not after:
        versions.bump(Project, project.pk, version)
    replace_tags(project=project, tags=list(dict.fromkeys(tags)))
    move = move_to(process, Fit(process.template_version_id, process.level, frozenset(tags)), now)
    record(
        "project.tags_changed",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"project:{project.pk}",
        notify=told_of(project, move),
        before={**before, "tags": sorted(held)},
        after={**after, "tags": sorted(set(tags))},
        **move.changed.as_data(),
    )
    return move


def change_project(
    *,
    project: Project,
    actor: Actor,
    version: int,
    now: datetime,
    tags: Sequence[str] | None = None,
    **changes: Unpack[ProjectFields],
) -> None:
    """Edit a project's data, and its tags where they differ. Raises what `update_project` and `change_tags` raise."""
    given: dict[str, Any] = {"project": project, "actor": actor, "version": version, "now": now, **changes}
    if tags is None or set(tags) == tags_of(project):
        update_project(**given)
    else:
        change_tags(tags=tags, **given)


def may_tag(actor: Actor, process: Process) -> bool:
    """Whether this person changes the tags: the owner until the level is confirmed, then whoever confirms levels."""
    unlocked = not process.level_confirmed and may(actor, Action.EDIT_PROJECT, process.project)
    return unlocked or may(actor, Action.CONFIRM_INTAKE, process.project)


def _may_tag(actor: Actor, project: Project, process: Process) -> None:
    if process.level_confirmed or not may(actor, Action.EDIT_PROJECT, project):
        require(actor, Action.CONFIRM_INTAKE, project)
    if process.level_confirmed:
        _by_a_person(actor)


def _by_a_person(actor: Actor) -> None:
    """What people confirmed no token moves. Raises HumanSessionRequired."""
    if actor.token is not None:
        raise HumanSessionRequired


def locked_process(project: Project) -> tuple[Project, Process]:
    """The project under lock, with its process. Raises ProjectArchived, ProjectNotActive."""
    project = lock_unarchived(project)
    if project.state not in MOVABLE:
        raise ProjectNotActive
    return project, Process.objects.select_related("project", "template_version").get(project=project)


def move_to(process: Process, fit: Fit, now: datetime) -> Move:
    before = _gate(process, now)
    changed = refit(process, fit, now=now)
    after = _gate(process, now)
    return Move(process, changed, beyond(after, before), beyond(before, after))


def _gate(process: Process, now: datetime) -> Readiness:
    stage = Stage.objects.current().with_process().get(process=process)
    return readiness(stage, today=now.date())


def _version(process: Process, number: int) -> int:
    rows = TemplateVersion.objects.published().filter(template=process.template_version.template_id, number=number)
    found = rows.values_list("pk", flat=True).first()
    if found is None:
        raise ValidationFailed.at("version", "not_found", _("The template has no such published version."))
    return found


def tags_of(project: Project) -> frozenset[str]:
    return frozenset(ProjectTag.objects.filter(project=project).values_list("key", flat=True))


def told_of(project: Project, move: Move) -> dict[int, str]:
    """Every member; whoever decides, as the second gatekeeper of waivers that take one now."""
    members = dict.fromkeys(Membership.objects.filter(project=project).values_list("user_id", flat=True), "member")
    return members | (dict.fromkeys(deciders_of(project.pk), "second") if move.changed.waivers_asked else {})
