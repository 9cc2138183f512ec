"""What a body names cannot reach another project: its people, its things, its files."""

from typing import Any

import pytest
from django.test import Client

from journal.models import Notice
from tests.contract.doors import send
from tests.contract.world import World, best, in_days, packet_of

DUE = in_days(5).isoformat()
RISK = {"title": "Leak", "category": "security", "likelihood": 2, "impact": 2}


def refused(response: Any, pointer: str, *codes: str) -> None:
    body = response.json()
    assert response.status_code == 400, body
    assert body["code"] in codes, body
    assert pointer in {error["pointer"] for error in body["errors"]}, body


@pytest.mark.parametrize(
    ("path", "method", "body", "pointer"),
    [
        ("checks/{manual}/", "PATCH", {"version": 1, "assignee": "hidden_owner"}, "/assignee"),
        ("risks/{risks}/", "PATCH", {"version": 1, "owner": "hidden_owner"}, "/owner"),
        ("projects/OPEN/risks/", "POST", {**RISK, "owner": "hidden_owner"}, "/owner"),
        ("projects/OPEN/members/", "POST", {"user": "1", "access": ["view"]}, "/user"),
        ("projects/OPEN/", "PATCH", {"version": 1, "portfolio": "No such"}, "/portfolio"),
    ],
)
def test_a_person_who_is_no_member_is_unknown(
    path: str, method: str, body: dict[str, Any], pointer: str, world: World, clients: dict[str, Client], db: None
) -> None:
    response = send(clients["owner"], method, "/api/v1/" + path.format(**world.things["OPEN"]), body)

    refused(response, pointer, "not_found")


@pytest.mark.parametrize(
    ("path", "method", "body"),
    [
        ("projects/HIDE/actions/", "POST", {"text": "Do", "owner": "stranger", "due_on": DUE}),
        ("actions/{actions}/", "PATCH", {"version": 1, "owner": "stranger"}),
        ("checks/{manual}/", "PATCH", {"version": 1, "assignee": "stranger"}),
        ("risks/{risks}/", "PATCH", {"version": 1, "owner": "stranger"}),
    ],
)
def test_nobody_is_given_work_in_a_project_they_cannot_see(
    path: str, method: str, body: dict[str, Any], world: World, hidden: Client, db: None
) -> None:
    response = send(hidden, method, "/api/v1/" + path.format(**world.things["HIDE"]), body)

    refused(response, "/assignee" if "assignee" in body else "/owner", "not_found")


def test_a_condition_is_owed_by_someone_who_sees_the_project(world: World, db: None) -> None:
    voter, review = Client(), world.things["HIDE"]["reviews"]
    voter.force_login(world.people["hidden_decider"])
    condition = {"text": "Bring it", "owner": "stranger", "due_on": DUE}
    vote = {"decision": "conditional_go", "rationale": "So", "packet": packet_of(review), "conditions": [condition]}

    response = send(voter, "POST", f"/api/v1/reviews/{review}/votes/", vote)

    refused(response, "/conditions/0/owner", "not_found")


def test_a_condition_defers_no_check_of_another_gate(world: World, clients: dict[str, Client], db: None) -> None:
    review = world.things["OPEN"]["reviews"]
    condition = {"text": "Bring it", "owner": "owner", "due_on": DUE, "check": "canary"}
    vote = {"decision": "conditional_go", "rationale": "So", "packet": packet_of(review), "conditions": [condition]}

    response = send(clients["decider"], "POST", f"/api/v1/reviews/{review}/votes/", vote)

    refused(response, "/conditions/0/check", "not_found")


@pytest.mark.parametrize("other", ["SIDE", "HIDE"])
def test_money_is_not_booked_on_a_line_of_another_project(
    other: str, world: World, clients: dict[str, Client], db: None
) -> None:
    body = {"line": world.things[other]["budget"], "amount": "5.00"}

    refused(send(clients["owner"], "POST", "/api/v1/projects/OPEN/spend/", body), "/line", "not_found")
    assert send(clients["owner"], "POST", "/projects/OPEN/budget/spend/", body).status_code == 422


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("projects/OPEN/metrics/", "evidence"),
        ("projects/OPEN/metrics/", "project"),
        ("projects/OPEN/goals/", "project"),
        ("projects/OPEN/risks/", "project"),
        ("projects/OPEN/comments/", "project"),
        ("checks/{checks}/evidence/", "project"),
    ],
)
def test_a_body_names_neither_project_nor_evidence(
    path: str, field: str, world: World, clients: dict[str, Client], db: None
) -> None:
    body = {field: world.things["HIDE"]["evidence"]}

    response = send(clients["owner"], "POST", "/api/v1/" + path.format(**world.things["OPEN"]), body)

    refused(response, f"/{field}", "unknown_field", "read_only_field")


@pytest.mark.parametrize("evidence", ["HIDE", "SIDE", "nobody's"])
def test_proof_of_another_project_serves_no_check_and_answers_as_a_random_one(
    evidence: str, world: World, clients: dict[str, Client], db: None
) -> None:
    body = {"evidence": world.things[evidence]["evidence"] if evidence in world.things else 999_999}

    response = send(clients["owner"], "POST", "/api/v1/checks/{checks}/evidence/".format(**world.things["OPEN"]), body)

    refused(response, "/evidence", "not_found")


THINGS = ("goals/{goals}/", "risks/{risks}/", "actions/{actions}/", "checks/{checks}/")


@pytest.mark.parametrize(
    ("path", "field"),
    # A budget line's stage is a word of the template, not a thing.
    [("budget/{budget}/", "project"), *((path, field) for path in THINGS for field in ("project", "stage"))],
)
def test_a_thing_stays_in_its_project(
    path: str, field: str, world: World, clients: dict[str, Client], db: None
) -> None:
    body = {"version": 1, field: "SIDE"}

    response = send(clients["owner"], "PATCH", "/api/v1/" + path.format(**world.things["OPEN"]), body)

    refused(response, f"/{field}", "unknown_field", "read_only_field")


def test_a_token_is_not_bound_to_a_project_that_its_maker_does_not_see(
    world: World, clients: dict[str, Client], db: None
) -> None:
    body = {"name": "x", "scopes": ["ci"], "project": "HIDE"}

    hidden = send(clients["owner"], "POST", "/api/v1/tokens/", body)
    unknown = send(clients["owner"], "POST", "/api/v1/tokens/", {**body, "project": "NOWHERE"})

    refused(hidden, "/project", "not_found")
    assert {**hidden.json(), "request_id": ""} == {**unknown.json(), "request_id": ""}


def test_nobody_reads_the_notices_of_others_away(world: World, clients: dict[str, Client], db: None) -> None:
    theirs = world.things["OPEN"]["inbox:contributor"]

    response = send(clients["owner"], "POST", "/api/v1/inbox/read/", {"ids": [theirs]})

    assert response.json() == {"read": 0}
    assert Notice.objects.get(pk=theirs).read_at is None


@pytest.mark.parametrize("which", ["SIDE", "HIDE", "abc", ""])
def test_a_page_signs_no_assessment_of_another_project(
    which: str, world: World, clients: dict[str, Client], db: None
) -> None:
    given = world.things.get(which, {}).get("submitted", which)

    path = "/projects/OPEN/assessments/ethics_review/signature/"

    assert send(clients["decider"], "POST", path, {"assessment": given}).status_code == 404


def test_an_answer_names_only_questions_of_its_questionnaire(
    world: World, clients: dict[str, Client], db: None
) -> None:
    place = f"/api/v1/assessments/{world.things['OPEN']['assessments']}/"

    response = send(clients["owner"], "PATCH", place, {"version": 1, "answers": best("ethics_review")})

    assert response.status_code == 400


@pytest.fixture
def hidden(world: World) -> Client:
    client = Client()
    client.force_login(world.people["hidden_owner"])
    return client
