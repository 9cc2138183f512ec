"""The page of a project, the form that starts one, search, cases, the demo's first steps, health."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.actor import Actor
from accounts.models import ApiToken, User
from library.models import Case
from library.services import load_cases
from lifecycle.models import Process
from projects.models import Membership, Project
from projects.services import add_budget_line, add_goal, add_spend, log_progress
from risks.models import Risk
from tests.fixtures.people import Browse

pytestmark = [pytest.mark.django_db, pytest.mark.core, pytest.mark.usefixtures("frozen")]


def test_the_project_page_opens_with_the_sentence_of_its_gate(
    browse: Browse, api: Callable[..., APIClient], project: Project, owner: User
) -> None:
    body = browse(owner).get("/projects/RECO/").content.decode()
    sentence = api(owner).get("/api/v1/projects/RECO/status/").json()["sentence"]

    heading = re.search(r'<h1 id="verdict">(.*?)</h1>', body, re.DOTALL)
    assert heading
    shown = re.sub(r"\s+", " ", re.sub(r"<span class=\"eg-n\".*?</span>|<[^>]+>", "", heading[1])).strip()
    assert shown.replace("&#x27;", "'").replace("“", "“") == re.sub(r"\s+", " ", sentence)


def test_a_private_project_has_no_page_for_strangers(browse: Browse, project: Project, stranger: User) -> None:
    Project.objects.update(visibility="private")

    assert browse(stranger).get("/projects/RECO/").status_code == 404
    assert browse(stranger).get("/projects/NONE/").status_code == 404


def test_a_level_that_nobody_confirmed_says_so_beside_itself(
    browse: Browse, api: Callable[..., APIClient], project: Project, owner: User
) -> None:
    def told() -> tuple[bool, bool]:
        shown = api(owner).get("/api/v1/projects/RECO/").json()["level_confirmed"]
        return shown, "Standard, unconfirmed" in browse(owner).get("/projects/RECO/").content.decode()

    assert told() == (False, True)
    Process.objects.update(level_confirmed=True)
    assert told() == (True, False)


def test_a_project_without_anything_says_what_comes_next(browse: Browse, project: Project, owner: User) -> None:
    body = browse(owner).get("/projects/RECO/").content.decode()

    assert "No goal is set." in body
    assert "No budget is planned." in body
    assert "No risk is recorded." in body


def test_queries_of_the_project_page_stay_the_same_with_ten_times_the_rows(
    browse: Browse,
    project: Project,
    owner: User,
    add_member: Callable[..., Membership],
    make_risk: Callable[..., Risk],
    now: datetime,
) -> None:
    client, actor = browse(owner), Actor.for_user(owner)

    def fill(number: int) -> None:
        make_risk(project, owner, title=f"Risk {number}")
        add_member(project, f"person{number}", ["contribute", "decide"], ["sponsor"])
        add_goal(
            project=project, actor=actor, now=now, indicator=f"goal {number}", target=3.0, baseline=1.0, current=2.0
        )
        line = add_budget_line(
            project=project, actor=actor, now=now, category="team", name=f"Line {number}", planned=1000
        )
        add_spend(line=line, actor=actor, now=now, amount=10, day=now.date())
        log_progress(project=project, actor=actor, now=now, text=f"Entry {number}", health="on_track")

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get("/projects/RECO/").status_code == 200
        return len(found)

    fill(0)
    queries()
    few = queries()
    for number in range(1, 10):
        fill(number)

    assert queries() == few <= 32


def test_a_project_is_started_from_the_form(browse: Browse, process_templates: None, stranger: User) -> None:
    given = {
        "name": "Course tutor",
        "key": "TUTR",
        "objective": "Answer questions of students",
        "template": "eight_stage",
        "level": "lean",
        "tags": ["generative"],
        "visibility": "private",
    }
    client = browse(stranger)

    started = client.post("/projects/new/", given)
    again = client.post("/projects/new/", given)
    wrong = client.post("/projects/new/", given | {"key": "no-2"})
    small = client.post("/projects/new/", given | {"key": "tut2"})

    assert started.headers["Location"] == "/projects/TUTR/"
    assert Process.objects.get(project__key="TUTR").level == "lean"
    assert (again.status_code, wrong.status_code) == (409, 422)
    assert small.headers["Location"] == "/projects/TUT2/"
    assert Project.objects.count() == 2


def test_search_finds_what_the_reader_may_see(
    api: Callable[..., APIClient], project: Project, stranger: User, owner: User, make_risk: Callable[..., Risk]
) -> None:
    Project.objects.update(visibility="private", name="Secret engine")
    make_risk(project, owner, title="Secret leaks")

    def kinds(user: User, words: str) -> set[str]:
        return {group["kind"] for group in api(user).get("/api/v1/search/", {"q": words}).json()["groups"]}

    assert kinds(owner, "secret") == {"projects", "risks"}
    assert kinds(stranger, "secret") == set()
    assert kinds(owner, "owner") == {"people"}
    assert kinds(stranger, "owner") == set()


def test_search_words_are_at_most_two_hundred_characters(
    api: Callable[..., APIClient], browse: Browse, owner: User
) -> None:
    answer = api(owner).get("/api/v1/search/", {"q": "x" * 201})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "too_long"
    assert browse(owner).get("/search/", {"q": "x" * 201}).status_code == 400


def test_an_empty_search_says_so(browse: Browse, stranger: User) -> None:
    body = browse(stranger).get("/search/", {"q": "nosuchthing"}).content.decode()

    assert "Nothing is called “nosuchthing”." in body


def test_cases_are_listed_and_read(browse: Browse, api: Callable[..., APIClient], stranger: User) -> None:
    load_cases()
    case = Case.objects.filter(published=True).order_by("key").first()
    assert case
    Case.objects.create(key="draft", outcome="failure", title={"en": "Draft"})

    listed = api(stranger).get("/api/v1/cases/").json()

    assert listed["count"] == Case.objects.count() - 1
    assert browse(stranger).get("/cases/").status_code == 200
    assert browse(stranger).get(f"/cases/{case.key}/").status_code == 200
    assert browse(stranger).get("/cases/draft/").status_code == 404
    assert api(stranger).get("/api/v1/cases/draft/").status_code == 404


@override_settings(DEMO=True)
def test_the_story_makes_a_token_and_a_call_that_works(
    browse: Browse, make_project: Callable[..., Project], make_user: Callable[..., User]
) -> None:
    worker = make_user("worker")
    project = make_project("EVAL", creator=worker, adopt_at="evaluation")
    made = browse(worker).post("/demo/token/", follow=True)
    body = made.content.decode().replace("&#x27;", "'").replace("&quot;", '"')
    token, call = ApiToken.objects.get(), re.search(r"-d '(\{.*?\})'", body)
    secret = re.search(r"egt_\w+", body)
    assert call
    assert secret

    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {secret[0]}")
    sent = client.post("/api/v1/projects/EVAL/metrics/", json.loads(call[1]), format="json")

    assert "no-store" in made.headers["Cache-Control"]
    assert (token.project_id, token.scopes) == (project.pk, ["projects:read", "metrics:write"])
    assert token.expires_at - token.created_at == timedelta(days=1)
    assert sent.status_code == 201, sent.content


@override_settings(DEMO=True)
def test_loading_the_storys_call_again_makes_no_second_token_and_shows_none(
    browse: Browse, make_project: Callable[..., Project], make_user: Callable[..., User]
) -> None:
    worker = make_user("worker")
    make_project("EVAL", creator=worker, adopt_at="evaluation")
    page = browse(worker)
    made = page.post("/demo/token/", follow=True)

    again = page.get(made.redirect_chain[0][0])

    assert b"egt_" in made.content
    assert again.status_code == 200
    assert b"egt_" not in again.content
    assert "Make another token" in again.content.decode()
    assert ApiToken.objects.count() == 1


@override_settings(DEMO=True)
def test_a_secret_underway_is_for_whom_it_was_made(
    browse: Browse, make_project: Callable[..., Project], make_user: Callable[..., User]
) -> None:
    worker, other = make_user("worker"), make_user("other")
    make_project("EVAL", creator=worker, adopt_at="evaluation", visibility="internal")
    page = browse(worker)
    made = page.post("/demo/token/")
    page.force_login(other)

    assert b"egt_" not in page.get(made["Location"]).content


@pytest.mark.parametrize("url", ["/demo/seen/", "/demo/token/"])
def test_there_is_no_story_outside_the_demo(browse: Browse, owner: User, url: str) -> None:
    assert browse(owner).post(url).status_code == 404
    assert b"Three things to try" not in browse(owner).get("/").content


def test_health_details_are_for_admins(api: Callable[..., APIClient], admin: User, stranger: User) -> None:
    seen: dict[str, Any] = api(admin).get("/healthz/details").json()

    assert api(stranger).get("/healthz/details").status_code == 403
    assert api(None).get("/healthz/details").status_code == 401
    assert {"tick_age", "oldest_notice_age", "dead", "journal_head_age", "redis", "alerts"} <= seen.keys()
    assert "tick_late" in seen["alerts"]
