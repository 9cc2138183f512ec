"""The log of a project: what moved, and how it looks."""

from datetime import date, datetime
from typing import TypedDict, Unpack

from django.db import transaction
from django.db.models import F

from accounts.actor import Actor
from journal.services import record
from projects.models import ProgressEntry, Project
from projects.permissions import Action, require
from projects.selectors.people import owners_of
from projects.services.days import past_day
from projects.services.state import lock_unarchived


class ProgressFields(TypedDict, total=False):
    """What may stand in an entry besides its text and health."""

    day: date | None
    percent: int | None
    blockers: str


@transaction.atomic
def log_progress(
    *, project: Project, actor: Actor, now: datetime, text: str, health: str, **fields: Unpack[ProgressFields]
) -> ProgressEntry:
    """Write an entry of the log; the one of the latest day gives the project its health.

    Owners are told when the health changes. Raises ProjectArchived, ValidationFailed for a day in the future.
    """
    require(actor, Action.WORK, project)
    project = lock_unarchived(project)
    day = past_day(fields.get("day"), actor=actor, now=now)
    is_latest = not ProgressEntry.objects.filter(project=project, day__gt=day).exists()
    entry = ProgressEntry.objects.create(
        project=project,
        day=day,
        text=text,
        health=health,
        percent=fields.get("percent"),
        blockers=fields.get("blockers", ""),
        written_by=actor.person,
        written_at=now,
    )
    before = project.health
    turned = is_latest and before != health
    if turned:
        Project.objects.filter(pk=project.pk).update(health=health, version=F("version") + 1)
    record(
        "progress.logged",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"progressentry:{entry.pk}",
        notify=dict.fromkeys(owners_of(project.pk), "owner") if turned else None,
        before={"health": before},
        after={"health": health if is_latest else before},
    )
    return entry
