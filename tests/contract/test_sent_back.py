"""A script that reads a row, changes one field and sends the whole row back is understood by every door."""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests.contract.world import World

# Who asks, and the address of the row.
ROWS = {
    "projects": ("owner", "/api/v1/projects/{key}/"),
    "goals": ("owner", "/api/v1/goals/{goals}/"),
    "stakeholders": ("owner", "/api/v1/stakeholders/{stakeholders}/"),
    "comments": ("contributor", "/api/v1/comments/{comments}/"),
    "budget": ("owner", "/api/v1/budget/{budget}/"),
    "actions": ("contributor", "/api/v1/actions/{actions}/"),
    "risks": ("contributor", "/api/v1/risks/{risks}/"),
    "assessments": ("contributor", "/api/v1/assessments/{assessments}/"),
    "checks": ("contributor", "/api/v1/checks/{checks}/"),
    "stages": ("owner", "/api/v1/projects/{key}/stages/requirements/"),
    "members": ("owner", "/api/v1/projects/{key}/members/viewer/"),
    "me": ("owner", "/api/v1/me/"),
}


@pytest.mark.django_db
@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("name", ROWS)
def test_a_row_is_sent_back_as_it_was_read(world: World, clients: dict[str, Client], name: str) -> None:
    person, place = ROWS[name]
    address = place.format(**world.things["OPEN"])
    row: dict[str, Any] = clients[person].get(address).json()

    with transaction.atomic():
        answer = clients[person].patch(address, row, content_type="application/json")
        transaction.set_rollback(True)

    assert answer.status_code == 200, answer.json()
