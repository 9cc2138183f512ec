from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from common import versions
from common.errors import ValidationFailed
from journal.services import record
from lifecycle.errors import StageClosed
from lifecycle.models import Stage
from projects.permissions import Action, require
from projects.services import lock_unarchived


@transaction.atomic
def schedule_stage(*, stage: Stage, actor: Actor, version: int, now: datetime, **changes: Any) -> Stage:
    """Plan a stage: `starts_on`, `due_on`.

    Raises ValidationFailed (end_before_start), VersionMismatch, StageClosed, ProjectArchived.
    """
    require(actor, Action.EDIT_PROJECT, stage.project)
    project = lock_unarchived(stage.project)
    # As it is now: a decision may have ended it since the door read it.
    stage = Stage.objects.with_process().get(pk=stage.pk)
    versions.check(stage, version)
    starts_on: date | None = changes.get("starts_on", stage.starts_on)
    due_on: date | None = changes.get("due_on", stage.due_on)
    if starts_on and due_on and due_on < starts_on:
        raise ValidationFailed.at("due_on", "end_before_start", _("A stage ends on or after the day it starts."))
    if stage.ended_at is not None or stage.superseded:
        raise StageClosed
    before = [day.isoformat() if day else None for day in (stage.starts_on, stage.due_on)]
    versions.bump(Stage, stage.pk, version, starts_on=starts_on, due_on=due_on)
    stage.refresh_from_db(fields=["starts_on", "due_on", "version"])
    after = [day.isoformat() if day else None for day in (starts_on, due_on)]
    record(
        "stage.scheduled",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"stage:{stage.pk}",
        stage=stage.key,
        before=before,
        after=after,
    )
    return stage
