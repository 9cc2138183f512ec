"""The page, the summary and the lists behind them say the same numbers, whatever the query names."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from common import clock
from lifecycle.models import GateReview, Stage
from projects.models import Membership, Portfolio, Project
from risks.models import Acceptance, Risk

pytestmark = [pytest.mark.django_db, pytest.mark.core]
RUNNING = "state=active,on_hold"
# The filter of the list behind each figure that is one number.
FLAGS = {"overdue": "overdue", "moved": "moved", "waiting_on_me": "waiting", "changed": "changed", "red": "red"}
# The filter behind each figure that is a number per word. Stages and verdicts are counted of active projects.
WORDS = {"by_state": "state", "by_health": "health", "by_level": "level"}
OF_ACTIVE = {"by_stage": "stage", "by_verdict": "verdict"}


@pytest.fixture
def decider(
    make_project: Callable[..., Project],
    make_risk: Callable[..., Risk],
    make_user: Callable[..., User],
    add_member: Callable[..., Membership],
    ask: Callable[..., GateReview],
    stage_of: Callable[..., Stage],
    frozen: clock.Frozen,
) -> User:
    """Someone with a vote and risks to accept, among projects that differ in what is counted."""
    worker, person = make_user("worker"), make_user("decider")
    north = Portfolio.objects.create(name="North", path="/1/")
    made = [
        make_project("P0", creator=worker, portfolio=north),
        make_project("P1", creator=worker, portfolio=north, level="lean"),
        make_project("P2", creator=worker),
        make_project("P3", creator=worker, template="six_step"),
        make_project("P4", creator=worker),
    ]
    hidden = make_project("SHUT", creator=worker, visibility="private")
    for project in made[:3]:
        add_member(project, person, ["decide"], ["sponsor", "risk_officer"], team=False)
    for project in (made[0], made[1], made[4], hidden):
        make_risk(project, worker, likelihood=5, impact=4)
    make_risk(made[2], worker, likelihood=2, impact=5)
    covered = make_risk(made[1], worker, likelihood=3, impact=4)
    frozen.move(timedelta(days=40))
    Acceptance.objects.create(
        risk=covered,
        score=12,
        until=frozen.at.date(),
        accepted_by=person,
        accepted_as="sponsor",
        accepted_at=frozen.at,
        complete=True,
    )
    ask(stage_of(made[1]), by=worker, at=frozen.at, despite_blockers=True)
    Project.objects.filter(key="P2").update(state="on_hold", health="at_risk")
    Project.objects.filter(key="P4").update(state="killed")
    return person


@pytest.fixture
def said(client: Client, decider: User) -> Callable[[str], Any]:
    """`said("/projects/?red=true")`: what the page is drawn from."""
    client.force_login(decider)

    def context(url: str) -> Any:
        answer = client.get(url)
        assert answer.status_code == 200, answer.content
        return answer.context

    return context


@pytest.mark.parametrize("query", [RUNNING, f"{RUNNING}&portfolio=North", f"{RUNNING}&level=standard"])
def test_page_summary_and_lists_count_the_same(query: str, said: Callable[[str], Any], client: Client) -> None:
    page = said(f"/portfolio/?{query}")
    figures, risks = page["figures"], page["risks"]
    summary = client.get(f"/api/v1/portfolio/summary/?{query}").json()

    def listed(extra: str) -> int:
        return int(said(f"/projects/?{query}&{extra}")["total"])

    shared = [*WORDS, *OF_ACTIVE, "projects", *(name for name in FLAGS if name != "red")]
    assert {name: summary[name] for name in shared} == {name: getattr(figures, name) for name in shared}
    assert summary["risks"] == {"open": risks.open, "critical": risks.critical, "unaccepted": risks.unaccepted}
    assert figures.projects == listed("limit=50")
    assert {name: getattr(figures, name) for name in FLAGS} == {
        name: listed(f"{flag}=true") for name, flag in FLAGS.items()
    }
    for name, word in WORDS.items():
        got = {key: int(said(f"/projects/?{_with(query, word, key)}")["total"]) for key in getattr(figures, name)}
        assert got == getattr(figures, name), name
    for name, word in OF_ACTIVE.items():
        active = _with(query, "state", "active")
        got = {key: int(said(f"/projects/?{active}&{word}={key}")["total"]) for key in getattr(figures, name)}
        assert got == getattr(figures, name), name


@pytest.mark.parametrize("query", [RUNNING, f"{RUNNING}&portfolio=North"])
def test_the_risks_of_the_page_are_those_of_its_list(query: str, said: Callable[[str], Any]) -> None:
    risks = said(f"/portfolio/?{query}")["risks"]

    listed = {
        extra: said(f"/portfolio/risks/?{query}{extra}")["total"]
        for extra in ("", "&critical=true", "&unaccepted=true")
    }

    assert list(listed.values()) == [risks.open, risks.critical, risks.unaccepted]
    assert risks.critical
    assert risks.open > risks.unaccepted > 0


def test_the_figures_are_these(said: Callable[[str], Any]) -> None:
    """Counted by hand, so that page, summary and lists cannot all be wrong alike."""
    page = said("/portfolio/")
    figures = page["figures"]

    assert figures.by_state == {"active": 3, "on_hold": 1}
    assert figures.by_template == {"eight_stage": 3, "six_step": 1}
    assert (figures.projects, figures.waiting_on_me, figures.changed, figures.red) == (4, 2, 1, 2)
    assert page["total"] == len(page["rows"]) == 3
    assert [(one.key, one.count) for one in page["states"]] == [("active", 3), ("on_hold", 1), ("killed", 1)]
    assert page["reached"][0].reached.count == 4


def _with(query: str, word: str, value: str) -> str:
    """The query with one of its filters set to `value`."""
    parts = [part for part in query.split("&") if not part.startswith(f"{word}=")]
    return "&".join([*parts, f"{word}={value}"])
