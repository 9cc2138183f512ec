"""Who is answered how a project stands, by session and by token, and with how many questions."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from lifecycle.criteria import wording
from lifecycle.models import Stage
from lifecycle.selectors import readiness
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


def test_a_project_in_operation_is_not_red_before_its_review_is_due(
    make_project: Callable[..., Project], owner: User, now: datetime
):
    """Who has just gone live meets no "No go" because nobody has measured the first months yet."""
    make_project("LIVE", creator=owner, adopt_at="maintenance")
    stage = Stage.objects.with_process().current().get(process__project__key="LIVE")
    assert stage.due_on

    early = readiness(stage, today=now.date())
    due = readiness(stage, today=stage.due_on)

    assert [early.verdict, due.verdict] == ["waiting", "fail"]
    assert str(wording.sentence(early)).startswith("In operation. ")
    assert str(wording.sentence(due)).startswith("No go. ")
