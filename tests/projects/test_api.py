"""The endpoints: what they answer, to whom, and at what cost."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.actor import Actor
from accounts.models import ApiToken, User
from common import clock
from journal.models import Entry, Notice
from projects import services
from projects.models import Action, BudgetLine, Comment, Goal, Membership, ProgressEntry, Project, Stakeholder

pytestmark = pytest.mark.django_db
Api = Callable[[User | None], APIClient]
HOME = "/api/v1/projects/RECO/"


def code(response: Any) -> tuple[int, str]:
    assert response["Content-Type"] == "application/problem+json", response.content
    return response.status_code, response.json()["code"]


# --- the life of each noun through its endpoints

NOUNS = [
    ("goals", "goals", {"indicator": "Conversion", "target": 3.1, "baseline": 2.8, "unit": "%"}, {"target": 3.3}),
    ("stakeholders", "stakeholders", {"role": "Shoppers", "affected": True, "need": "A reason"}, {"need": "A switch"}),
    ("budget", "budget", {"category": "people", "name": "Team", "planned": "100.00"}, {"planned": "120.00"}),
]


@pytest.mark.parametrize(("plural", "single", "body", "change"), NOUNS)
def test_what_an_owner_plans_is_made_read_changed_and_removed(
    plural: str, single: str, body: dict[str, Any], change: dict[str, Any], owner: User, api: Api
) -> None:
    client = api(owner)

    made = client.post(f"{HOME}{plural}/", body, format="json")
    assert made.status_code == 201
    assert made["ETag"] == '"v1"'
    assert made.json().items() >= body.items()

    place = f"/api/v1/{single}/{made.json()['id']}/"
    assert client.get(place).json() == made.json()
    assert client.get(f"{HOME}{plural}/").json()["results"] == [made.json()]

    assert code(client.patch(place, change, format="json")) == (428, "precondition_required")
    changed = client.patch(place, {**made.json(), **change}, format="json", headers={"If-Match": '"v1"'})
    assert changed.json() == {**made.json(), **change, "version": 2}
    assert code(client.patch(place, change, format="json", headers={"If-Match": '"v1"'})) == (412, "version_mismatch")
    assert code(client.patch(place, {"id": 77, "version": 2}, format="json")) == (400, "read_only_field")

    assert client.delete(place, headers={"If-Match": '"v2"'}).status_code == 204
    assert client.get(place).status_code == 404


@pytest.mark.parametrize(("plural", "single", "body", "change"), NOUNS)
def test_a_contributor_reads_but_does_not_plan(
    plural: str, single: str, body: dict[str, Any], change: dict[str, Any], owner: User, contributor: User, api: Api
) -> None:
    made = api(owner).post(f"{HOME}{plural}/", body, format="json").json()
    client = api(contributor)

    assert client.get(f"{HOME}{plural}/").json()["count"] == 1
    # The right is asked for before the body and the version are looked at.
    assert code(client.post(f"{HOME}{plural}/", {"nonsense": 1}, format="json")) == (403, "permission_denied")
    assert code(client.patch(f"/api/v1/{single}/{made['id']}/", {}, format="json")) == (403, "permission_denied")


@pytest.mark.parametrize(
    "path",
    [
        *(
            f"projects/SECRET/{name}/"
            for name in ("members", "progress", "comments", "actions", "budget", "spend", "goals")
        ),
        "journal/?project=SECRET",
    ],
)
def test_the_unseen_answers_like_the_unknown(
    path: str, make_project: Callable[..., Project], owner: User, stranger: User, api: Api
) -> None:
    make_project("SECRET", creator=owner, visibility="private")

    unseen, unknown = (api(stranger).get(f"/api/v1/{path.replace('SECRET', key)}") for key in ("SECRET", "NOTHING"))

    assert code(unseen) == code(unknown) == (404, "not_found")
    assert {**unseen.json(), "request_id": ""} == {**unknown.json(), "request_id": ""}


def test_rows_of_an_unseen_project_are_unknown_by_id_too(
    make_project: Callable[..., Project], owner: User, stranger: User, api: Api, now: datetime
) -> None:
    private = make_project("SECRET", creator=owner, visibility="private")
    goal = services.add_goal(project=private, actor=Actor.for_user(owner), now=now, indicator="X", target=1.0)

    assert code(api(stranger).get(f"/api/v1/goals/{goal.pk}/")) == (404, "not_found")
    assert code(api(stranger).get("/api/v1/goals/99999999999999999999/")) == (404, "not_found")


# --- members


def test_a_member_comes_changes_and_goes(owner: User, stranger: User, api: Api) -> None:
    client = api(owner)

    made = client.post(
        f"{HOME}members/", {"user": "stranger", "access": ["contribute"], "functions": ["data_lead"]}, format="json"
    )
    assert made.status_code == 201, made.content
    shown = made.json()
    assert (shown["user"], shown["access"], shown["functions"], shown["team"]) == (
        "stranger",
        ["contribute"],
        ["data_lead"],
        True,
    )

    place = f"{HOME}members/stranger/"
    changed = client.patch(place, {**shown, "access": ["decide", "view"], "version": 1}, format="json")
    assert changed.json()["access"] == ["decide", "view"]
    assert changed.json()["functions"] == ["data_lead"]
    assert code(client.patch(place, {"user": "owner", "version": 2}, format="json")) == (400, "read_only_field")

    assert client.delete(place, headers={"If-Match": changed["ETag"]}).status_code == 204
    assert client.get(place).status_code == 404


def test_an_unknown_person_is_named_at_the_field(owner: User, api: Api) -> None:
    refused = api(owner).post(f"{HOME}members/", {"user": "99", "access": ["view"]}, format="json")

    assert code(refused) == (400, "not_found")
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/user"]


def test_a_contributor_raises_nobody(contributor: User, api: Api) -> None:
    client = api(contributor)

    assert code(client.patch(f"{HOME}members/contributor/", {"access": ["owner"]}, format="json"))[0] == 403
    assert code(client.post(f"{HOME}members/", {"user": "1", "access": ["owner"]}, format="json"))[0] == 403


def test_the_last_owner_cannot_leave(project: Project, api: Api) -> None:
    client = api(User.objects.get(username="founder"))

    refused = client.delete(f"{HOME}members/founder/", headers={"If-Match": '"v1"'})

    assert code(refused) == (409, "last_owner")


def test_no_token_manages_members(owner: User, token_client: Callable[..., APIClient]) -> None:
    client = token_client(owner, ["projects:read", "projects:write"])

    assert client.get(f"{HOME}members/").status_code == 200
    refused = client.post(f"{HOME}members/", {"user": "owner", "access": ["view"]}, format="json")
    assert code(refused) == (403, "human_session_required")


# --- log and comments


def test_progress_is_logged_with_a_token_of_its_scope(
    project: Project, contributor: User, token_client: Callable[..., APIClient]
) -> None:
    reader = token_client(contributor, ["projects:read"])
    writer = token_client(contributor, ["projects:write"], project)
    entry = {"text": "Half of the labels are in", "percent": 50, "health": "at_risk"}

    assert code(reader.post(f"{HOME}progress/", entry, format="json")) == (403, "scope_missing")
    made = writer.post(f"{HOME}progress/", entry, format="json")

    assert made.status_code == 201
    assert made.json().items() >= {**entry, "by": "contributor", "blockers": ""}.items()
    project.refresh_from_db()
    assert project.health == "at_risk"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"percent": 101}, "out_of_range"),
        ({"health": "sunny"}, "invalid_choice"),
        ({"date": "2026-02-30"}, "invalid_date"),
        ({"date": "2199-01-01"}, "in_the_future"),
        ({"text": "\u200b"}, "blank"),
        ({"day": "2026-01-01"}, "unknown_field"),
    ],
)
def test_a_wrong_entry_is_refused_and_not_written(
    change: dict[str, Any], expected: str, contributor: User, api: Api
) -> None:
    entry = {"text": "On", "health": "on_track", **change}

    assert code(api(contributor).post(f"{HOME}progress/", entry, format="json")) == (400, expected)
    assert not ProgressEntry.objects.exists()


def test_a_comment_is_kept_exactly_and_edited_by_its_author(contributor: User, owner: User, api: Api) -> None:
    text = "[x](javascript:alert(1))\n\n<img src=x onerror=alert(1)>"

    made = api(contributor).post(f"{HOME}comments/", {"text": text, "about": "check:12"}, format="json")
    assert made.json().items() >= {"text": text, "about": "check:12", "by": "contributor"}.items()

    place = f"/api/v1/comments/{made.json()['id']}/"
    assert api(contributor).patch(place, {"text": "Better", "version": 1}, format="json").json()["version"] == 2
    assert code(api(owner).patch(place, {"text": "Mine", "version": 2}, format="json")) == (403, "permission_denied")
    assert code(api(contributor).post(f"{HOME}comments/", {"text": "x", "about": "../1"}, format="json"))[0] == 400


def test_a_repeat_with_the_same_key_comments_once(contributor: User, api: Api) -> None:
    client, headers = api(contributor), {"Idempotency-Key": "abc"}

    first, second = (client.post(f"{HOME}comments/", {"text": "x"}, format="json", headers=headers) for _ in range(2))

    assert (first.status_code, second["Idempotent-Replayed"]) == (201, "true")
    assert second.json() == first.json()
    assert Comment.objects.count() == 1


# --- money


def test_spend_is_booked_on_a_line_of_this_project_only(
    owner: User, make_project: Callable[..., Project], api: Api, now: datetime
) -> None:
    other = make_project("OTHER", creator=owner)
    foreign = services.add_budget_line(
        project=other, actor=Actor.for_user(owner), now=now, category="people", planned=Decimal(5)
    )
    client = api(owner)
    line = client.post(f"{HOME}budget/", {"category": "people", "planned": "100"}, format="json").json()

    refused = client.post(f"{HOME}spend/", {"line": foreign.pk, "amount": "1"}, format="json")
    booked = client.post(f"{HOME}spend/", {"line": line["id"], "amount": "25.50"}, format="json")

    assert code(refused) == (400, "not_found")
    assert booked.json().items() >= {"amount": "25.50", "line": line["id"], "by": "owner"}.items()
    assert client.get(f"/api/v1/budget/{line['id']}/").json()["spent"] == "25.50"


# --- actions


def test_an_action_goes_from_open_to_done_to_verified(owner: User, contributor: User, api: Api) -> None:
    body = {"text": "Ask the users", "owner": "contributor", "due_on": "2026-04-01"}
    made = api(owner).post(f"{HOME}actions/", body, format="json")
    assert made.json().items() >= {**body, "source": "manual", "done": False, "verified": False}.items()

    place = f"/api/v1/actions/{made.json()['id']}/"
    both = {"done": True, "text": "Ask fewer users", "version": 1}
    assert code(api(contributor).patch(place, both, format="json")) == (400, "validation_failed")
    done = api(contributor).patch(place, {"done": True, "version": 1}, format="json").json()
    assert (done["done"], done["done_by"]) == (True, "contributor")
    refused = api(contributor).patch(place, {"verified": True, "version": 2}, format="json")
    assert code(refused) == (403, "separation_of_duties")
    assert api(owner).patch(place, {"verified": True, "version": 2}, format="json").json()["verified_by"] == "owner"


def test_open_actions_of_a_person_are_found(owner: User, contributor: User, api: Api) -> None:
    for name in ("owner", "contributor"):
        body = {"text": "Do", "owner": name, "due_on": "2026-04-01"}
        api(owner).post(f"{HOME}actions/", body, format="json")

    found = api(owner).get(f"{HOME}actions/?owner=contributor&done=false&due_before=2026-05-01").json()

    assert [row["owner"] for row in found["results"]] == ["contributor"]
    assert code(api(owner).get(f"{HOME}actions/?ownr=contributor")) == (400, "unknown_parameter")


# --- state


def test_archive_and_restore(owner: User, viewer: User, api: Api) -> None:
    assert code(api(viewer).post(f"{HOME}archive/")) == (403, "permission_denied")
    assert api(owner).post(f"{HOME}archive/").json()["state"] == "archived"
    assert code(api(owner).post(f"{HOME}archive/")) == (409, "project_archived")
    assert api(owner).post(f"{HOME}restore/").json()["state"] == "active"


def test_a_legal_hold_is_set_by_the_auditor(project: Project, auditor: User, owner: User, api: Api) -> None:
    body = {"reason": "Inquiry 12"}

    assert code(api(owner).post(f"{HOME}legal-hold/", body, format="json")) == (403, "permission_denied")
    assert api(auditor).post(f"{HOME}legal-hold/", body, format="json").json()["legal_hold"] is True


# --- inbox


@pytest.fixture
def noticed(project: Project, contributor: User, owner: User, now: datetime) -> Notice:
    services.add_action(
        project=project,
        actor=Actor.for_user(owner),
        now=now,
        text="Measure again",
        owner="contributor",
        due_on=now.date(),
    )
    return Notice.objects.of(contributor.pk).get(kind="action.added")


def test_the_inbox_says_what_and_why(noticed: Notice, contributor: User, api: Api) -> None:
    row = api(contributor).get("/api/v1/inbox/?kind=action.added").json()["results"][0]

    assert row["text"] == "Owner gave you something to do by 2 Mar: Measure again"
    assert (row["reason"], row["project"]) == ("assignee", "RECO")
    assert row["url"] == f"/projects/RECO/log/#{noticed.object.replace(':', '-')}"


def test_notices_are_read_by_id_or_all_at_once(noticed: Notice, contributor: User, stranger: User, api: Api) -> None:
    client = api(contributor)
    before = client.get("/api/v1/inbox/?unread=true").json()["count"]

    assert api(stranger).post("/api/v1/inbox/read/", {"ids": [noticed.pk]}, format="json").json() == {"read": 0}
    assert client.post("/api/v1/inbox/read/", {"ids": [noticed.pk]}, format="json").json() == {"read": 1}
    assert client.get("/api/v1/inbox/?unread=true").json()["count"] == before - 1
    client.post("/api/v1/inbox/read/", {"all": True}, format="json")
    assert client.get("/api/v1/inbox/?unread=true").json()["count"] == 0
    assert code(client.post("/api/v1/inbox/read/", {}, format="json"))[0] == 400


def test_a_notice_sleeps_seven_days_at_most(noticed: Notice, contributor: User, stranger: User, api: Api) -> None:
    place, day = f"/api/v1/inbox/{noticed.pk}/snooze/", timedelta(days=1)
    client = api(contributor)

    too_long = client.post(place, {"until": (clock.now() + 8 * day).isoformat()}, format="json")
    slept = client.post(place, {"until": (clock.now() + 2 * day).isoformat()}, format="json")

    assert code(too_long) == (400, "snooze_too_long")
    assert slept.json()["snoozed_until"]
    assert noticed.pk not in [row["id"] for row in client.get("/api/v1/inbox/?unread=true").json()["results"]]
    assert api(stranger).post(place, {"until": clock.now().isoformat()}, format="json").status_code == 404


def test_who_lost_a_private_project_loses_its_notices(noticed: Notice, contributor: User, api: Api) -> None:
    Project.objects.update(visibility="private")
    Membership.objects.filter(user=contributor).delete()

    assert api(contributor).get("/api/v1/inbox/").json()["results"] == []
    assert api(contributor).post("/api/v1/inbox/read/", {"ids": [noticed.pk]}, format="json").json() == {"read": 0}
    assert api(contributor).post("/api/v1/inbox/read/", {"all": True}, format="json").json() == {"read": 0}


# --- journal


@pytest.mark.parametrize(
    ("person", "of_project", "of_instance"),
    [
        ("admin", 403, 200),
        ("auditor", 200, 200),
        ("portfolio_manager", 200, 403),
        ("owner", 200, 403),
        ("gatekeeper", 200, 403),
        ("contributor", 403, 403),
        ("viewer", 403, 403),
        ("stranger", 403, 403),
    ],
)
def test_who_reads_which_journal(
    person: str, of_project: int, of_instance: int, project: Project, request: pytest.FixtureRequest, api: Api
) -> None:
    client = api(request.getfixturevalue(person))

    assert client.get("/api/v1/journal/?project=RECO").status_code == of_project
    assert client.get("/api/v1/journal/").status_code == of_instance


def test_the_journal_is_paged_by_cursor(project: Project, owner: User, contributor: User, api: Api) -> None:
    client = api(owner)
    first = client.get("/api/v1/journal/?project=RECO&limit=2&cursor=").json()
    rest = client.get(first["next"]).json()

    seqs = [row["seq"] for row in first["results"] + rest["results"]]
    assert seqs == sorted(seqs, reverse=True)
    assert first["results"][0]["text"].startswith("Eightgate added Contributor: contributes")
    assert first["results"][0]["prev_hash"] == first["results"][1]["hash"]


# --- cost


def fill(project: Project, person: User, now: datetime, times: int) -> None:
    """Rows of every list, made in bulk: what they cost to read is in question, not to write."""
    made = {"project": project, "written_by": person, "written_at": now}
    ProgressEntry.objects.bulk_create([ProgressEntry(day=now.date(), text="x", **made) for _ in range(times)])
    Comment.objects.bulk_create([Comment(text="x", **made) for _ in range(times)])
    Goal.objects.bulk_create([Goal(project=project, indicator="x", target=1) for _ in range(times)])
    Stakeholder.objects.bulk_create([Stakeholder(project=project, name="x") for _ in range(times)])
    BudgetLine.objects.bulk_create([BudgetLine(project=project, name="x", planned=1) for _ in range(times)])
    Action.objects.bulk_create(
        [
            Action(project=project, text="x", owner=person, done_by=person, created_at=now, due_on=now.date())
            for _ in range(times)
        ]
    )
    names = [f"p{project.memberships.count()}x{number}" for number in range(times)]
    people = User.objects.bulk_create([User(username=name) for name in names])
    Membership.objects.bulk_create([Membership(project=project, user=user, view=True, since=now) for user in people])


def cost(client: APIClient, path: str) -> int:
    """Queries of one request; the first of a client also opens its session."""
    client.get("/api/v1/me/")
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


LISTS = ["members", "progress", "comments", "goals", "stakeholders", "budget", "actions"]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_the_same_with_ten_times_the_rows(
    name: str, project: Project, owner: User, api: Api, now: datetime
) -> None:
    client, costs = api(owner), []
    for times in (3, 27):
        fill(project, owner, now, times)
        costs.append(cost(client, f"{HOME}{name}/"))

    assert costs[0] == costs[1] <= 8


@pytest.mark.parametrize("path", ["inbox/?limit=5", "journal/?project=RECO&limit=5"])
def test_inbox_and_journal_cost_the_same_with_ten_times_the_rows(
    path: str, project: Project, owner: User, contributor: User, api: Api, now: datetime
) -> None:
    client, costs = api(owner), []
    for times in (3, 27):
        for number in range(times):
            text, health = f"@owner {number}", "at_risk" if number % 2 else "on_track"
            services.add_comment(project=project, actor=Actor.for_user(contributor), now=now, text=text)
            services.log_progress(project=project, actor=Actor.for_user(contributor), now=now, text=text, health=health)
        costs.append(cost(client, f"/api/v1/{path}"))

    assert costs[0] == costs[1] <= 9


# --- behind a proxy


@pytest.mark.parametrize(
    ("forwarded", "known"), [("10.0.0.1:5555", "10.0.0.1"), ("[::1]:5555", "::1"), ("unknown", None)]
)
def test_a_proxy_that_writes_more_than_an_address_breaks_no_write(
    forwarded: str, known: str | None, project: Project, owner: User, api: Api, token_client: Callable[..., APIClient]
) -> None:
    headers = {"X-Forwarded-For": f"6.6.6.6, {forwarded}"}

    with override_settings(TRUSTED_PROXIES=1):
        by_session = api(owner).post(f"{HOME}comments/", {"text": "hello"}, format="json", headers=headers)
        script = token_client(owner, ["projects:write"])
        by_token = script.post(f"{HOME}comments/", {"text": "hello"}, format="json", headers=headers)

    assert (by_session.status_code, by_token.status_code) == (201, 201)
    assert {entry.ip for entry in Entry.objects.filter(verb="comment.added")} == {known}
    assert ApiToken.objects.get().last_used_ip == known
