"""No page has two elements of one name, so that each label and each error leads to its own field."""

import re
from collections import Counter

import pytest
from django.test import Client

from tests.contract.routes import TABLE
from tests.contract.test_bad_pages import PAGES, READERS
from tests.contract.test_rights import fill
from tests.contract.world import World

pytestmark = [pytest.mark.core, pytest.mark.usefixtures("files")]
PEOPLE = ("owner", "decider", "portfolio_manager")


@pytest.mark.parametrize("route", PAGES)
def test_every_id_of_a_page_is_there_once(route: str, world: World, clients: dict[str, Client], db: None) -> None:
    path = fill(route, world, TABLE[route]["GET"])

    for who in {READERS.get(route, name) for name in PEOPLE}:
        response = clients[who].get(path)
        if response.streaming or not response.headers["Content-Type"].startswith("text/html"):
            continue
        page = re.sub(r"<(template|script)\b.*?</\1>", "", response.content.decode(), flags=re.DOTALL)
        doubled = [name for name, count in Counter(re.findall(r'\sid="([^"]+)"', page)).items() if count > 1]
        assert not doubled, (who, path)
