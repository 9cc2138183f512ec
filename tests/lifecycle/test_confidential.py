"""Where confidential proof lies is told only to those who may see it; that it is there is told to all."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.actor import Actor
from accounts.models import User
from lifecycle import services
from lifecycle.models import Check
from projects.models import Project

pytestmark = [pytest.mark.core, pytest.mark.django_db]
SECRET = "https://vault.example/contract"


@pytest.fixture
def check(project: Project, owner: User, check_of: Callable[[Project, str], Check], now: datetime) -> Check:
    found = check_of(project, "charter")
    facts = {"url": SECRET, "title": "Contract", "confidential": True}
    services.attach_link(check=found, actor=Actor.for_user(owner), now=now, **facts)
    return found


def places(project: Project, check: Check) -> list[str]:
    api, pages = f"/api/v1/projects/{project.key}/", f"/projects/{project.key}/"
    stage = check.stage.key
    return [
        f"/api/v1/checks/{check.pk}/",
        f"/api/v1/checks/{check.pk}/evidence/",
        f"{api}checks/{check.key}/",
        f"{api}stages/{stage}/checks/",
        f"{api}evidence/",
        f"{pages}records/",
        f"{pages}stages/{stage}/",
        f"{pages}gates/{stage}/",
    ]


def test_a_viewer_reads_its_title_only(
    project: Project, check: Check, owner: User, viewer: User, client: Client
) -> None:
    for place in places(project, check):
        client.force_login(viewer)
        hidden = client.get(place)
        client.force_login(owner)
        told = client.get(place)

        assert (place, hidden.status_code, told.status_code) == (place, 200, 200)
        assert (place, SECRET in told.content.decode()) == (place, True)
        assert "Contract" in hidden.content.decode()
        assert (place, "vault.example" in hidden.content.decode()) == (place, False)


def test_nobody_finds_it_by_guessing_its_address(
    project: Project, check: Check, viewer: User, api: Callable[[User], APIClient]
) -> None:
    answer = api(viewer).get(f"/api/v1/projects/{project.key}/evidence/?search=vault")

    assert answer.json()["count"] == 0
