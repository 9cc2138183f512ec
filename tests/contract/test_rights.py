"""Every URL × method × kind of person, walked from the URL configuration against the explicit table in `routes`."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.views import APIView

from tests.contract.doors import plain, send
from tests.contract.routes import PUBLIC, TABLE, Rule
from tests.contract.world import CASE, World

pytestmark = pytest.mark.usefixtures("files")
UNKNOWN = "999999999"
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
LIBRARY = {"templates/": "eight_stage", "cases/": CASE}
RANDOM = {
    "key": "NOWHERE",
    "pk": UNKNOWN,
    "username": "nobody",
    "stage": "nowhere",
    "check_key": "nothing",
    "name": "nothing",
    "questionnaire": "nothing",
    "number": UNKNOWN,
}


def walk(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        route = prefix + re.sub(r"^\^|\$$", "", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, route)
        else:
            yield route, pattern.callback


ROUTES = dict(walk(get_resolver().url_patterns))


def is_api(route: str) -> bool:
    return issubclass(getattr(ROUTES[route], "view_class", object), APIView) and not route.startswith("api/schema")


def methods(route: str, callback: Any, path: str, client: Client) -> set[str]:
    """What the view says it takes; a page is asked."""
    if is_api(route):
        view = callback.view_class
        return {
            name.upper() for name in view.http_method_names if name not in {"options", "head"} and hasattr(view, name)
        }
    allow = send(client, "OPTIONS", path).headers.get("Allow")
    # allauth's pages send a person who is signed in elsewhere, whatever the method.
    return {name.strip() for name in allow.split(",")} & {"GET", "POST"} if allow else set(TABLE[route])


def names_in(route: str) -> list[str]:
    return PARAMETER.findall(route)


def fill(route: str, world: World, rule: Rule, project: str = "OPEN", *, random: str = "", foreign: str = "") -> str:
    """The path of a thing of `project`; the parameter `random` names nothing, with `foreign` the thing is another's."""
    things = world.things[foreign or project]

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name == random:
            return RANDOM.get(name, "nothing")
        if name == "pk":
            return str(things[rule.thing or noun(route)])
        if name == "key":
            return next((key for prefix, key in LIBRARY.items() if prefix in route), project)
        if name == "questionnaire":
            return rule.thing or "ethics_review"
        fixed = {
            "stage": "requirements",
            "check_key": rule.thing or "thresholds_set",
            "number": "1",
            "level": "standard",
            "section": "levels",
            "word": "lean",
            "username": "contributor",
            "role": str(things.get("role", UNKNOWN)),
            "name": "20260101-000000-1",
        }
        return fixed[name]

    if route.startswith("accounts/password/reset/key/("):
        return "/accounts/password/reset/key/1-set-password/"
    username = {"HIDE": "hidden_contributor"}.get(project)
    path = ("/" + PARAMETER.sub(value, route)).replace("/managers/contributor/", "/managers/keeper/")
    return path.replace("/members/contributor/", f"/members/{username}/") if username and not random else path


def noun(route: str) -> str:
    """goals, of `.../goals/<int:pk>/remove/`."""
    found = route.split("<int:pk>", maxsplit=1)[0].rstrip("/").split("/")[-1]
    return {"lines": "budget"}.get(found, found)


def refused_as_unknown(
    client: Client, method: str, path: str, unknown: str, body: dict[str, Any] | None = None
) -> None:
    found, random = send(client, method, path, body), send(client, method, unknown, body)
    assert (found.status_code, random.status_code) == (404, 404), (path, unknown)
    assert plain(found) == plain(random), path
    assert found.headers["Content-Type"] == random.headers["Content-Type"]


# --- the table is whole


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert {route for route in ROUTES if route not in TABLE} == set(), (
        "routes without a row in tests/contract/routes.py"
    )
    assert {route for route in TABLE if route not in ROUTES} == set(), "rows without a route"


@pytest.mark.parametrize("route", sorted(set(ROUTES) & set(TABLE)))
def test_every_method_answers_each_kind_of_person_as_the_matrix_says(
    route: str, world: World, clients: dict[str, Client], db: None
) -> None:
    rules = TABLE[route]
    offered = methods(route, ROUTES[route], fill(route, world, next(iter(rules.values()))), clients["owner"])
    assert offered == set(rules), f"{route}: methods without a row, or rows without a method"

    for method, rule in rules.items():
        path = fill(route, world, rule)
        valid = rule.body(world) if rule.body else None
        for kind, client in clients.items():
            if rule.row == PUBLIC and kind not in {"anonymous", "viewer"}:
                continue
            # At the API the right is asked for before the body is read: {} will do for a refusal.
            for body in [None, valid] if valid and is_api(route) and kind in rule.allowed else [_first(route, valid)]:
                response = send(client, method, path, body)
                problem = _verdict(route, rule, kind, response)
                assert not problem, f"{method} {path} by {kind}: {response.status_code}, {problem}"


def _first(route: str, valid: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if is_api(route) else valid


def _verdict(route: str, rule: Rule, kind: str, response: Any) -> str:
    """What is wrong with an answer, in words; nothing when it is as the table says."""
    status = response.status_code
    if status >= 500 and route != "readyz":
        return "a fault"
    if rule.row == PUBLIC:
        return "public" if status in {401, 403} or _to_login(response) else ""
    if kind == "anonymous" or (kind in {"no_scope", "all_scopes"} and not is_api(route)):
        return "" if (status == 401 if is_api(route) else _to_login(response)) else "nobody is signed in"
    if kind in {"no_scope", "all_scopes"}:
        return _token_verdict(rule, kind, response)
    if kind in rule.allowed:
        return "allowed" if status in {401, 403, 404} or _to_login(response) else ""
    if rule.hidden:
        return "" if status == 404 else "not theirs"
    return "" if status == 403 else "forbidden"


def _token_verdict(rule: Rule, kind: str, response: Any) -> str:
    """The owner's script: without a scope it may nothing, with all of them what its owner may and no person must do."""
    code = response.json().get("code") if response.status_code == 403 else ""
    if rule.human:
        return "" if code == "human_session_required" else "for people only"
    if kind == "no_scope" and not rule.any_token:
        return "" if code == "scope_missing" else "no scope"
    allowed = "owner" in rule.allowed
    return "" if (response.status_code not in {401, 403, 404}) == allowed else "as its owner"


def _to_login(response: Any) -> bool:
    return response.status_code == 302 and response.headers["Location"].startswith("/accounts/login/?next=")


PERSONAL = sorted(route for route, rules in TABLE.items() if any(rule.hidden and rule.who for rule in rules.values()))

# --- what nobody may see answers like what is not there

OF_A_PROJECT = sorted(
    route
    for route in set(ROUTES) & set(TABLE)
    if any(name in names_in(route) for name in ("key", "pk"))
    and not any(part in route for part in (*LIBRARY, "inbox/", "tokens/", "accounts/", "demo/", "portfolios/"))
)


@pytest.mark.parametrize("route", OF_A_PROJECT)
def test_a_private_project_answers_like_one_that_does_not_exist(
    route: str, world: World, clients: dict[str, Client], db: None
) -> None:
    which = "key" if "<str:key>" in route else "pk"
    for method, rule in TABLE[route].items():
        body = rule.body(world) if rule.body else None
        if route == "api/v1/projects/<str:key>/" and method == "PUT":
            continue  # a PUT of an unknown key creates; see below
        for kind in ("stranger", "owner", "all_scopes"):
            if kind != "stranger" and (rule.human or not is_api(route)):
                continue
            hidden, unknown = fill(route, world, rule, "HIDE"), fill(route, world, rule, "HIDE", random=which)
            refused_as_unknown(clients[kind], method, hidden, unknown, body)


@pytest.mark.parametrize("route", [route for route in OF_A_PROJECT if "users/" not in route])
def test_an_internal_project_that_a_guest_is_not_in_answers_like_one_that_does_not_exist(
    route: str, world: World, clients: dict[str, Client], db: None
) -> None:
    which = "key" if "<str:key>" in route else "pk"
    for method, rule in TABLE[route].items():
        body = rule.body(world) if rule.body else None
        if route == "api/v1/projects/<str:key>/" and method == "PUT":
            continue  # a PUT of an unknown key creates
        other, unknown = fill(route, world, rule, "SIDE"), fill(route, world, rule, "SIDE", random=which)
        refused_as_unknown(clients["guest"], method, other, unknown, body)


def test_a_put_on_the_key_of_a_private_project_creates_nothing(
    world: World, clients: dict[str, Client], db: None
) -> None:
    body = {"name": "Mine", "objective": "Take it"}  # the address names the key

    response = send(clients["stranger"], "PUT", "/api/v1/projects/HIDE/", body)

    assert response.status_code == 409
    assert "SecretProjectName" not in response.content.decode()


NESTED = sorted(route for route in OF_A_PROJECT if {"key", "pk"} <= set(names_in(route)))


@pytest.mark.parametrize("route", NESTED)
def test_a_thing_of_another_project_is_unknown_under_this_one(
    route: str, world: World, clients: dict[str, Client], db: None
) -> None:
    """The owner owns both projects, so that only the mismatch of path and thing can be the reason."""
    for method, rule in TABLE[route].items():
        body = rule.body(world) if rule.body else None
        foreign, unknown = fill(route, world, rule, foreign="SIDE"), fill(route, world, rule, random="pk")
        refused_as_unknown(clients["owner"], method, foreign, unknown, body)


@pytest.mark.parametrize("route", PERSONAL)
def test_what_is_one_persons_own_answers_others_like_the_unknown(
    route: str, world: World, clients: dict[str, Client], db: None
) -> None:
    for method, rule in TABLE[route].items():
        own, unknown = fill(route, world, rule), fill(route, world, rule, random="pk")
        refused_as_unknown(clients["contributor"], method, own, unknown)
