"""Pauses, archive, legal hold: the states a project moves through besides its gates."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.models import User
from common.errors import ValidationFailed
from journal.services import record
from projects.errors import ProjectArchived, ProjectNotActive, ProjectNotArchived, ProjectNotOnHold
from projects.models import HoldPeriod, Project, ProjectState
from projects.permissions import Action, require
from projects.selectors.people import owners_of


def lock_unarchived(project: Project) -> Project:
    """The project's row under lock; nothing moves in an archived one. Raises ProjectArchived."""
    locked = Project.objects.lock(project.pk)
    if locked.state == ProjectState.ARCHIVED:
        raise ProjectArchived
    return locked


@transaction.atomic
def archive_project(*, project: Project, actor: Actor, now: datetime) -> Project:
    """Put a project away, readable and unchanging. Raises ProjectArchived when it is already."""
    require(actor, Action.CHANGE_STATE, project)
    project = Project.objects.lock(project.pk)
    moved = Project.objects.filter(pk=project.pk).exclude(state=ProjectState.ARCHIVED)
    if not moved.update(state=ProjectState.ARCHIVED, state_before_archive=F("state"), version=F("version") + 1):
        raise ProjectArchived
    project.refresh_from_db()
    record(
        "project.archived",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"project:{project.pk}",
        notify=_owners(project),
    )
    return project


@transaction.atomic
def restore_project(*, project: Project, actor: Actor, now: datetime) -> Project:
    """Bring an archived project back to the state it was in. Raises ProjectNotArchived."""
    require(actor, Action.CHANGE_STATE, project)
    project = Project.objects.lock(project.pk)
    archived = Project.objects.filter(pk=project.pk, state=ProjectState.ARCHIVED)
    if not archived.update(state=F("state_before_archive"), state_before_archive="", version=F("version") + 1):
        raise ProjectNotArchived
    project.refresh_from_db()
    record(
        "project.restored",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"project:{project.pk}",
        notify=_owners(project),
    )
    return project


@transaction.atomic
def set_legal_hold(*, project: Project, actor: Actor, now: datetime, active: bool, reason: str) -> Project:
    """Forbid (or allow again) that anything of the project is deleted. Setting what is set changes nothing."""
    require(actor, Action.LEGAL_HOLD, project)
    project = Project.objects.lock(project.pk)
    if not Project.objects.filter(pk=project.pk, legal_hold=not active).update(
        legal_hold=active, version=F("version") + 1
    ):
        return project
    project.refresh_from_db()
    verb = "project.legal_hold_set" if active else "project.legal_hold_lifted"
    record(
        verb,
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"project:{project.pk}",
        notify=_owners(project),
        reason=reason,
    )
    return project


def begin_hold(*, project: Project, until: date, reason: str, user: User | None, now: datetime) -> HoldPeriod:
    """Pause an active project until a day; a step of lifecycle's services, which lock, check and record.

    Raises ProjectNotActive; ValidationFailed for a day that is not ahead.
    """
    if until <= now.date():
        raise ValidationFailed.at("until", "out_of_range", _("The day must lie ahead."))
    _move(project, ProjectState.ACTIVE, ProjectState.ON_HOLD, ProjectNotActive)
    return HoldPeriod.objects.create(project=project, reason=reason, started_on=now.date(), until=until, held_by=user)


def end_hold(*, project: Project, now: datetime) -> HoldPeriod:
    """End the pause, early or late; a step of lifecycle's services. Raises ProjectNotOnHold."""
    _move(project, ProjectState.ON_HOLD, ProjectState.ACTIVE, ProjectNotOnHold)
    hold = HoldPeriod.objects.running().get(project=project)
    HoldPeriod.objects.filter(pk=hold.pk).update(ended_on=now.date())
    hold.refresh_from_db()
    return hold


def _move(project: Project, old: str, new: str, refusal: type[ProjectNotActive | ProjectNotOnHold]) -> None:
    if not Project.objects.filter(pk=project.pk, state=old).update(state=new, version=F("version") + 1):
        raise refusal
    project.refresh_from_db(fields=["state", "version"])


def _owners(project: Project) -> dict[int, str]:
    return dict.fromkeys(owners_of(project.pk), "owner")
