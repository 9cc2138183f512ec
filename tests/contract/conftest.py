from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from accounts.models import SCOPES, ApiToken
from common import clock
from tests.contract import world as contract
from tests.contract.routes import ALL
from tests.contract.world import World


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The organisation, made once; each request is undone."""
    with django_db_blocker.unblock(), clock.frozen(contract.NOW), transaction.atomic():
        yield contract.build()
        transaction.set_rollback(True)


@pytest.fixture
def files(world: World, empty_data_folder: None) -> None:
    """The world's uploads: the folder is empty again before every test."""
    world.put_files_back()


@pytest.fixture(scope="module")
def clients(world: World) -> dict[str, Client]:
    """A browser for every kind of person, and scripts with the owner's and the decider's tokens."""
    found = {"anonymous": Client()}
    for name in ALL:
        found[name] = Client()
        found[name].force_login(world.people[name])
        # The first request of a session writes to it.
        assert found[name].get("/api/v1/me/").status_code == 200
    for name, scopes in (("no_scope", ()), ("all_scopes", SCOPES)):
        secret = contract.token_of(world.people["owner"], scopes)
        found[name] = Client(headers={"Authorization": f"Bearer {secret}"})
        assert found[name].get("/api/v1/me/").status_code == 200
    world.things["OPEN"]["tokens"] = ApiToken.objects.filter(user=world.people["owner"]).order_by("pk")[0].pk
    return found
