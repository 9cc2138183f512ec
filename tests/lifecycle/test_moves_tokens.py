"""Confirming is a person's act: what tokens may move, and what they leave alone."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from lifecycle.models import Process
from projects.models import Project

pytestmark = [pytest.mark.core, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
LEVEL = "/api/v1/projects/RECO/level/"
PROJECT = "/api/v1/projects/RECO/"


@pytest.fixture
def officer(project: Project, holder: Callable[[Project, str], User]) -> User:
    return holder(project, "risk_officer")


@pytest.fixture
def script(officer: User, token_client: Callable[..., APIClient]) -> APIClient:
    """A token of somebody who may confirm levels."""
    return token_client(officer, ["projects:write", "projects:read"])


def confirm(project: Project) -> None:
    Process.objects.filter(project=project).update(level_confirmed=True)


def move(client: APIClient, level: str, query: str = "") -> Any:
    return client.post(f"{LEVEL}{query}", {"level": level, "reason": "x"})


def test_a_token_moves_an_unconfirmed_level_and_does_not_confirm_it(project: Project, script: APIClient) -> None:
    moved, same = move(script, "lean"), move(script, "lean")

    assert (moved.status_code, moved.json()["level"], moved.json()["level_confirmed"]) == (200, "lean", False)
    assert (same.status_code, same.json()["level_confirmed"]) == (200, False)


def test_a_token_moves_no_confirmed_level_but_may_try(project: Project, script: APIClient) -> None:
    confirm(project)

    refused, tried, same = move(script, "lean"), move(script, "lean", "?dry_run=1"), move(script, "standard")

    assert (refused.status_code, refused.json()["code"]) == (403, "human_session_required")
    assert (tried.status_code, tried.json()["level"], tried.json()["dropped"] != []) == (200, "lean", True)
    assert same.status_code == 200
    assert Process.objects.get(project=project).level == "standard"


def test_a_person_moves_and_confirms(project: Project, officer: User, api: Callable[[User], APIClient]) -> None:
    first, second = move(api(officer), "lean"), move(api(officer), "standard")

    assert (first.json()["level_confirmed"], second.json()["level"]) == (True, "standard")


def test_a_token_changes_tags_until_the_level_is_confirmed(project: Project, script: APIClient) -> None:
    def tagged(*tags: str) -> Any:
        return script.patch(PROJECT, {"version": script.get(PROJECT).json()["version"], "tags": list(tags)})

    before = tagged("generative")
    confirm(project)
    after, same = tagged("high_risk"), tagged("generative")

    assert (before.status_code, before.json()["level_confirmed"]) == (200, False)
    assert (after.status_code, after.json()["code"]) == (403, "human_session_required")
    assert same.json()["code"] == "permission_denied"  # nothing moves: it is an edit, which officers do not make
