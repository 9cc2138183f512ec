"""How every endpoint of a project starts: unseen is 404, seen but forbidden 403, and only then the body is read."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.shortcuts import get_object_or_404

from accounts.actor import Actor
from projects.models import Project
from projects.permissions import Action, require

Row = TypeVar("Row", bound=Model)


def project_for(actor: Actor, key: str, action: Action | None = None) -> Project:
    """The project of this key, if the actor sees it. Raises Http404, PermissionDenied for `action`."""
    project = get_object_or_404(Project.objects.visible_to(actor), key=key)
    if action is not None:
        require(actor, action, project)
    return project


def row_for(rows: QuerySet[Row], actor: Actor, action: Action | None = None, **which: Any) -> Row:
    """One visible row of a project, `rows` being narrowed by `visible_to` already. Raises Http404, PermissionDenied."""
    row = get_object_or_404(rows, **which)
    if action is not None:
        require(actor, action, getattr(row, "project"))  # noqa: B009 - every noun of this room has its project
    return row
