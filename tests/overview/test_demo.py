"""The demo: replayed through the services, it must end where the content says that it stands."""

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client

from accounts.actor import Actor
from accounts.models import User
from accounts.views import PERSONAS as CARDS
from accounts.views import Persona
from common import clock, content
from journal.models import Entry, Notice
from journal.selectors import chained_hash
from lifecycle.criteria import CheckState
from lifecycle.models import Condition, Decision, GateReview, Stage, VoteState
from lifecycle.selectors import readiness
from lifecycle.services import attach_link, start_project
from overview.selectors.work import work_of
from overview.services import demo
from projects.models import Membership, Portfolio, PortfolioManager, Project
from risks.models import Acceptance, Assessment, Risk

pytestmark = [pytest.mark.core, pytest.mark.django_db]
# Not the day of the rest of the suite: nothing here may rest on a date.
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
STORIES: list[dict[str, Any]] = content.document("demo")["projects"]
PERSONAS = ["data-lead", "pm-reco", "risk-officer", "portfolio-manager", "auditor", "admin"]


@pytest.fixture(scope="module", autouse=True)
def loaded(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Loaded once for all tests here, since it takes seconds; each test works in a savepoint below it."""
    with django_db_blocker.unblock(), clock.frozen(NOW), transaction.atomic():
        call_command("load_content", stdout=StringIO())
        call_command("load_demo", stdout=StringIO())
        yield
        transaction.set_rollback(True)


def current(key: str) -> Stage:
    return Stage.objects.current().with_process().of_project(key).get()


def head() -> Entry:
    return Entry.objects.newest_first()[0]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story["code"])
def test_each_project_stands_where_the_content_says(story: dict[str, Any]) -> None:
    stage = current(story["code"])

    blockers = readiness(stage, today=NOW.date()).blockers

    assert stage.key == story["expect"]["stage"]
    assert sorted((blocker.check or "", blocker.code) for blocker in blockers) == sorted(
        (expected["check"], expected["code"]) for expected in story["expect"]["blocking"]
    )


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story["code"])
def test_every_gate_was_decided_as_the_content_tells_on_its_day(story: dict[str, Any]) -> None:
    gates = {stage.key: stage.definition.gate_key for stage in Stage.objects.of_project(story["code"])}
    reviews = GateReview.objects.filter(stage__process__project__key=story["code"]).order_by("decided_at")

    told = [
        (gates[row.stage.key], row.stage.iteration, row.decision, row.decided_at.date())
        for row in reviews
        if row.decided_at
    ]

    today = NOW.toordinal()
    assert told == [
        (gate["gate"], gate.get("iteration", 1), gate["decision"], datetime.fromordinal(today + gate["decided"]).date())
        for gate in story["gates"]
    ]
    assert not GateReview.objects.filter(votes__state=VoteState.VOID).exists()


def test_health_follows_the_log() -> None:
    health = dict(Project.objects.values_list("key", "health"))

    assert health == {"RECO": "on_track", "MEDR": "off_track", "CARE": "at_risk"}


def test_the_recommender_went_twice_through_training_and_evaluation() -> None:
    rows = Stage.objects.newest().of_project("RECO")

    assert {row.key: row.iteration for row in rows if row.iteration > 1} == {"training": 2, "evaluation": 2}
    recycled = GateReview.objects.get(stage__process__project__key="RECO", decision=Decision.RECYCLE)
    assert recycled.rework.to_stage == "training"
    assert recycled.rework.ended_on is not None


def test_the_deferred_check_can_still_be_proved_and_settles_its_condition() -> None:
    condition = Condition.objects.standing().get()
    check = Stage.objects.newest().of_project("MEDR").get(key="data").checks.get(key=condition.check_key)
    owner = Actor.for_user(condition.action.owner)

    attach_link(check=check, actor=owner, url="https://docs.example.com/b", title="Hospital B", now=NOW)

    data = readiness(Stage.objects.with_process().get(pk=check.stage_id), today=NOW.date())
    ahead = readiness(current("MEDR"), today=NOW.date())
    assert data.of(check.key).state == CheckState.MET
    assert "condition_overdue" not in {blocker.code for blocker in ahead.blockers}


def test_spend_and_scores_are_those_of_the_content() -> None:
    for story in STORIES:
        project = Project.objects.get(key=story["code"])
        spent = {line.category: sum(row.amount for row in line.spends.all()) for line in project.budget_lines.all()}
        scores = {risk.library: risk.current["score"] for risk in project.risks.all()}

        assert spent == {row["line"]: row["spent"] for row in story["budget"]}
        assert scores == {
            row["risk"]: row["residual"]["likelihood"] * row["residual"]["impact"] for row in story["risks"]
        }


def test_acceptances_and_assessments_are_in_force() -> None:
    today = NOW.date()

    accepted = sum(row["treatment"]["status"] == "accepted" for story in STORIES for row in story["risks"])
    approved = sum(row["status"] == "approved" for story in STORIES for row in story["assessments"])
    assert Acceptance.objects.in_force(today).count() == accepted
    assert Assessment.objects.in_force(today).count() == approved
    covering = Acceptance.objects.in_force(today).filter(risk__in=Risk.objects.open())
    assert covering.count() == accepted - 1, "one of those accepted is closed"


def test_nothing_happened_after_now_and_the_journal_is_sound() -> None:
    before = ""
    for entry in Entry.objects.order_by("seq"):
        assert entry.at <= NOW
        assert entry.prev_hash == before
        assert entry.hash == chained_hash(entry)
        before = entry.hash


def test_old_notices_ring_nobody() -> None:
    pending = Notice.objects.filter(state="pending", entry_seq__isnull=False)

    assert all((NOW - notice.created_at).days <= 7 for notice in pending)
    assert pending.count() < 50


@pytest.mark.parametrize("username", PERSONAS)
def test_the_personas_sign_in(username: str) -> None:
    user = User.objects.get(username=username)

    assert authenticate(None, username=username, password=demo.PASSWORD) == user
    assert (user.is_admin, user.is_auditor) == (username == "admin", username == "auditor")


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.key)
def test_each_card_of_the_sign_in_page_leads_to_something_to_see(card: Persona, settings: Any) -> None:
    settings.DEMO = True
    visitor = Client()
    with clock.frozen(NOW):
        entered = visitor.post("/accounts/login/as/", {"persona": card.key})
        page = visitor.get(entered["Location"])

    assert entered["Location"] == card.lands
    assert page.status_code == 200
    assert page.context["day"].rows if card.lands == "/" else page.context["rounds"]


def test_the_card_of_those_who_ship_models_is_that_of_whoever_has_most_to_do() -> None:
    shipping = next(card for card in CARDS if card.title == "I ship models")
    contributors = Membership.objects.filter(project__key__in=demo.demo_keys(), contribute=True, decide=False)
    owed = {
        user.username: len(work_of(Actor.for_user(user), now=NOW).rows)
        for user in User.objects.filter(pk__in=contributors.values("user"))
    }

    assert max(owed, key=lambda name: owed[name]) == shipping.key


def test_the_sign_in_form_takes_a_persona() -> None:
    answer = Client().post("/accounts/login/", {"login": "pm-reco", "password": demo.PASSWORD})

    assert answer.status_code == 302


def test_the_portfolio_manager_runs_the_three_projects() -> None:
    portfolio = Portfolio.objects.get(name="Demo Group")
    manager = User.objects.get(username="portfolio-manager")

    assert PortfolioManager.objects.filter(portfolio=portfolio, user=manager).exists()
    seen = Project.objects.visible_to(Actor.for_user(manager)).values_list("key", flat=True)
    assert sorted(seen) == sorted(demo.demo_keys())
    assert set(portfolio.projects.values_list("visibility", flat=True)) == {"private"}


def test_loading_again_changes_nothing() -> None:
    before = head()
    out = StringIO()

    call_command("load_demo", stdout=out)

    assert head() == before
    assert "already there" in out.getvalue()


def test_an_interrupted_load_is_cleared_away_first() -> None:
    demo.note(demo.STARTED, NOW)

    call_command("load_demo", stdout=StringIO())

    assert Project.objects.count() == len(STORIES)
    assert not demo.is_half_loaded()


def test_unloading_leaves_the_journal_alone() -> None:
    entries, people = Entry.objects.count(), User.objects.count()
    stranger = User.objects.create_user("stranger", "stranger@example.org")

    call_command("unload_demo", stdout=StringIO())

    assert Entry.objects.count() == entries + 1
    assert people > 1
    assert list(User.objects.all()) == [stranger]
    assert not Project.objects.exists()
    assert not Portfolio.objects.exists()
    assert not Notice.objects.exists()


def test_unloading_is_refused_once_the_people_worked_elsewhere() -> None:
    pm = User.objects.get(username="pm-reco")
    start_project(actor=Actor.for_user(pm), now=NOW, key="OTHER", name="Other", objective="Something real")

    with pytest.raises(CommandError) as refused:
        call_command("unload_demo", stdout=StringIO())

    assert refused.value.returncode == 2
    assert Project.objects.filter(key="RECO").exists()


def test_a_project_of_another_with_one_of_the_keys_is_left_alone() -> None:
    call_command("unload_demo", stdout=StringIO())
    ann = User.objects.create_user("ann", "ann@example.org")
    start_project(actor=Actor.for_user(ann), now=NOW, key="CARE", name="Care", objective="Something real")

    with pytest.raises(CommandError) as refused:
        call_command("load_demo", stdout=StringIO())
    call_command("unload_demo", stdout=StringIO())

    assert refused.value.returncode == 2
    assert Project.objects.filter(key="CARE").exists()


def test_a_public_server_takes_no_demo(settings: Any) -> None:
    settings.HTTPS = True

    with pytest.raises(CommandError, match="passwords are public"):
        call_command("load_demo", stdout=StringIO())


def said(username: str, path: str) -> str:
    """The words of a page as this person reads it."""
    reader = Client()
    reader.force_login(User.objects.get(username=username))
    page = reader.get(path)
    assert page.status_code == 200, path
    body = re.sub(r"(?s)<(script|style).*?</\1>", " ", page.content.decode().partition("<body")[2])
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)))


# A moment when it is the next day already where some of the readers live, and one when it is still the day before.
HOURS = [NOW.replace(hour=0, minute=30), NOW, NOW.replace(hour=23, minute=30)]


@pytest.mark.parametrize("moment", HOURS, ids=str)
@pytest.mark.parametrize("zone", ["Pacific/Apia", "America/New_York"])
def test_every_page_says_for_how_many_days_a_thing_has_stood(moment: datetime, zone: str) -> None:
    User.objects.update(timezone=zone)
    today = moment.date()
    condition = Condition.objects.select_related("action__owner", "review__stage").get(
        review__stage__process__project__key="MEDR", action__due_on__lt=today, state="open"
    )
    overdue = (today - condition.action.due_on).days
    risk = (
        Risk.objects.open()
        .with_score()
        .with_acceptance(today)
        .get(project__key="MEDR", category="ethical", current_score__gte=10, accepted=False)
    )
    stood = (today - risk.scored_at.astimezone(UTC).date()).days
    measured = next(one for one in readiness(current("MEDR"), today=today).blockers if one.kind == "metric").since
    since = (today - measured.astimezone(UTC).date()).days
    late = (today - (current("MEDR").due_on or today)).days
    with clock.frozen(moment):
        gate = said("risk-officer", "/projects/MEDR/gates/evaluation/")
        project = said("risk-officer", "/projects/MEDR/")
        where_set = said("risk-officer", f"/projects/MEDR/gates/{condition.review.stage.key}/")
        portfolio = said("portfolio-manager", "/portfolio/")
        stages = said("risk-officer", "/projects/MEDR/stages/")
        mine = said(condition.action.owner.username, "/")
        theirs = said("risk-officer", "/")

    assert overdue > 0 < stood, "the demo has nothing to count"
    for page in (gate, project):
        assert f"a gate condition {overdue} days overdue" in page
        assert f"since {since} days" in page
    assert re.findall(rf"since \d+ \w+, {overdue} d\b", gate)
    assert re.findall(rf"since \d+ \w+, {since} d\b", gate)
    assert re.findall(rf"since \d+ \w+, {stood} d\b", gate)
    assert f"{overdue} days over " in gate
    assert f"{overdue} days overdue worse" in gate
    for page in (mine, where_set):
        assert f"{overdue} days late" in page
    assert re.search(rf"{re.escape(risk.display_title)} .{{0,60}}accepted by nobody {stood} days", portfolio)
    assert re.search(rf"MEDR Gate 6\W+{late} days", portfolio)
    for page in (gate, stages, theirs):
        assert f"{late} days late" in page
