"""Who is answered how a project stands, by session and by token, and with how many questions."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from projects.models import Project

pytestmark = pytest.mark.core
PATHS = ("/api/v1/projects/{}/status/", "/api/v1/projects/{}/gates/current/check/")


@pytest.fixture
def hidden(make_project: Callable[..., Project], owner: User) -> Project:
    """A private project of the same owner."""
    return make_project("HIDE", creator=owner, visibility="private")


@pytest.mark.parametrize("path", PATHS)
def test_a_private_project_stands_somehow_only_for_those_who_see_it(
    api: Any, path: str, hidden: Project, owner: User, stranger: User, admin: User, auditor: User
):
    asked = [api(person).get(path.format("HIDE")).status_code for person in (owner, stranger, admin, auditor)]

    assert asked == [200, 404, 200, 200]


@pytest.mark.parametrize("path", PATHS)
def test_a_token_of_one_project_is_told_of_no_other(
    token_client: Callable[..., APIClient], path: str, project: Project, hidden: Project, owner: User, admin: User
):
    for person in (owner, admin):
        bound = token_client(person, ["projects:read"], hidden)

        assert [bound.get(path.format(key)).status_code for key in ("HIDE", project.key)] == [200, 404]


@pytest.mark.parametrize("path", PATHS)
def test_eight_queries_with_a_token_are_enough(
    token_client: Callable[..., APIClient], path: str, project: Project, owner: User
):
    script = token_client(owner, ["projects:read"])
    script.get(path.format(project.key))

    with CaptureQueriesContext(connection) as queries:
        script.get(path.format(project.key))

    assert len(queries) <= 8
