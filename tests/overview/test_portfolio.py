"""Figures, lists and files of a set of projects count the same rows, and never one that the reader may not see."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.actor import Actor
from accounts.models import User
from common import clock
from common.errors import DomainError
from lifecycle.models import GateReview, Stage
from lifecycle.services import schedule_stage
from overview.forms.filters import NAMES, WORDS, project_query
from overview.models import Outlook
from overview.selectors import portfolio
from overview.selectors.outlooks import behind, board
from overview.services.outlooks import refresh_outlooks
from overview.views.risk_list import RISKS
from projects.models import Membership, Project
from risks.models import Risk
from risks.services import accept_risk

pytestmark = [pytest.mark.django_db, pytest.mark.core, pytest.mark.usefixtures("frozen")]
SUMMARY = "/api/v1/portfolio/summary/"
Get = Callable[..., Any]


@pytest.fixture
def read(client: Client) -> Get:
    """`read(user, "/portfolio/")`: the page's body."""

    def get(user: User, url: str) -> str:
        client.force_login(user)
        answer = client.get(url)
        assert answer.status_code == 200, answer.content
        return (b"".join(answer) if answer.streaming else answer.content).decode()  # type: ignore[arg-type]  # a test client's stream

    return get


@pytest.fixture
def queries(client: Client) -> Callable[[User, str], int]:
    """How many queries a page costs, once its memos are there."""

    def count(user: User, url: str) -> int:
        client.force_login(user)
        client.get(url)
        with CaptureQueriesContext(connection) as found:
            assert client.get(url).status_code == 200
        return len(found)

    return count


def test_the_summary_counts_what_is_visible(
    api: Callable[..., APIClient], make_project: Callable[..., Project], stranger: User
) -> None:
    make_project("OPEN")
    make_project("SHUT", visibility="private")

    seen = api(stranger).get(SUMMARY).json()

    assert seen["by_state"] == {"active": 1}
    assert seen["by_stage"] == {"initiation": 1}
    assert sum(seen["by_verdict"].values()) == 1
    assert seen["risk_matrix"] == [[0] * 5] * 5
    assert (seen["overdue"], seen["waiting_on_me"]) == (0, 0)


def test_a_private_project_is_in_no_count_no_list_and_no_file_of_a_stranger(
    read: Get, make_project: Callable[..., Project], make_risk: Callable[..., Risk], stranger: User, owner: User
) -> None:
    shut = make_project("SHUT", visibility="private")
    make_risk(shut, Membership.objects.get(project=shut).user, likelihood=5, impact=5)

    pages = [
        read(stranger, url)
        for url in ("/portfolio/", "/portfolio/?format=csv", "/projects/", "/portfolio/risks/", "/projects/?format=csv")
    ]

    assert all("SHUT" not in page for page in pages)
    assert "1 project, furthest first" in pages[0]
    assert "0 open risks" in pages[3]


@pytest.mark.parametrize("figure", ["overdue", "moved", "waiting_on_me", "changed", "red"])
def test_a_figure_counts_the_rows_that_its_list_shows(
    figure: str,
    read: Get,
    make_project: Callable[..., Project],
    make_risk: Callable[..., Risk],
    ask: Callable[..., GateReview],
    stage_of: Callable[..., Stage],
    add_member: Callable[..., Membership],
    frozen: clock.Frozen,
    make_user: Callable[..., User],
) -> None:
    worker, decider = make_user("worker"), make_user("decider")
    for number in range(3):
        project = make_project(f"P{number}", creator=worker)
        add_member(project, decider, ["decide"], ["sponsor"], team=False)
    make_risk(project, worker, likelihood=5, impact=4)
    frozen.move(timedelta(days=40))
    Stage.objects.filter(process__project__key="P0").update(due_on=None)
    ask(stage_of(project), by=worker, at=frozen.at, despite_blockers=True)
    name = {"waiting_on_me": "waiting"}.get(figure, figure)

    today, actor = frozen.at.date(), Actor.for_user(decider)
    rows = board(Project.objects.visible_to(actor))
    refresh_outlooks(projects=Project.objects.all(), now=frozen.at)
    counted = getattr(portfolio.figures(rows, actor=actor, today=today), figure)
    listed = read(decider, f"/projects/?{name}=true")

    assert counted
    assert f"{counted} project" in listed


def test_a_cell_of_the_heat_map_opens_the_risks_it_counts(
    read: Get, project: Project, make_risk: Callable[..., Risk], owner: User
) -> None:
    make_risk(project, owner, likelihood=4, impact=5)
    make_risk(project, owner, likelihood=2, impact=2)

    assert "1 open risk<" in read(owner, "/portfolio/risks/?likelihood=4&impact=5")
    assert "2 open risks<" in read(owner, "/portfolio/risks/")
    assert "likelihood=4&amp;impact=5" in read(owner, "/portfolio/")


def test_a_memo_holds_until_the_project_or_the_day_changes(
    project: Project, owner: User, frozen: clock.Frozen, check_of: Callable[..., Any], attach: Callable[..., Any]
) -> None:
    def asked() -> int:
        return refresh_outlooks(projects=Project.objects.all(), now=frozen.at)

    first, again = asked(), asked()
    attach(project, owner)
    after_work = asked()
    frozen.move(timedelta(days=1))

    assert (first, again, after_work, asked()) == (1, 0, 1, 1)


@pytest.fixture
def attach(stage_of: Callable[..., Stage], now: datetime) -> Callable[..., None]:
    def change(project: Project, user: User) -> None:
        stage = stage_of(project)
        schedule_stage(stage=stage, actor=Actor.for_user(user), version=stage.version, now=now, due_on=stage.due_on)

    return change


def test_one_request_asks_no_more_gates_than_it_may(make_project: Callable[..., Project], frozen: clock.Frozen) -> None:
    for number in range(4):
        make_project(f"P{number}")

    done = refresh_outlooks(projects=Project.objects.all(), now=frozen.at, limit=3)

    assert done == Outlook.objects.count() == 3
    assert behind(board(Project.objects.all()), frozen.at.date()).count() == 1


def test_a_late_stage_moves_the_go_live(project: Project, frozen: clock.Frozen) -> None:
    stage = Stage.objects.current().get(process__project=project)
    assert stage.due_on
    frozen.move(timedelta(days=(stage.due_on - frozen.at.date()).days + 5))

    refresh_outlooks(projects=Project.objects.all(), now=frozen.at)

    memo = Outlook.objects.get(project=project)
    assert memo.slip == 5
    assert memo.planned_on
    assert memo.forecast_on == memo.planned_on + timedelta(days=5)


@pytest.mark.parametrize(
    "url", ["/portfolio/?colour=red", "/portfolio/?verdict=maybe", "/projects/?limit=1000", "/portfolio/?state=gone"]
)
def test_an_address_with_an_unknown_filter_is_refused(client: Client, owner: User, url: str) -> None:
    client.force_login(owner)

    assert client.get(url).status_code == 400


def test_filters_stand_above_the_list_and_take_themselves_away(read: Get, project: Project, owner: User) -> None:
    page = read(owner, "/projects/?state=active&level=standard")

    assert 'href="?level=standard"' in page
    assert 'href="?state=active"' in page


def test_the_first_question_names_what_it_counts(read: Get, project: Project, owner: User) -> None:
    # Overdue checks and conditions are told by the verdict and by my work; this figure counts stages past their day.
    assert "<h2>Which gates are late?</h2>" in read(owner, "/portfolio/")


def test_a_drawing_wider_than_a_phone_says_that_it_scrolls(read: Get, project: Project, owner: User) -> None:
    heat = read(owner, "/portfolio/").partition('id="heat"')[2].partition("</section>")[0]

    assert "Swipe the drawing sideways to see all of it." in heat


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("/portfolio/risks/?critical=true", "Critical"),
        ("/portfolio/risks/?critical=false", "Not: Critical"),
        ("/portfolio/risks/?unaccepted=true", "Not accepted"),
        ("/portfolio/risks/?likelihood=4", "Likelihood: 4 Likely"),
        ("/portfolio/risks/?impact=5", "Impact: 5 Severe"),
        ("/portfolio/?level=lean,standard", "Level: Lean, Standard"),
        ("/portfolio/?template=eight_stage", "Process: Eight-stage large-model project"),
        ("/projects/?stage=deployment", "Stage: Model deployment"),
        ("/projects/?owner=ann", "Owner: ann"),
        ("/projects/?overdue=true", "Past its planned end"),
    ],
)
def test_a_filter_is_named_above_its_list(read: Get, owner: User, url: str, word: str) -> None:
    assert f">{word}<svg" in read(owner, url)


def test_a_filter_is_named_in_the_readers_language(read: Get, owner: User) -> None:
    User.objects.filter(pk=owner.pk).update(language="zh")
    owner.refresh_from_db()

    assert "生成内容<svg" in read(owner, "/projects/?tag=generative")


def test_every_filter_of_a_page_has_a_name(owner: User) -> None:
    declared = {*project_query(Actor.for_user(owner), date(2026, 1, 1)).filters, *RISKS}

    assert declared <= {*WORDS, *NAMES}


@pytest.mark.parametrize(
    "url", ["/portfolio/?level=lean", "/projects/?search=zebra", "/portfolio/risks/?impact=5", "/risks/?impact=5"]
)
def test_filters_without_a_hit_say_so_and_offer_to_be_cleared(
    read: Get, project: Project, owner: User, url: str
) -> None:
    page = read(owner, url)

    assert "Nothing matches the filters." in page
    assert 'href="?">Clear the filters</a>' in page
    assert "No project yet" not in page


def test_an_empty_portfolio_tells_ended_projects_from_none(read: Get, project: Project, owner: User) -> None:
    Project.objects.update(state="killed")
    ended = read(owner, "/portfolio/")
    Project.objects.all().update(visibility="private")
    Membership.objects.all().delete()

    assert "No project is running." in ended
    assert "No project yet." in read(owner, "/portfolio/")


@pytest.mark.parametrize(
    "url",
    [
        "/portfolio/",
        "/projects/",
        "/projects/?verdict=fail,waiting",
        "/portfolio/?format=csv",
        "/projects/?format=xlsx",
        "/portfolio/risks/",
        SUMMARY,
    ],
)
def test_queries_stay_the_same_with_ten_times_the_projects(
    url: str, queries: Callable[[User, str], int], make_project: Callable[..., Project], make_user: Callable[..., User]
) -> None:
    reader = make_user("reader")
    make_project("P0", creator=reader)
    few = queries(reader, url)

    for number in range(1, 10):
        make_project(f"P{number}", creator=reader)

    assert queries(reader, url) == few


@pytest.mark.parametrize("end", [date.max, date(2199, 12, 31)])
def test_a_plan_that_ends_with_the_calendar_breaks_no_page(
    end: date, read: Get, project: Project, owner: User, now: datetime
) -> None:
    """Rows may be older than the doors' range of days."""
    Stage.objects.filter(process__project=project).exclude(key="initiation").update(due_on=end)
    late = now.date() - timedelta(days=20)
    Stage.objects.filter(process__project=project, key="initiation").update(due_on=late)
    Project.objects.filter(pk=project.pk).update(target_on=end)
    refresh_outlooks(projects=Project.objects.all(), now=now)

    for page in (
        "/",
        "/projects/",
        "/portfolio/",
        "/portfolio/?format=csv",
        "/projects/RECO/",
        "/projects/RECO/stages/",
    ):
        assert "RECO" in read(owner, page), page
    assert Outlook.objects.get().forecast_on == min(end + timedelta(days=0 if end == date.max else 20), date.max)
    assert read(owner, "/api/v1/projects/RECO/status/")
    assert read(owner, SUMMARY)


@pytest.mark.parametrize(("likelihood", "impact", "signed"), [(3, 4, ""), (4, 5, ""), (4, 5, "officer")])
def test_a_risk_waits_for_those_who_may_accept_it(
    likelihood: int,
    impact: int,
    signed: str,
    project: Project,
    owner: User,
    portfolio_manager: User,
    add_member: Callable[..., Membership],
    make_risk: Callable[..., Risk],
    now: datetime,
) -> None:
    """Row 21 of the rights: what a list asks for, the service takes, and the other way round."""
    risk = make_risk(project, owner, likelihood, impact)
    people = {"manager": portfolio_manager, "owner": owner}
    for name, roles in {
        "officer": ["risk_officer"],
        "twin": ["risk_officer"],
        "sponsor": ["sponsor"],
        "lead": [],
    }.items():
        people[name] = add_member(project, name, ["decide"], roles).user
    if signed:
        accept_risk(risk=risk, actor=Actor.for_user(people[signed]), plan="Watch it", now=now)

    for name, person in people.items():
        actor = Actor.for_user(person)
        asked = portfolio.acceptable_by(actor, now.date()).filter(pk=risk.pk).exists()
        with transaction.atomic():
            try:
                accept_risk(risk=risk, actor=actor, plan="Watch it", now=now)
                taken = True
            except DomainError:
                taken = False
            transaction.set_rollback(True)

        assert asked == taken, name
