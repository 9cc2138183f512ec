"""A project begins, and what stands about it changes. Its way through the gates is lifecycle's."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from common import content, versions
from common.errors import FieldError, ValidationFailed
from journal.services import record
from projects.errors import KeyTaken
from projects.models import Membership, Portfolio, Project, ProjectTag
from projects.permissions import Action, require
from projects.services.standing import hold_trees, sync
from projects.services.state import lock_unarchived


class ProjectFields(TypedDict, total=False):
    """What a project carries besides key, name and objective (design §5)."""

    name: str
    objective: str
    exit_criteria: str
    translations: dict[str, dict[str, str]]
    portfolio: Portfolio | None
    visibility: str
    starts_on: date | None
    target_on: date | None
    currency: str
    expected_value: Decimal | None
    links: list[dict[str, str]]
    industry: str
    application: str
    domains: list[str]
    model_class: str
    build_mode: str
    innovation_path: str
    innovation_model: str
    ai_act_tier: str
    ai_act_roles: list[str]


def register_project(*, actor: Actor, now: datetime, key: str, **fields: Unpack[ProjectFields]) -> Project:
    """The rows of a new project, its creator as owner, without a journal entry: a step of the service that writes one.

    `fields` holds at least name and objective. Raises PermissionDenied, KeyTaken, ValidationFailed.
    """
    require(actor, Action.CREATE_PROJECT)
    _check_schedule(fields.get("starts_on"), fields.get("target_on"))
    if Project.objects.filter(key=key).exists():
        raise KeyTaken(errors=[FieldError("/key", "key_taken", KeyTaken.title)])
    project = Project.objects.create(key=key, created_at=now, **fields)
    if actor.user is not None:
        Membership.objects.create(project=project, user=actor.user, owner=True, since=now)
    if project.portfolio_id is not None:
        hold_trees(project.portfolio)
        sync(projects=Project.objects.filter(pk=project.pk), now=now)
    return project


@transaction.atomic
def update_project(
    *, project: Project, actor: Actor, now: datetime, version: int, **changes: Unpack[ProjectFields]
) -> Project:
    """Edit a project's data and schedule. Raises VersionMismatch, ProjectArchived, ValidationFailed."""
    require(actor, Action.EDIT_PROJECT, project)
    if "portfolio" in changes:
        hold_trees(project.portfolio, changes["portfolio"])
    current = lock_unarchived(project)
    before, after = amend_project(project=current, version=version, changes=changes, now=now)
    if not after:
        return current
    record(
        "project.updated",
        actor=actor,
        at=now,
        project_id=current.pk,
        object=f"project:{current.pk}",
        before=before,
        after=after,
    )
    return current


def amend_project(
    *, project: Project, version: int, changes: ProjectFields, now: datetime
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Write what differs to a locked project, and return it as `differences` does: a step of the services that record.

    A text that changes loses its translations, which say what it said before. In another portfolio its standing
    roles hold; who changes it holds the trees first. Raises VersionMismatch, ValidationFailed, LastOwner.
    """
    versions.check(project, version)
    _check_schedule(changes.get("starts_on", project.starts_on), changes.get("target_on", project.target_on))
    before, after = differences(project, changes)
    if "translations" not in changes and (kept := _still_true(project.translations, after)) != project.translations:
        changes = {**changes, "translations": kept}
        before, after = differences(project, changes)
    if after:
        versions.bump(Project, project.pk, version, **changes)
        project.refresh_from_db()
    if "portfolio" in after:
        sync(projects=Project.objects.filter(pk=project.pk), now=now)
    return before, after


def _still_true(translations: Mapping[str, Mapping[str, str]], changed: Iterable[str]) -> dict[str, dict[str, str]]:
    """The translations of what did not change, by language."""
    gone = frozenset(changed)
    kept = {
        language: {name: text for name, text in texts.items() if name not in gone}
        for language, texts in translations.items()
    }
    return {language: texts for language, texts in kept.items() if texts}


def replace_tags(*, project: Project, tags: list[str]) -> tuple[list[str], list[str]]:
    """Make these the project's tags; returns the added and the removed. A step of lifecycle's services.

    Raises ValidationFailed for a tag the catalogue does not know.
    """
    known = content.tags()
    wrong = [
        FieldError(f"/tags/{i}", "invalid_choice", _("There is no such tag."))
        for i, tag in enumerate(tags)
        if tag not in known
    ]
    if wrong:
        raise ValidationFailed(errors=wrong)
    held = set(ProjectTag.objects.filter(project=project).values_list("key", flat=True))
    added, removed = sorted(set(tags) - held), sorted(held - set(tags))
    ProjectTag.objects.filter(project=project, key__in=removed).delete()
    ProjectTag.objects.bulk_create([ProjectTag(project=project, key=tag) for tag in added])
    return added, removed


def change(row: models.Model, version: int, changes: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Write `changes` to a row still at `version`; returns what they changed, as `differences` does.

    A step of the services, which lock and record. Raises VersionMismatch.
    """
    before, after = differences(row, changes)
    versions.bump(type(row), row.pk, version, **changes)
    row.refresh_from_db()
    return before, after


def differences(row: models.Model, changes: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What `changes` would change of `row`, before and after, as plain JSON values for the journal."""
    changed = {name: value for name, value in changes.items() if getattr(row, name) != value}
    return {name: plain(getattr(row, name)) for name in changed}, {
        name: plain(value) for name, value in changed.items()
    }


def plain(value: Any) -> Any:
    """A field's value as the journal's JSON has it; a row by its id."""
    if hasattr(value, "pk"):
        return value.pk
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _check_schedule(starts_on: date | None, target_on: date | None) -> None:
    if starts_on and target_on and target_on < starts_on:
        raise ValidationFailed.at("target_on", "end_before_start", _("The project would end before it starts."))
