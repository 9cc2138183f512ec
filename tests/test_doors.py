"""What every endpoint owes its callers, read from the table of contents."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.views import APIView

from accounts.models import SCOPES
from accounts.permissions import ANY, HUMAN
from accounts.services.tokens import grantable

METHODS = ("get", "post", "put", "patch", "delete")


def endpoints() -> Iterator[tuple[str, type[APIView]]]:
    def walk(patterns: list[Any], prefix: str) -> Iterator[tuple[str, type[APIView]]]:
        for entry in patterns:
            path = prefix + str(entry.pattern)
            if isinstance(entry, URLResolver):
                yield from walk(entry.url_patterns, path)
            elif isinstance(entry, URLPattern) and hasattr(entry.callback, "cls"):
                yield path, entry.callback.cls

    yield from ((path, view) for path, view in walk(get_resolver().url_patterns, "") if path.startswith("api/v1/"))


def test_every_endpoint_names_the_scope_of_each_method() -> None:
    missing = [
        f"{method.upper()} {path}"
        for path, view in endpoints()
        for method in METHODS
        if hasattr(view, method) and method.upper() not in getattr(view, "scopes", {}) and view.permission_classes
    ]

    assert not missing


def test_every_scope_exists() -> None:
    named = {scope for _path, view in endpoints() for scope in getattr(view, "scopes", {}).values()}

    assert named - {ANY, HUMAN} <= SCOPES.keys()


def test_every_post_honours_an_idempotency_key() -> None:
    missing = [
        path
        for path, view in endpoints()
        if (post := getattr(view, "post", None)) and not getattr(post, "is_idempotent", False)
    ]

    assert not missing


@pytest.mark.parametrize("preset", ["ci", "reader"])
def test_presets_hold_grantable_scopes(preset: str) -> None:
    assert grantable([preset])
