"""What an answer asks of the database: the same with ten times the rows, and within a budget written down here."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import SCOPES, User
from common import clock
from lifecycle import services as lifecycle
from lifecycle.models import Check, Condition, Stage
from projects import services as projects
from projects.models import ActionSource
from records.services import push_metric
from risks import services as risks
from risks.models import Risk
from tests.contract import world as contract
from tests.contract.routes import PUBLIC, TABLE
from tests.contract.test_rights import ROUTES, fill, is_api
from tests.contract.world import NOW, SYSTEM, World, in_days

# Queries of one GET by the owner: with a token at the API, with a session for pages. A route without a budget fails.
BUDGETS = {
    "": 23,
    "accounts/password/change/": 7,
    "accounts/password/set/": 4,
    "accounts/reauthenticate/": 4,
    "api/v1/actions/<int:pk>/": 3,
    "api/v1/assessments/<int:pk>/": 4,
    "api/v1/budget/<int:pk>/": 4,
    "api/v1/cases/": 3,
    "api/v1/cases/<str:key>/": 3,
    "api/v1/changes/<int:pk>/": 10,
    "api/v1/checks/<int:pk>/": 10,
    "api/v1/checks/<int:pk>/evidence/": 5,
    "api/v1/checks/<int:pk>/waivers/": 3,
    "api/v1/comments/<int:pk>/": 3,
    "api/v1/conditions/<int:pk>/": 3,
    "api/v1/deputies/<int:pk>/": 3,
    "api/v1/evidence/<int:pk>/": 6,
    "api/v1/evidence/<int:pk>/download/": 3,
    "api/v1/goals/<int:pk>/": 3,
    "api/v1/inbox/": 6,
    "api/v1/journal/": 8,
    "api/v1/me/": 2,
    "api/v1/metric-definitions/": 3,
    "api/v1/portfolio/summary/": 9,
    "api/v1/users/<str:username>/": 3,
    "api/v1/portfolios/": 7,
    "api/v1/portfolios/<int:pk>/": 6,
    "api/v1/portfolios/<int:pk>/managers/": 5,
    "api/v1/portfolios/<int:pk>/roles/": 5,
    "api/v1/portfolios/<int:pk>/roles/<int:role>/": 4,
    "portfolios/": 12,
    "portfolios/<int:pk>/": 15,
    "api/v1/projects/": 5,
    "api/v1/projects/<str:key>/": 5,
    "api/v1/projects/<str:key>/actions/": 4,
    "api/v1/projects/<str:key>/assessments/": 5,
    "api/v1/projects/<str:key>/budget/": 4,
    "api/v1/projects/<str:key>/changes/": 11,
    "api/v1/projects/<str:key>/checks/<str:check_key>/": 10,
    "api/v1/projects/<str:key>/checks/<str:check_key>/limit/": 5,
    "api/v1/projects/<str:key>/intake/": 4,
    "api/v1/projects/<str:key>/baseline/": 5,
    "api/v1/projects/<str:key>/comments/": 4,
    "api/v1/projects/<str:key>/deputies/": 4,
    "api/v1/projects/<str:key>/evidence/": 5,
    "api/v1/projects/<str:key>/evidence/<int:pk>/download/": 3,
    "api/v1/projects/<str:key>/gates/<str:stage>/check/": 8,
    "api/v1/projects/<str:key>/goals/": 4,
    "api/v1/projects/<str:key>/members/": 5,
    "api/v1/projects/<str:key>/members/<str:username>/": 5,
    "api/v1/projects/<str:key>/metrics/": 4,
    "api/v1/projects/<str:key>/progress/": 4,
    "api/v1/projects/<str:key>/risks/": 4,
    "api/v1/projects/<str:key>/spend/": 4,
    "api/v1/projects/<str:key>/stages/": 4,
    "api/v1/projects/<str:key>/stages/<str:stage>/": 3,
    "api/v1/projects/<str:key>/stages/<str:stage>/checks/": 10,
    "api/v1/projects/<str:key>/stages/<str:stage>/reviews/": 14,
    "api/v1/projects/<str:key>/stakeholders/": 4,
    "api/v1/projects/<str:key>/status/": 8,
    "api/v1/projects/<str:key>/subject/": 6,
    "api/v1/reviews/<int:pk>/": 13,
    "api/v1/reviews/<int:pk>/pack/": 22,
    "api/v1/risks/<int:pk>/": 3,
    "api/v1/risks/<int:pk>/acceptances/": 4,
    "api/v1/search/": 6,
    "api/v1/stakeholders/<int:pk>/": 3,
    "api/v1/templates/": 4,
    "api/v1/templates/<str:key>/versions/<int:number>/": 4,
    "api/v1/templates/schema/": 2,
    "api/v1/tokens/": 5,
    "cases/": 8,
    "cases/<str:key>/": 8,
    "changes/<int:pk>/": 24,
    "checks/<int:pk>/proof/": 24,
    "evidence/<int:pk>/": 24,
    "evidence/<int:pk>/inline/": 6,
    "evidence/<int:pk>/preview/": 16,
    "healthz/details": 7,
    "inbox/": 13,
    "journal/": 11,
    "portfolio/": 31,
    "portfolio/risks/": 10,
    "profile/": 7,
    "profile/deputies/": 7,
    "profile/tokens/": 10,
    "projects/": 14,
    "projects/<str:key>/": 27,
    "projects/<str:key>/assessments/<str:questionnaire>/": 14,
    "projects/<str:key>/budget/": 15,
    "projects/<str:key>/changes/": 17,
    "projects/<str:key>/checks/<str:check_key>/limit/": 18,
    "projects/<str:key>/gates/<str:stage>/": 20,
    "projects/<str:key>/gates/<str:stage>/candidates/": 14,
    "projects/<str:key>/gates/<str:stage>/history/": 20,
    "projects/<str:key>/intake/": 15,
    "projects/<str:key>/journal/": 13,
    "projects/<str:key>/log/": 17,
    "projects/<str:key>/process/": 17,
    "projects/<str:key>/records/": 17,
    "projects/<str:key>/reminders/": 11,
    "projects/<str:key>/risks/": 15,
    "projects/<str:key>/settings/": 16,
    "projects/<str:key>/stages/": 17,
    "projects/<str:key>/stages/<str:stage>/": 24,
    "projects/<str:key>/subject/": 6,
    "projects/new/": 10,
    "reviews/<int:pk>/pack/": 23,
    "risks/": 11,
    "risks/<int:pk>/": 16,
    "search/": 11,
    "templates/": 10,
    "templates/<str:key>/": 10,
    "templates/<str:key>/projects/": 12,
    "templates/<str:key>/versions/<int:number>/": 10,
    "templates/import/": 9,
    "templates/new/": 10,
}
EVERY = sorted(
    route for route, rules in TABLE.items() if "GET" in rules and rules["GET"].row != PUBLIC and not rules["GET"].hidden
)
# What only others may read is asked by them.
READERS = {
    **dict.fromkeys(("templates/<str:key>/projects/", "templates/import/", "templates/new/"), "portfolio_manager"),
    "api/v1/journal/": "auditor",
    "api/v1/users/<str:username>/": "admin",
    "journal/": "auditor",
    "healthz/details": "admin",
}
ASKED = {"search/": "?q=Project", "api/v1/search/": "?q=Project"}
# Twenty of everything still fit on one page: the count of a list that goes on is one more query, whatever its length.
FIRST, MORE = 2, 18


@pytest.fixture(scope="module")
def costs(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, list[int]]]:
    """Per route the queries with a few rows of everything, and with ten times as many."""
    with django_db_blocker.unblock(), clock.frozen(NOW), transaction.atomic():
        world = contract.build()
        world.put_files_back()
        script = Client(headers={"Authorization": f"Bearer {contract.token_of(world.people['owner'], SCOPES)}"})
        found: dict[str, list[int]] = {route: [] for route in EVERY}
        for start, times in ((0, FIRST), (FIRST, MORE)):
            grow(world, range(start, start + times))
            for route in EVERY:
                path = fill(route, world, TABLE[route]["GET"]) + ASKED.get(route, "")
                found[route].append(cost(reader(route, world, script), path))
        yield found
        transaction.set_rollback(True)


def reader(route: str, world: World, script: Client) -> Client:
    rule = TABLE[route]["GET"]
    if is_api(route) and not rule.human and route not in READERS:
        return script
    client = Client()
    client.force_login(world.people[READERS.get(route, "owner")])
    return client


def cost(client: Client, path: str) -> int:
    """Queries of a GET once what it keeps is warm: a session, a memo."""
    answer = client.get(path)
    assert answer.status_code in {200, 302}, (path, answer.status_code)
    with CaptureQueriesContext(connection) as queries:
        _ = client.get(path).getvalue()
    return len([query for query in queries if not (query["sql"] or "").startswith(("SAVEPOINT", "RELEASE"))])


def grow(world: World, numbers: range) -> None:
    """Rows of every list there is."""
    project = world.projects["OPEN"]
    owner, contributor = world.actor("owner"), world.actor("contributor")
    people = [contract.person(f"p{number}") for number in numbers]
    rounds(world, len(numbers))
    stage = Stage.objects.get(process__project=project, key="requirements")
    for number, user in zip(numbers, people, strict=True):
        grow_project(world, number, user)
        grow_records(world, number)
        functions = ["data_lead", "ml_lead"]
        projects.add_member(
            project=project, actor=SYSTEM, now=NOW, username=user.username, access=["contribute"], functions=functions
        )
        projects.add_comment(project=project, actor=contributor, now=NOW, text=f"@owner {number}")
        projects.log_progress(project=project, actor=contributor, now=NOW, text="On", health="on_track")
        projects.add_goal(project=project, actor=owner, now=NOW, indicator=f"g{number}", target=1)
        projects.add_stakeholder(project=project, actor=owner, now=NOW, name=f"s{number}")
        line = projects.add_budget_line(
            project=project, actor=owner, now=NOW, category="data", name=f"l{number}", planned=5
        )
        projects.add_spend(line=line, actor=owner, now=NOW, amount=1)
        contract.change_of(stage, world.people["contributor"])
        projects.add_action(
            project=project, actor=contributor, now=NOW, text="Do", owner=user.username, due_on=in_days(3)
        )
        contract.token_of(world.people["owner"], ["ci"], project)


def grow_project(world: World, number: int, user: User) -> None:
    """Another project of the same owner, with money, a risk and something owed."""
    found = contract._project(world, f"P{number}", "owner", portfolio=world.projects["SIDE"].portfolio)
    owner = world.actor("owner")
    line = projects.add_budget_line(project=found, actor=owner, now=NOW, category="data", name="l", planned=5)
    projects.add_spend(line=line, actor=owner, now=NOW, amount=1)
    projects.log_progress(project=found, actor=owner, now=NOW, text="On", health="at_risk")
    projects.add_action(project=found, actor=owner, now=NOW, text="Do", owner="owner", due_on=in_days(-0))
    Check.objects.filter(stage__process__project=found, key="charter").update(
        assignee=world.people["owner"], due_on=in_days(1)
    )
    risks.create_risk(project=found, actor=owner, now=NOW, title="r", category="legal", likelihood=5, impact=5)


def grow_records(world: World, number: int) -> None:
    project, contributor, decider = world.projects["OPEN"], world.actor("contributor"), world.actor("decider")
    push_metric(
        project=project,
        actor=contributor,
        metric="task_quality",
        value=0.5,
        run_id=f"run{number}",
        measured_at=NOW - timedelta(hours=number),
        now=NOW,
    )
    check = Check.objects.select_related("stage__process__project__subject").get(pk=world.things["OPEN"]["checks"])
    lifecycle.attach_link(check=check, actor=contributor, url="https://x.example/", title=f"e{number}", now=NOW)
    given = {"title": f"r{number}", "category": "technical", "likelihood": 3, "impact": 4}
    risk = risks.create_risk(project=project, actor=contributor, now=NOW, owner=world.people["contributor"], **given)
    risks.accept_risk(risk=risk, actor=decider, plan="Watch", now=NOW)
    walked = Risk.objects.get(pk=world.things["OPEN"]["risks"])
    risks.update_risk(
        risk=walked,
        actor=contributor,
        version=walked.version,
        now=NOW,
        current={"likelihood": 3, "impact": 4},
    )
    risks.accept_risk(risk=Risk.objects.get(pk=walked.pk), actor=decider, plan="Watch", now=NOW)
    conditions(world, number)


def conditions(world: World, number: int) -> None:
    """More of what the first gate asked for."""
    first = Condition.objects.select_related("review", "set_by").get(pk=world.things["OPEN"]["conditions"])
    action = projects.plan_action(
        project=world.projects["OPEN"],
        text=f"c{number}",
        owner=world.people["contributor"],
        due_on=in_days(9),
        source=ActionSource.CONDITION,
        by=first.set_by,
        now=NOW,
    )
    Condition.objects.create(review=first.review, action=action, check_key="", set_by=first.set_by)


def rounds(world: World, times: int) -> None:
    """Rounds of the second gate that were taken back, each with a vote; one more is open."""
    contributor = world.actor("contributor")
    stage = Stage.objects.with_process().get(process__project=world.projects["OPEN"], key="requirements")
    review = stage.reviews.open().get()
    for _again in range(times):
        lifecycle.withdraw_review(review=review, actor=contributor, now=NOW)
        stage = Stage.objects.with_process().get(pk=stage.pk)
        review = lifecycle.request_review(stage=stage, actor=contributor, despite_blockers=True, now=NOW)
        said = {"decision": "hold", "rationale": "Wait", "packet": review.packet, "until": in_days(9)}
        lifecycle.cast_vote(review=review, actor=world.actor("decider"), now=NOW, **said)


@pytest.mark.parametrize("route", EVERY)
def test_an_answer_costs_the_same_with_ten_times_the_rows(route: str, costs: dict[str, list[int]], db: None) -> None:
    few, many = costs[route]

    assert few == many, f"{route}: {few} queries with {FIRST} rows, {many} with {FIRST + MORE}"


@pytest.mark.parametrize("route", EVERY)
def test_an_answer_stays_within_its_budget(route: str, costs: dict[str, list[int]], db: None) -> None:
    assert costs[route][-1] <= BUDGETS[route]


def test_what_scripts_poll_takes_eight_queries() -> None:
    polled = ("", "<str:key>/status/", "<str:key>/gates/<str:stage>/check/")

    assert all(BUDGETS[f"api/v1/projects/{name}"] <= 8 for name in polled)


def test_every_budget_has_a_route() -> None:
    assert set(BUDGETS) == set(EVERY) <= set(ROUTES)
