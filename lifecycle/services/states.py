from datetime import date, datetime

from django.db import transaction

from accounts.actor import Actor
from journal.services import record
from projects.models import Membership, Project
from projects.permissions import Action, require
from projects.services import begin_hold, end_hold


@transaction.atomic
def hold_project(*, project: Project, actor: Actor, until: date, reason: str, now: datetime) -> Project:
    """Pause a project until a day: nobody asks or votes, other work goes on, planned dates stay.

    Raises ProjectNotActive.
    """
    require(actor, Action.CHANGE_STATE, project)
    project = Project.objects.lock(project.pk)
    begin_hold(project=project, until=until, reason=reason, user=actor.user, now=now)
    record(
        "project.held",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"project:{project.pk}",
        notify=_members(project),
        until=until.isoformat(),
        reason=reason,
    )
    return project


@transaction.atomic
def resume_project(*, project: Project, actor: Actor, now: datetime) -> Project:
    """End a pause. Raises ProjectNotOnHold."""
    require(actor, Action.CHANGE_STATE, project)
    project = Project.objects.lock(project.pk)
    end_hold(project=project, now=now)
    record(
        "project.resumed",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"project:{project.pk}",
        notify=_members(project),
    )
    return project


def _members(project: Project) -> dict[int, str]:
    return dict.fromkeys(Membership.objects.filter(project=project).values_list("user_id", flat=True), "member")
