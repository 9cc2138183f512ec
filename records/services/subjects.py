"""What the project is about right now, and how it moves on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict, Unpack

from django.db import transaction

from accounts.actor import Actor
from accounts.models import User
from common.versions import subject as named
from journal.services import record
from projects.models import Project
from projects.permissions import Action, require
from projects.services import lock_unarchived
from records.models import PARTS, ModelVersion, Subject, SubjectValue

Parts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Moved:
    """One part of the subject that changed: from what ("" when unset before) to what."""

    part: str
    before: str
    after: str


def current_parts(project: Project) -> dict[str, str]:
    """The named parts of the project's current subject."""
    row = Subject.objects.filter(project=project).first()
    return row.parts() if row else {}


def filled(project: Project, given: Parts | None) -> dict[str, str]:
    """`given`, with the parts it does not speak of taken from the current subject: what is not said is as it is now.

    A part that is given as "" stays out: what it is made for has none.
    """
    parts = {**current_parts(project), **{part: given[part] for part in PARTS if given and part in given}}
    return {part: value for part, value in parts.items() if value}


def named_parts(given: Parts | None) -> dict[str, str]:
    return {part: given[part] for part in PARTS if given and given.get(part)}


def move_subject(*, project: Project, actor: Actor, parts: Parts, force: bool, now: datetime) -> list[Moved]:
    """Make every value not seen before in the project current; with `force` also older ones.

    The caller has locked the project, and tells the journal what is returned here.
    """
    given = named_parts(parts)
    if not given:
        return []
    seen = set(SubjectValue.objects.filter(project=project, part__in=given).values_list("part", "value"))
    row = Subject.objects.filter(project=project).first() or Subject(project=project)
    moved = [
        Moved(part, getattr(row, part), value)
        for part, value in given.items()
        if getattr(row, part) != value and (force or (part, value) not in seen)
    ]
    if moved:
        _write(row, moved, seen, actor, now)
    return moved


def _write(row: Subject, moved: list[Moved], seen: set[tuple[str, str]], actor: Actor, now: datetime) -> None:
    changes = {item.part: item.after for item in moved}
    Subject.objects.update_or_create(project=row.project, defaults=changes)
    for item in moved:
        if (item.part, item.after) in seen:
            SubjectValue.objects.filter(project=row.project, part=item.part, value=item.after).update(
                since=now, set_by=actor.user
            )
    fresh = [
        SubjectValue(project=row.project, part=item.part, value=item.after, since=now, set_by=actor.user)
        for item in moved
        if (item.part, item.after) not in seen
    ]
    SubjectValue.objects.bulk_create(fresh)


def as_data(moved: list[Moved]) -> dict[str, list[str]]:
    """For the journal: `{"model": ["reco 1.1.0", "reco 1.2.0"]}`."""
    return {item.part: [item.before, item.after] for item in moved}


@transaction.atomic
def set_subject(
    *, project: Project, actor: Actor, parts: Parts, make_current: bool = True, now: datetime
) -> list[Moved]:
    """Say what the project is about now; an older value comes back only to be made current.

    Raises PermissionDenied, ProjectArchived.
    """
    require(actor, Action.WORK, project)
    locked = lock_unarchived(project)
    moved = move_subject(project=locked, actor=actor, parts=parts, force=make_current, now=now)
    if not moved:
        return moved
    record(
        "subject.moved",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=named(Project, project.pk),
        moved=as_data(moved),
    )
    return moved


class ModelFacts(TypedDict, total=False):
    """What is known of a trained model; `sha256` of its weights."""

    base: str
    sha256: str
    trained_on: date | None
    trained_by: Sequence[User]


@transaction.atomic
def add_model_version(
    *, project: Project, actor: Actor, name: str, now: datetime, **facts: Unpack[ModelFacts]
) -> ModelVersion:
    """Note a trained model of the project, once per name; one not seen before becomes the current model.

    Raises PermissionDenied, ProjectArchived.
    """
    require(actor, Action.WORK, project)
    locked = lock_unarchived(project)
    trained_by = facts.pop("trained_by", ())
    version, _created = ModelVersion.objects.update_or_create(project=locked, name=name, defaults=dict(facts))
    version.trained_by.set(trained_by)
    moved = move_subject(project=locked, actor=actor, parts={"model": name}, force=False, now=now)
    record(
        "model.recorded",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=named(ModelVersion, version.pk),
        name=name,
        sha256=version.sha256,
        moved=as_data(moved),
    )
    return version
