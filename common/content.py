"""The built-in content: vocabulary, questionnaires, risk library, as read once from `content/*.yaml`."""

from functools import cache
from typing import Any

import yaml
from django.conf import settings

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def document(name: str) -> dict[str, Any]:
    """One file of the content folder, parsed once per process. Callers must not change it."""
    text = (settings.CONTENT_DIR / f"{name}.yaml").read_text("utf-8")
    loader = Loader(text)
    try:
        parsed: dict[str, Any] = loader.get_single_data()
    finally:
        loader.dispose()
    return parsed


@cache
def keyed(name: str, section: str) -> dict[str, dict[str, Any]]:
    """A list section of a file by its `key`, in the file's order."""
    return {row["key"]: row for row in document(name)[section]}


def roles() -> dict[str, dict[str, Any]]:
    return keyed("catalog", "roles")


def tags() -> dict[str, dict[str, Any]]:
    return keyed("catalog", "project_tags")


def metrics() -> dict[str, dict[str, Any]]:
    return keyed("catalog", "metrics")


def questionnaires() -> dict[str, dict[str, Any]]:
    return keyed("assessments", "assessments")


def library_risks() -> dict[str, dict[str, Any]]:
    return keyed("risk-library", "risks")
