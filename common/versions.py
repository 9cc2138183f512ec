"""Optimistic locking: a row changes only from the version its editor has seen."""

from typing import Any

from django.db import models
from django.db.models import F

from common.errors import NotFound, VersionMismatch


def etag(version: int) -> str:
    """The strong ETag of a row: `"v3"`."""
    return f'"v{version}"'


def subject(model: type[models.Model], pk: int) -> str:
    """How the journal names a row: `risk:12`."""
    return f"{model._meta.model_name}:{pk}"


def check(row: models.Model, expected: int) -> None:
    """Refuse when a row read under lock is not at the `expected` version. Raises VersionMismatch."""
    current = int(getattr(row, "version"))  # noqa: B009 - every editable row has one; models.Model does not know it
    if current != expected:
        raise VersionMismatch(subject=subject(type(row), row.pk), current=current)


def bump(model: type[models.Model], pk: int, expected: int, **changes: Any) -> int:
    """Write `changes` to the row if it is still at version `expected`; return its new version.

    One conditional UPDATE, so that of two editors exactly one wins without a lock. Raises VersionMismatch, NotFound.
    """
    rows = model._default_manager.filter(pk=pk)
    if rows.filter(version=expected).update(version=F("version") + 1, **changes):
        return expected + 1
    current = rows.values_list("version", flat=True).first()
    if current is None:
        raise NotFound
    raise VersionMismatch(subject=subject(model, pk), current=current)
