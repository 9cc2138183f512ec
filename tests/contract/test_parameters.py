"""No endpoint ignores a parameter that it does not know, whatever its method."""

import pytest
from django.test import Client

from common.api import ListQuery
from tests.contract.routes import TABLE
from tests.contract.test_openapi import API
from tests.contract.test_queries import READERS
from tests.contract.test_rights import fill
from tests.contract.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files")]
READS = [route for route in API if "GET" in TABLE[route]]
WHOLE = [route for route in READS if not getattr(API[route], "query", ListQuery(paged=False)).paged]


def codes(world: World, clients: dict[str, Client], route: str, query: str) -> list[str]:
    """`clients`: people by session, who may read what only people may."""
    path = fill(route, world, TABLE[route]["GET"])
    answer = clients[READERS.get(route, "owner")].get(f"{path}?{query}")
    found = answer.json().get("errors", []) if answer.status_code == 400 else []
    return [error["code"] for error in found] or [str(answer.status_code)]


@pytest.mark.parametrize("route", READS)
def test_what_is_read_takes_only_what_it_declares(world: World, clients: dict[str, Client], route: str) -> None:
    assert codes(world, clients, route, "no_such_parameter=1") == ["unknown_parameter"]


@pytest.mark.parametrize("route", WHOLE)
def test_what_is_no_list_has_no_pages(world: World, clients: dict[str, Client], route: str) -> None:
    assert codes(world, clients, route, "limit=3&offset=1") == ["unknown_parameter"] * 2


@pytest.mark.parametrize("place", ["level/", "template-version/"])
def test_a_trial_takes_dry_run_alone(world: World, clients: dict[str, Client], place: str) -> None:
    url = f"/api/v1/projects/OPEN/{place}"
    body = {"version": 1} if place == "template-version/" else {"level": "lean", "reason": "x"}

    answer = clients["portfolio_manager"].post(f"{url}?dry_run=1&limit=3", body, content_type="application/json")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/limit")
    tried = clients["portfolio_manager"].post(f"{url}?dry_run=1", body, content_type="application/json")
    assert tried.status_code in {200, 409}  # a round is open in that world


def test_what_is_written_to_a_list_takes_no_parameters_of_the_list(world: World, clients: dict[str, Client]) -> None:
    url = "/api/v1/projects/OPEN/comments/?limit=3"

    answer = clients["owner"].post(url, {"text": "x"}, content_type="application/json")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "unknown_parameter")
