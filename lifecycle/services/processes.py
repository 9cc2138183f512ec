from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from common import content
from common.days import later
from common.errors import ValidationFailed
from journal.services import record
from lifecycle.models import Check, Item, Process, ProcessTemplate, Stage, StageDefinition, StageState, TemplateVersion
from lifecycle.models.definition import LEVELS, Definition
from projects.models import Project
from projects.permissions import Action, require
from projects.services import register_project, replace_tags

SATURDAY = 5


@transaction.atomic
def start_project(
    *,
    actor: Actor,
    now: datetime,
    key: str,
    name: str,
    objective: str,
    template: str = "",
    level: str = "",
    tags: Sequence[str] = (),
    adopt_at: str = "",
    **fields: Any,
) -> Project:
    """Create a project with its process: stages, checks and planned dates of the pinned template version.

    With `adopt_at` the stages before it are marked as passed before Eightgate. The creator becomes owner.
    Raises ValidationFailed for an unknown template, level, tag or stage, and DuplicateKey.
    """
    require(actor, Action.CREATE_PROJECT)
    version = _version(template)
    definition = version.definition
    chosen = _level(level or definition.default_level, definition)
    _known("tags", tags, content.tags())
    if adopt_at:
        _known("adopt_at", [adopt_at], definition.by_key)
    project = register_project(actor=actor, now=now, key=key, name=name, objective=objective, **fields)
    replace_tags(project=project, tags=list(tags))
    process = Process.objects.create(
        project=project, template_version=version, template_key=definition.key, level=chosen, started_at=now
    )
    stages = _open_stages(process, adopt_at, project.starts_on or now.date(), now)
    make_checks(stages, tags=tags)
    record(
        "project.created",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"project:{project.pk}",
        key=project.key,
        template=definition.key,
        level=chosen,
        portfolio=project.portfolio_id,
    )
    return project


def make_checks(stages: Sequence[Stage], *, tags: Sequence[str], carried: bool = False) -> None:
    """The check rows of fresh stage iterations; with `carried`, marked by what a loop back asks of each."""
    rows = []
    for stage in stages:
        level = stage.level
        applying = [item for item in stage.definition.items if item.applies_to(level, tags)]
        rows += [_check(stage, item, position, level, tags, carried) for position, item in enumerate(applying)]
    Check.objects.bulk_create(rows)


def _check(stage: Stage, item: Item, position: int, level: str, tags: Sequence[str], carried: bool) -> Check:  # noqa: FBT001 - passed on
    asked = asked_of(item, position, level, tags)
    return Check(stage=stage, key=item.key, carried=item.on_recycle if carried else "", **asked)


def asked_of(item: Item, position: int, level: str, tags: Collection[str]) -> dict[str, Any]:
    """The columns of a check row that its item decides, at a level and with tags."""
    criterion = item.criterion
    return {
        "kind": item.kind,
        "position": position,
        "required": item.required_for(level, tags),
        "metric": criterion["key"] if item.kind == "metric" else "",
        "slice": criterion.get("slice", ""),
        "min_sample": criterion.get("min_sample", 0),
    }


def _open_stages(process: Process, adopt_at: str, first_day: date, now: datetime) -> list[Stage]:
    rows, day, before = [], first_day, bool(adopt_at)
    for definition in process.definition.stages:
        before = before and definition.key != adopt_at
        stage = Stage(process=process, key=definition.key, position=definition.position, opened_at=now)
        if before:
            stage.state, stage.ended_at = StageState.PASSED_BEFORE, now
        else:
            stage.starts_on, stage.due_on = day, add_working_days(day, definition.duration_days)
            day = stage.due_on + timedelta(days=1)
        rows.append(stage)
    current = next(stage for stage in rows if stage.state == StageState.PENDING)
    current.state, current.started_at = StageState.ACTIVE, now
    return Stage.objects.bulk_create(rows)


def add_working_days(day: date, count: int) -> date:
    """The day `count` working days after `day`, Monday to Friday; public holidays are not known here."""
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < SATURDAY
    return day


def next_cycle(definition: StageDefinition, start: date) -> date:
    """When the next round of a recurring stage is due, `cycle_days` calendar days on."""
    return later(start, definition.cycle_days or definition.duration_days)


def _version(key: str) -> TemplateVersion:
    templates = ProcessTemplate.objects.filter(key=key) if key else ProcessTemplate.objects.filter(is_default=True)
    version = (
        TemplateVersion.objects.filter(template__in=templates, published_at__isnull=False)
        .defer("document")
        .order_by("-number")
        .first()
    )
    if version is None:
        raise ValidationFailed.at("template", "not_found", _("There is no published template with this key."))
    return version


def _level(level: str, definition: Definition) -> str:
    if level not in definition.levels or level not in LEVELS:
        raise ValidationFailed.at("level", "not_found", _("The template has no such level."))
    return level


def _known(field: str, keys: Sequence[str], known: Any) -> None:
    for key in keys:
        if key not in known:
            raise ValidationFailed.at(field, "not_found", _("“%(key)s” is not known here.") % {"key": key})
