"""Two who act at the same moment: the database decides, once. PostgreSQL, with real transactions."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.models import User
from common import clock
from journal.models import Entry
from journal.selectors import verify_chain
from lifecycle.models import GateReview, ReviewState, Stage, Vote
from projects.models import Project
from projects.services import add_member
from records.models import MetricResult
from tests.contract import world as contract
from tests.contract.bad_inputs import browser, case, request_of
from tests.contract.world import NOW, SYSTEM, TEAM, World, packet_of, person, ready_round

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer; its races are faults F23"),
]
THREADS = 10


@pytest.fixture
def world(transactional_db: None) -> Iterator[World]:
    """A project, and a first gate that is ready."""
    with clock.frozen(NOW):
        contract.load_catalogue()
        found = World()
        for name in (*TEAM, "stranger"):
            found.people[name] = person(name)
        ready_round(found)
        yield found


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """The answers of calls that start together, each in a thread with a connection of its own."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(run, call) for call in calls]]


def post(client: Client, path: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
    return client.post(path, json.dumps(body or {}), content_type="application/json", headers=headers)


def session(user: User) -> Client:
    client = Client()
    client.force_login(user)
    # Later requests of this session write nothing of their own.
    assert client.get("/api/v1/me/").status_code == 200
    return client


def codes(answers: list[Any]) -> list[tuple[int, str]]:
    return sorted((answer.status_code, answer.json().get("code", "")) for answer in answers)


def test_fifty_votes_at_once_end_in_one_decision(world: World) -> None:
    project, review = world.projects["RDY"], world.things["RDY"]["reviews"]
    voters = [world.people["decider"], world.people["finance"]]
    for number in range(8):
        name = f"voter{number}"
        role = ["sponsor", "finance_partner", "risk_officer"][number % 3]
        voters.append(person(name))
        add_member(
            project=project, actor=SYSTEM, now=NOW, username=name, access=["decide"], functions=[role], team=False
        )
    ballot = {"decision": "go", "rationale": "Read it all", "packet": packet_of(review)}
    clients = [session(user) for user in voters]

    answers = [
        answer
        for _round in range(5)
        for answer in at_once([partial(post, client, f"/api/v1/reviews/{review}/votes/", ballot) for client in clients])
    ]

    decided = GateReview.objects.get(pk=review)
    assert (decided.state, decided.decision) == (ReviewState.DECIDED, "go")
    assert {status for status, _code in codes(answers)} <= {201, 409}
    accepted = [answer for answer in answers if answer.status_code == 201]
    assert Vote.objects.filter(review=review).count() == len(accepted) >= 2
    assert {code for status, code in codes(answers) if status == 409} == {"gate_already_decided"}
    assert Entry.objects.filter(verb="review.decided").count() == 1
    current = Stage.objects.filter(process__project=project, state__in=["active", "in_review"])
    assert list(current.values_list("key", flat=True)) == ["requirements"]
    assert verify_chain().flaw is None


def test_a_vote_and_the_withdrawal_of_its_round_do_not_both_win(world: World) -> None:
    review = world.things["RDY"]["reviews"]
    ballot = {"decision": "hold", "rationale": "Wait", "packet": packet_of(review), "until": "2027-01-15"}
    voter, owner = session(world.people["decider"]), session(world.people["contributor"])

    vote, withdrawal = at_once(
        [
            lambda: post(voter, f"/api/v1/reviews/{review}/votes/", ballot),
            lambda: post(owner, f"/api/v1/reviews/{review}/withdraw/"),
        ]
    )

    assert withdrawal.status_code == 200
    assert (vote.status_code, vote.json().get("code")) in {(201, None), (409, "gate_already_decided")}
    assert not Vote.objects.standing().filter(review=review).exists()
    assert GateReview.objects.get(pk=review).state == ReviewState.WITHDRAWN


def test_two_who_ask_at_once_open_one_round(world: World) -> None:
    review = world.things["RDY"]["reviews"]
    people = [session(world.people[name]) for name in ("owner", "contributor")]
    assert post(people[1], f"/api/v1/reviews/{review}/withdraw/").status_code == 200

    answers = at_once([partial(post, client, "/api/v1/projects/RDY/stages/initiation/reviews/") for client in people])

    assert codes(answers) == [(201, ""), (409, "review_already_open")]
    assert GateReview.objects.open().filter(stage__process__project__key="RDY").count() == 1


def test_two_who_withdraw_at_once_withdraw_once(world: World) -> None:
    review = world.things["RDY"]["reviews"]
    people = [session(world.people[name]) for name in ("owner", "contributor")]

    answers = at_once([partial(post, client, f"/api/v1/reviews/{review}/withdraw/") for client in people])

    assert codes(answers) == [(200, ""), (409, "gate_already_decided")]
    assert Entry.objects.filter(verb="review.withdrawn").count() == 1


@pytest.mark.parametrize(
    ("place", "field", "values"),
    [
        ("/api/v1/projects/RDY/", "name", ["One", "Two"]),
        ("/api/v1/projects/RDY/stages/data/", "due_on", ["2027-03-01", "2027-03-02"]),
    ],
)
def test_of_two_edits_from_one_version_one_is_told(place: str, field: str, values: list[str], world: World) -> None:
    client = session(world.people["owner"])
    tag = client.get(place).headers["ETag"]
    changes = [{field: value} for value in values]

    def patch(change: dict[str, Any]) -> Any:
        return client.patch(place, json.dumps(change), content_type="application/json", headers={"If-Match": tag})

    answers = at_once([partial(patch, change) for change in changes])

    assert codes(answers) == [(200, ""), (412, "version_mismatch")]
    lost = next(answer for answer in answers if answer.status_code == 412)
    assert lost.headers["ETag"] == client.get(place).headers["ETag"]


def test_one_idempotency_key_fifty_times_writes_one_row(world: World) -> None:
    world.projects["OPEN"] = world.projects["RDY"]
    Project.objects.filter(key="RDY").update(key="OPEN")
    world.things["OPEN"] = dict.fromkeys(("reviews", "decided", "checks", "evidence", "risks"), 0)
    world.things["HIDE"] = {"evidence": 0}
    world.people["hidden_owner"] = world.people["stranger"]
    one = case("http-29")
    request = request_of({**one, "id": "authz-13"}, world)
    senders = [browser(world.people["contributor"]) for _ in range(THREADS)]

    answers = [
        answer
        for _round in range(one["repeat"] // THREADS)
        for answer in at_once([partial(request.go, sender) for sender in senders])
    ]

    assert len(answers) == 50
    assert {answer.status_code for answer in answers} <= set(one["expect"]["status"])
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"idempotency_in_progress"}
    finished = [answer for answer in answers if answer.status_code == 201]
    assert len({answer.content for answer in finished}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in finished) == 1
    assert MetricResult.objects.filter(run_id="r1").count() == 1
    assert Entry.objects.filter(verb__startswith="metric.").count() == 1
