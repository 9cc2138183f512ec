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


@cache
def stage_names() -> dict[str, dict[str, str]]:
    """Names of the built-in templates' stages by key; a key of both is named as the eight stages name it."""
    return {stage["key"]: stage["name"] for stage in _stages()}


@cache
def check_texts() -> dict[str, dict[str, str]]:
    """Texts of the built-in templates' checks by key; a key of both reads as in the eight stages."""
    return {item["key"]: item["text"] for stage in _stages() for item in stage["items"]}


def _stages() -> list[dict[str, Any]]:
    return [stage for name in ("six-step", "eight-stage") for stage in document(name)["stages"]]
