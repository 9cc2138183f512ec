"""The API's description is true: it generates without a warning and says of every address what the door does."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from rest_framework.views import APIView

from accounts.models import SCOPES
from accounts.permissions import ANY, HUMAN
from tests.contract.test_rights import ROUTES

METHODS = {"get", "post", "put", "patch", "delete"}
ENDPOINTS = {
    route: callback.view_class
    for route, callback in ROUTES.items()
    if issubclass(getattr(callback, "view_class", object), APIView) and not route.startswith(("api/schema", "api/docs"))
}
API = {route: view for route, view in ENDPOINTS.items() if route.startswith("api/v1/")}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    out = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    loaded: dict[str, Any] = yaml.safe_load(out.getvalue())
    return loaded


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method in METHODS & set(methods):
            yield path, method, methods[method]


def handlers(view: type[APIView]) -> set[str]:
    return {name for name in METHODS if hasattr(view, name)}


def test_the_description_is_openapi_3_1_and_generates_without_a_warning(schema: dict[str, Any]) -> None:
    assert schema["openapi"] == "3.1.0"


def test_every_endpoint_is_described_with_all_its_methods(schema: dict[str, Any]) -> None:
    described = {path: METHODS & set(methods) for path, methods in schema["paths"].items()}

    assert len(described) == len(API)
    assert sum(map(len, described.values())) == sum(len(handlers(view)) for view in API.values())


def test_every_operation_wants_somebody(schema: dict[str, Any]) -> None:
    for path, method, operation in operations(schema):
        assert operation["security"], f"{method} {path}"
        assert {} not in operation["security"], f"{method} {path} says that nobody may be signed in"


@pytest.mark.django_db
def test_every_path_of_the_description_answers_nobody_with_401(schema: dict[str, Any]) -> None:
    nobody = Client()
    for path, method, operation in operations(schema):
        values = {parameter["name"]: "1" for parameter in operation.get("parameters", ()) if parameter["in"] == "path"}
        address = path.format(**values)
        response = nobody.generic(method.upper(), address, b"{}", content_type="application/json")
        assert (response.status_code, response.json()["code"]) == (401, "not_authenticated"), f"{method} {address}"
        assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_operations_have_names_of_their_own(schema: dict[str, Any]) -> None:
    names = [operation["operationId"] for _path, _method, operation in operations(schema)]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("route", sorted(ENDPOINTS))
def test_every_post_can_be_repeated_by_its_idempotency_key(route: str) -> None:
    post = getattr(ENDPOINTS[route], "post", None)

    assert post is None or getattr(post, "is_idempotent", False), f"{route}: post() wears no @idempotent"


@pytest.mark.parametrize("route", sorted(ENDPOINTS))
def test_every_endpoint_says_which_scope_each_method_asks_of_a_token(route: str) -> None:
    view = ENDPOINTS[route]
    scopes = view.__dict__.get("scopes", {})

    assert handlers(view) <= {method.lower() for method in scopes}, f"{route}: a method without a scope"
    assert set(scopes.values()) <= {*SCOPES, ANY, HUMAN}


@pytest.mark.parametrize("route", sorted(ENDPOINTS))
def test_reading_asks_for_no_right_to_write(route: str) -> None:
    scope = ENDPOINTS[route].__dict__["scopes"].get("GET", ANY)

    assert not scope.endswith((":write", ":request", ":plan")), route
