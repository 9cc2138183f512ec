"""The intake by the API."""

from typing import Any

import pytest

from accounts.models import User
from projects.models import Project

pytestmark = [pytest.mark.core, pytest.mark.django_db]
AT = "/api/v1/projects/RECO/intake/"
ANSWERS = {"in_personal": ["personal_ordinary"], "in_harm": ["harm_slight"]}


@pytest.fixture
def counsel(project: Project, add_member: Any) -> User:
    user: User = add_member(project, "counsel", ["decide"], ["legal_counsel"], team=False).user
    return user


def test_a_project_without_answers_shows_what_is_open(api: Any, project: Project, owner: User) -> None:
    told = api(owner).get(AT).json()

    assert (told["version"], told["answers"], told["confirmed"], len(told["open"])) == (0, {}, None, 10)
    assert told["proposed"]["level"] == "lean"


def test_answers_are_put_read_and_put_again_with_a_precondition(api: Any, project: Project, owner: User) -> None:
    first = api(owner).put(AT, {"answers": ANSWERS}, format="json")
    assert (first.status_code, first.json()["proposed"]["level"], first.headers["ETag"]) == (201, "standard", '"v1"')

    blind = api(owner).put(AT, {"answers": {}}, format="json")
    stale = api(owner).put(AT, {"answers": {}, "version": 7}, format="json")
    again = api(owner).put(AT, {"answers": {"in_harm": ["harm_slight"]}, "version": 1}, format="json")

    assert [blind.status_code, stale.status_code, again.status_code] == [428, 412, 200]
    assert again.json()["answers"] == {"in_harm": ["harm_slight"]}
    assert api(owner).get("/api/v1/projects/RECO/").json()["level"] == "lean"


def test_counsel_confirms_what_was_read(api: Any, project: Project, owner: User, counsel: User) -> None:
    api(owner).put(AT, {"answers": ANSWERS}, format="json")

    blind = api(counsel).post(f"{AT}confirm/", {}, format="json")
    other = api(counsel).post(f"{AT}confirm/", {"version": 1, "level": "regulated"}, format="json")
    done = api(counsel).post(f"{AT}confirm/", {"version": 1}, format="json")
    twice = api(counsel).post(f"{AT}confirm/", {"version": 2}, format="json")

    assert [blind.status_code, other.status_code, done.status_code, twice.status_code] == [428, 400, 200, 409]
    assert other.json()["errors"][0]["pointer"] == "/reason"
    assert done.json()["confirmed"]["level"] == "standard"
    assert done.json()["confirmed_by"] == "counsel"
    assert twice.json()["code"] == "intake_is_confirmed"


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"in_nothing": ["x"]}, "not_found"),
        ({"in_harm": ["nothing"]}, "invalid_choice"),
        ({"in_harm": "harm_slight"}, "invalid_type"),
        ("none", "invalid_type"),
        ({"in_harm": ["a\u0000b"]}, "null_character"),
    ],
)
def test_answers_that_mean_nothing_are_refused(
    api: Any, project: Project, owner: User, answers: object, code: str
) -> None:
    refused = api(owner).put(AT, {"answers": answers}, format="json")

    assert refused.status_code == 400
    assert refused.json()["errors"][0]["code"] == code
