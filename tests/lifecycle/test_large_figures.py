"""Figures that JSON in a database cannot hold as numbers: frozen, compared, drawn and packed all the same."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.actor import Actor
from accounts.models import User
from common.canonical import number, storable
from lifecycle import services
from lifecycle.criteria.packs import read_pack, verify_pack
from lifecycle.models import GateReview, Process
from projects.models import Project
from records.services import push_metric

pytestmark = [pytest.mark.django_db, pytest.mark.core, pytest.mark.usefixtures("frozen")]
LARGE = (1e16, 2.5e16, 1e22, 1e300)
GATE = "/projects/BIG/gates/training/"


@pytest.fixture
def report(worker: User, now: datetime) -> Callable[..., None]:
    """`report(project, 2e16, "run")`: the figure that the gate of training compares with its limit."""

    def push(project: Project, value: float, run: str, minutes: int = 0) -> None:
        at = now + timedelta(minutes=minutes)
        given = {"metric": "baseline_lift", "value": value, "run_id": run, "measured_at": at, "now": at}
        push_metric(project=project, actor=Actor.for_user(worker), **given)

    return push


@pytest.fixture
def training(
    make_project: Any, add_member: Any, worker: User, pass_gate: Any, stage_of: Any, meet_all: Any
) -> Project:  # fmt: skip
    """A project before the gate of training, all of it met."""
    project: Project = make_project("BIG", level="lean")
    add_member(project, worker, ["contribute"], ["ml_lead"])
    while stage_of(project).key != "training":
        pass_gate(project, by=worker)
    meet_all(stage_of(project), by=worker)
    return project


@pytest.fixture
def decide(training: Project, worker: User, stage_of: Any, ask: Any, vote: Any, holder: Any) -> Callable[..., Any]:
    def ask_and_vote(word: str = "go", **said: Any) -> GateReview:
        review = ask(stage_of(training), by=worker)
        decided: GateReview = vote(review, holder(training, "sponsor"), word, **said)
        return decided

    return ask_and_vote


@pytest.mark.parametrize("value", LARGE)
def test_a_decision_on_a_large_figure_is_read_and_compared(
    training: Project, worker: User, report: Any, decide: Any, api: Callable[[User], APIClient], client: Client,
    value: float,
) -> None:  # fmt: skip
    report(training, value, "big")
    review = decide()
    client.force_login(worker)
    place = f"/api/v1/reviews/{review.pk}/"

    same = api(worker).get(place).json()["differences"]
    pages = [client.get(GATE).status_code, client.get(f"{GATE}history/").status_code]
    report(training, 7, "small", minutes=1)
    [other] = api(worker).get(place).json()["differences"]

    assert (same, pages) == ([], [200, 200])
    assert (other["then"]["value"], other["now"]["value"], other["change"]) == (value, 7, "worse")
    assert [client.get(GATE).status_code, client.get(f"{GATE}history/").status_code] == [200, 200]


def test_two_decisions_on_large_figures_are_compared_as_numbers(
    training: Project, worker: User, report: Any, decide: Any, in_days: Any, now: datetime, client: Client
) -> None:
    """As text, 9e+16 would be more than 1e+17."""
    report(training, 9e16, "first")
    decide("hold", until=in_days(3))
    training.refresh_from_db()
    services.resume_project(project=training, actor=Actor.system("test"), now=now)
    report(training, 1e17, "second", minutes=1)
    decide()
    client.force_login(worker)

    then, now_ = GateReview.objects.decided().filter(stage__key="training").order_by("pk")
    page = client.get(f"{GATE}history/", {"then": then.pk, "now": now_.pk})

    assert page.status_code == 200
    assert [row["change"] for row in page.context["tn"]["rows"]] == ["better by 1e+16"]


def test_a_figure_out_of_limit_is_drawn_beside_a_large_one_before(
    training: Project, worker: User, report: Any, decide: Any, in_days: Any, now: datetime, client: Client
) -> None:
    report(training, 1.7e308, "first")
    decide("hold", until=in_days(3))
    training.refresh_from_db()
    services.resume_project(project=training, actor=Actor.system("test"), now=now)
    report(training, -1.7e308, "second", minutes=1)
    client.force_login(worker)

    assert client.get(GATE).status_code == 200


def test_a_large_limit_of_the_project_fits_its_pack(
    training: Project, report: Any, decide: Any, add_member: Any, api: Callable[[User], APIClient], now: datetime
) -> None:
    owner, process = add_member(training, "owner", ["owner"]).user, Process.objects.get(project=training)
    given = {"check_key": "beats_baseline", "threshold": 1e17, "reason": "-", "now": now}
    services.set_limit(process=process, actor=Actor.for_user(owner), **given)
    report(training, 1e18, "big")
    review = decide()

    pack = read_pack(api(owner).get(f"/api/v1/reviews/{review.pk}/pack/").content)

    assert [number(one["threshold"]) for one in pack["limits"]] == [1e17]
    assert verify_pack(pack) == []
    assert api(owner).get(f"/reviews/{review.pk}/pack/").status_code == 200


@pytest.mark.parametrize("value", [0.0, -1.5, 9_999_999_999_999_998.0, *LARGE, -1e22, 5e-324])
def test_what_is_stored_is_the_same_number_again(value: float) -> None:
    assert number(storable(value)) == value
