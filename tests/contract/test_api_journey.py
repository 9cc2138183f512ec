"""A standard project from its creation through all eight gates, by the API alone.

Scripts with tokens do the work, people with sessions vote and sign. On the way: a condition that defers a check, a
hold, a waiver by two, and a loop from evaluation back to training. What is decided never changes afterwards.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import SCOPES, User
from common import clock, content
from lifecycle.models import GateReview
from lifecycle.selectors import packet_digest
from lifecycle.services import settle_conditions
from tests.contract import world as contract
from tests.contract.world import best

pytestmark = [pytest.mark.core, pytest.mark.django_db]
HOME = "/api/v1/projects/TRIP/"
TIME = contract.NOW
# Four decide: `risk` from outside the team, so that each gate has an outside vote.
DECIDERS = {
    "risk": (["risk_officer", "ethics_reviewer", "legal_counsel", "product_owner"], False),
    "sponsor": (["sponsor", "finance_partner"], True),
    "expert": (["domain_expert", "privacy_officer", "data_owner"], True),
    "tech": (["security_lead", "evaluator", "ops_lead"], True),
}
VOTERS = {
    "initiation": ("sponsor", "risk"),
    "requirements": ("expert", "risk"),
    "data": ("expert", "risk"),
    "design": ("tech", "risk"),
    "training": ("tech", "risk"),
    "evaluation": ("expert", "risk"),
    "deployment": ("sponsor", "risk"),
    "maintenance": ("sponsor", "risk"),
}
SIGNERS = {role: name for name, (roles, _team) in DECIDERS.items() for role in roles}
ITEMS = {item["key"]: item for stage in content.document("eight-stage")["stages"] for item in stage["items"]}


class Api:
    """One person's way in: a session or a token."""

    def __init__(self, client: Client, user: User | None = None) -> None:
        self.client, self.user = client, user
        self.sign_in()

    def sign_in(self) -> None:
        if self.user:
            self.client.logout()
            self.client.force_login(self.user)

    def __call__(self, method: str, path: str, body: Any = None, *, status: int | tuple[int, ...] = (200, 201)) -> Any:
        place = path if path.startswith("/") else f"/api/v1/{path}"
        response = self.client.generic(method, place, json.dumps(body or {}), content_type="application/json")
        expected = status if isinstance(status, tuple) else (status,)
        assert response.status_code in expected, (method, path, response.status_code, response.content[:800])
        return response.json() if response.content else None


@pytest.fixture
def time(db: None) -> Iterator[clock.Frozen]:
    with clock.frozen(TIME) as held:
        yield held


@pytest.fixture
def people(time: clock.Frozen) -> dict[str, Api]:
    """Six people with sessions; the owner's and the contributor's scripts with tokens they made."""
    contract.load_catalogue(TIME)
    found = {}
    for name in ("owner", "contributor", *DECIDERS):
        found[name] = Api(Client(), contract.person(name))
    for name in ("owner", "contributor"):
        made = found[name]("POST", "tokens/", {"name": "script", "scopes": list(SCOPES)})
        found[f"{name}_script"] = Api(Client(headers={"Authorization": f"Bearer {made['token']}"}))
    return found


@pytest.fixture
def trip(people: dict[str, Api]) -> dict[str, Api]:
    """The project and its members."""
    body = {"name": "Round trip", "objective": "Get there and stay", "level": "standard"}
    made = people["owner_script"]("PUT", HOME, body, status=201)
    assert (made["stage"], made["state"], made["owner"]) == ("initiation", "active", ["owner"])
    member = {"user": "contributor", "access": ["contribute"], "functions": ["data_lead"]}
    people["owner"]("POST", f"{HOME}members/", member)
    for name, (roles, team) in DECIDERS.items():
        body = {"user": name, "access": ["contribute", "decide"], "functions": roles, "team": team}
        people["owner"]("POST", f"{HOME}members/", body)
    return people


def later(people: dict[str, Api], time: clock.Frozen, days: int) -> None:
    """Days pass; a session that has grown too old is opened anew."""
    time.move(timedelta(days=days))
    for who in people.values():
        who.sign_in()


def checks_of(who: Api, stage: str, iteration: int | None = None) -> list[dict[str, Any]]:
    query = f"?iteration={iteration}" if iteration else ""
    found: list[dict[str, Any]] = who("GET", f"{HOME}stages/{stage}/checks/{query}")["results"]
    return found


def meet(people: dict[str, Api], stage: str, *, leave: tuple[str, ...] = ()) -> None:
    """Every required check that is not met yet, by the contributor's script; signatures by those who hold the role."""
    for check in checks_of(people["contributor"], stage):
        if check["required"] and check["state"] not in {"met", "waived"} and check["key"] not in leave:
            MEETING[check["kind"]](people, check)


def _tick(people: dict[str, Api], check: dict[str, Any]) -> None:
    body = {"state": "met", "version": check["version"]}
    people["contributor_script"]("PATCH", f"checks/{check['id']}/", body)


def _prove(people: dict[str, Api], check: dict[str, Any]) -> None:
    body = {"url": f"https://docs.example.org/{check['key']}", "title": check["key"]}
    people["contributor_script"]("POST", f"checks/{check['id']}/evidence/", body)


def _measure(people: dict[str, Api], check: dict[str, Any]) -> None:
    measured = {
        "metric": check["limit"]["metric"],
        "value": check["limit"]["threshold"],
        "n": 5000,
        "run_id": f"run-{check['id']}",
        "measured_at": clock.now().isoformat(),
    }
    people["contributor_script"]("POST", f"{HOME}metrics/", measured, status=201)


def _assess(people: dict[str, Api], check: dict[str, Any]) -> None:
    key = ITEMS[check["key"]]["assessment"]
    made = people["contributor_script"]("POST", f"{HOME}assessments/", {"key": key, "answers": best(key)})
    place = f"assessments/{made['id']}/"
    people["contributor_script"]("PATCH", place, {"state": "submitted", "version": made["version"]})
    for role in made["approves"]:
        people[SIGNERS[role]]("POST", f"{place}signatures/", {"role": role})


def _sign(people: dict[str, Api], check: dict[str, Any]) -> None:
    body = {"state": "met", "version": check["version"]}
    people[SIGNERS[ITEMS[check["key"]]["role"]]]("PATCH", f"checks/{check['id']}/", body)


MEETING = {"manual": _tick, "evidence": _prove, "metric": _measure, "assessment": _assess, "approval": _sign}


def ask(people: dict[str, Api], stage: str, **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = people["contributor_script"]("POST", f"{HOME}stages/{stage}/reviews/", options, status=201)
    return found


def vote(people: dict[str, Api], review: dict[str, Any], decision: str, **said: Any) -> dict[str, Any]:
    """Both voters of the gate; `conditions` are the first one's."""
    answer = review
    for name in VOTERS[review["stage"]]:
        ballot = {"decision": decision, "rationale": "Read it all.", "packet": review["packet"], **said}
        answer = people[name]("POST", f"reviews/{review['id']}/votes/", ballot, status=201)
        said.pop("conditions", None)
    assert (answer["state"], answer["decision"]) == ("decided", decision)
    return answer


def pass_gate(people: dict[str, Api], time: clock.Frozen, stage: str) -> dict[str, Any]:
    later(people, time, 1)
    meet(people, stage)
    time.move(timedelta(hours=1))
    assert people["owner_script"]("GET", f"{HOME}gates/current/check/")["verdict"] == "pass"
    return vote(people, ask(people, stage), "go")


def states(who: Api, iteration_too: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 - read by name
    rows = who("GET", f"{HOME}stages/")["results"]
    return {row["key"]: (row["state"], row["iteration"]) if iteration_too else row["state"] for row in rows}


def test_a_project_goes_through_its_eight_gates(trip: dict[str, Api], time: clock.Frozen) -> None:
    frozen = [first_gate(trip, time), pass_gate(trip, time, "requirements")]
    frozen += [third_gate_on_condition(trip, time)]
    hold_and_resume(trip, time)
    frozen += [fourth_gate_with_a_waiver(trip, time), pass_gate(trip, time, "training")]
    frozen += [back_to_training(trip, time)]
    left = {stage: checks_of(trip["owner"], stage, 1) for stage in ("training", "evaluation")}
    frozen += [pass_gate(trip, time, stage) for stage in ("training", "evaluation", "deployment", "maintenance")]

    assert states(trip["owner"], iteration_too=True) == {
        **dict.fromkeys(("initiation", "requirements", "data", "design", "deployment"), ("passed", 1)),
        **dict.fromkeys(("training", "evaluation"), ("passed", 2)),
        "maintenance": ("active", 2),
    }
    shown = trip["owner"]("GET", HOME)
    assert (shown["state"], shown["stage"]) == ("active", "maintenance")
    # Every check of the new cycle is to be done again; only a risk check is read off the register.
    met = {check["key"] for check in checks_of(trip["owner"], "maintenance") if check["state"] == "met"}
    assert met == {"risks_rescored"}
    for stage, then in left.items():
        changed = [
            (before["key"], name, before[name], after[name])
            for before, after in zip(then, checks_of(trip["owner"], stage, 1), strict=True)
            for name in before
            if before[name] != after[name]
        ]
        assert changed == [], f"the first iteration of {stage} is not what it was"
    decisions_stand(trip, frozen)
    journal_tells(trip)


def first_gate(people: dict[str, Api], time: clock.Frozen) -> dict[str, Any]:
    """Blocked at first, with every blocker explained; no token votes, the owner neither."""
    refused = people["contributor_script"]("POST", f"{HOME}stages/initiation/reviews/", status=409)
    assert refused["code"] == "gate_blocked"
    assert {blocker["check"] for blocker in refused["blockers"]} >= {"charter", "budget_plan"}
    meet(people, "initiation")
    review = ask(people, "initiation")
    ballot = {"decision": "go", "rationale": "Mine", "packet": review["packet"]}
    place = f"reviews/{review['id']}/votes/"
    assert people["owner_script"]("POST", place, ballot, status=403)["code"] == "human_session_required"
    assert people["owner"]("POST", place, ballot, status=403)["code"] == "separation_of_duties"
    assert people["contributor"]("POST", place, ballot, status=403)["code"] == "separation_of_duties"
    decided = vote(people, review, "go")
    assert states(people["owner"])["requirements"] == "active"
    return decided


def third_gate_on_condition(people: dict[str, Api], time: clock.Frozen) -> dict[str, Any]:
    """One check is deferred by a condition, and met a week later behind the decision."""
    later(people, time, 1)
    meet(people, "data", leave=("representativeness",))
    review = ask(people, "data", despite_blockers=True)
    ballot = {"decision": "go", "rationale": "Fine", "packet": review["packet"]}
    assert people["expert"]("POST", f"reviews/{review['id']}/votes/", ballot, status=409)["code"] == "criteria_not_met"
    due = (time.at + timedelta(days=20)).date().isoformat()
    condition = {"text": "Show the regions", "owner": "contributor", "due_on": due, "check": "representativeness"}
    decided = vote(people, review, "conditional_go", conditions=[condition])
    deferred = {check["key"]: check for check in checks_of(people["owner"], "data")}["representativeness"]
    assert states(people["owner"])["data"] == "passed"

    later(people, time, 7)
    assert people["owner"]("GET", f"checks/{deferred['id']}/")["state"] == "deferred"
    _prove(people, deferred)
    settle_conditions(now=time.at)
    met = people["owner"]("GET", f"conditions/{decided['conditions'][0]['id']}/")
    assert (met["state"], met["check"]) == ("met", "representativeness")
    return decided


def hold_and_resume(people: dict[str, Api], time: clock.Frozen) -> None:
    until = (time.at + timedelta(days=30)).date().isoformat()
    held = people["owner_script"]("POST", f"{HOME}hold/", {"until": until, "reason": "Waiting for machines"})
    assert held["state"] == "on_hold"
    refused = people["contributor_script"](
        "POST", f"{HOME}stages/design/reviews/", {"despite_blockers": True}, status=409
    )
    assert refused["code"] == "project_on_hold"
    later(people, time, 3)
    assert people["owner_script"]("POST", f"{HOME}resume/")["state"] == "active"


def fourth_gate_with_a_waiver(people: dict[str, Api], time: clock.Frozen) -> dict[str, Any]:
    """Two gatekeepers waive a required check: the first opens, the second grants."""
    meet(people, "design", leave=("third_party_check",))
    waived = {check["key"]: check for check in checks_of(people["owner"], "design")}["third_party_check"]
    body = {"reason": "No third party is involved", "until": (time.at + timedelta(days=60)).date().isoformat()}
    place = f"checks/{waived['id']}/waivers/"
    assert people["contributor"]("POST", place, body, status=403)["code"] == "permission_denied"
    assert people["contributor_script"]("POST", place, body, status=403)["code"] == "human_session_required"
    assert people["tech"]("POST", place, body)["granted"] is False
    assert people["tech"]("POST", place, body, status=403)["code"] == "separation_of_duties"
    granted = people["risk"]("POST", place, body)
    assert (granted["granted"], granted["opened_by"], granted["granted_by"]) == (True, "tech", "risk")
    assert people["owner"]("GET", f"checks/{waived['id']}/")["state"] == "waived"
    review = ask(people, "design")
    assert review["recommendation"] == "conditional_go"
    return vote(people, review, "go")


def back_to_training(people: dict[str, Api], time: clock.Frozen) -> dict[str, Any]:
    later(people, time, 1)
    review = ask(people, "evaluation", despite_blockers=True)
    decided = vote(people, review, "recycle", return_to="training", reason="model_quality")
    assert (decided["return_to"], decided["reason"]) == ("training", "model_quality")
    now = states(people["owner"], iteration_too=True)
    assert (now["design"], now["training"], now["evaluation"]) == (("passed", 1), ("active", 2), ("pending", 2))
    old = {row["key"]: row["state"] for row in people["owner"]("GET", f"{HOME}stages/?iteration=1")["results"]}
    assert (old["training"], old["evaluation"]) == ("passed", "closed")
    again = {check["key"]: check["state"] for check in checks_of(people["owner"], "training")}
    assert again["run_log"] == "open"
    # Only what is made after the loop counts for a check that is to be done again.
    assert again["beats_baseline"] != "met"
    return decided


def decisions_stand(people: dict[str, Api], frozen: list[dict[str, Any]]) -> None:
    """Packets still give their digests, and every round answers as it did when it was decided."""
    assert [review["decision"] for review in frozen] == [
        *("go", "go", "conditional_go", "go", "go", "recycle"),
        *("go", "go", "go", "go"),
    ]
    for then in frozen:
        now = people["owner_script"]("GET", f"reviews/{then['id']}/")
        moving = {"differences": None, "conditions": None}
        assert now | moving == then | moving
        stored = GateReview.objects.get(pk=then["id"])
        assert packet_digest(stored.document) == stored.packet == then["packet"]
        ballot = {"decision": "kill", "rationale": "Late", "packet": then["packet"]}
        refused = people["risk"]("POST", f"reviews/{then['id']}/votes/", ballot, status=409)
        assert refused["code"] == "gate_already_decided"


def journal_tells(people: dict[str, Api]) -> None:
    rows = people["owner_script"]("GET", "/api/v1/journal/?project=TRIP&limit=200&ordering=seq")
    verbs = [row["verb"] for row in rows["results"]]
    while rows["next"]:
        rows = people["owner_script"]("GET", rows["next"].removeprefix("http://testserver"))
        verbs += [row["verb"] for row in rows["results"]]
    assert verbs[0] == "project.created"
    counted = {verb: verbs.count(verb) for verb in set(verbs)}
    assert counted["review.requested"] == counted["review.decided"] == 10
    assert counted["review.voted"] == 10
    for verb in ("waiver.opened", "waiver.granted", "condition.met", "project.held", "project.resumed"):
        assert counted[verb] == 1, verb
