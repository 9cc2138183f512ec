"""A gate through all its rounds, and when a decision asks for another."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.actor import Actor
from accounts.models import User
from common import clock
from lifecycle import services
from lifecycle.models import Check, GateReview, Stage
from lifecycle.selectors import history, readiness, rounds_of_gate
from projects.models import Project
from records.services import push_metric

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
PAGE = "/projects/RECO/gates/initiation/history/"


@pytest.fixture
def looped(
    project: Project, owner: User, holder: Any, stage_of: Any, ready: GateReview, meet_all: Any, ask: Any, vote: Any,
    now: datetime,
) -> list[GateReview]:  # fmt: skip
    """Withdrawn, recycled, and passed five days later."""
    services.withdraw_review(review=ready, actor=Actor.for_user(owner), now=now)
    first = ask(stage_of(project), by=owner)
    for role in ("sponsor", "finance_partner"):
        first = vote(first, holder(project, role), "recycle", reason="scope", rationale="It promises too much.")
    later = now + timedelta(days=5)
    meet_all(stage_of(project), by=owner, at=later)
    second = ask(stage_of(project), by=owner, at=later)
    for role in ("sponsor", "finance_partner"):
        second = vote(second, holder(project, role), "go", at=later)
    return [ready, first, second]


def test_the_history_lists_every_round_with_votes_reason_and_days(
    looped: list[GateReview], owner: User, client: Client
) -> None:
    client.force_login(owner)

    page = client.get(PAGE).content.decode()

    assert "Asked for 3 times, decided 2 times; 1 loop back, 5 days of rework." in page
    for words in ("Withdrawn", "It promises too much.", "Scope", "Gate pack"):
        assert words in page


def test_two_decisions_are_compared(looped: list[GateReview], owner: User, client: Client) -> None:
    client.force_login(owner)
    _withdrawn, first, second = looped

    page = client.get(PAGE, {"then": first.pk, "now": second.pk}).content.decode()
    differences = history.between(first, GateReview.objects.select_related("stage__process").get(pk=second.pk))

    assert differences
    assert differences[0].text.replace("'", "&#x27;") in page
    assert client.get(PAGE, {"then": second.pk, "now": first.pk}).status_code == 404
    assert client.get(PAGE, {"then": "0"}).status_code == 404
    assert client.get(PAGE, {"then": "x\x00"}).status_code == 404


def test_iterations_stand_side_by_side_with_what_the_loop_did(
    looped: list[GateReview], project: Project, stage_of: Callable[..., Stage], now: datetime
) -> None:
    stage = stage_of(project, "initiation")

    columns, cells = history.iterations(
        stage, rounds_of_gate(stage), readiness(stage, today=now.date() + timedelta(days=5))
    )

    assert [(one.number, one.decision) for one in columns] == [(1, "recycle"), (2, "go")]
    assert {mark.carried for line in cells.values() if (mark := line[1])} >= {"keep", "reverify"}
    assert all(line[0] and not line[0].carried for line in cells.values())


@pytest.fixture
def material(project: Project, owner: User, pass_gate: Any, stage_of: Any) -> Check:
    """A material metric check of a gate that was passed with go."""
    while not (
        found := [
            check
            for check in Check.objects.filter(stage__process__project=project, stage__state="passed", kind="metric")
            if check.item.material
        ]
    ):
        pass_gate(project, by=owner)
    return found[0]


def review_of(check: Check) -> GateReview:
    return GateReview.objects.decided().get(stage=check.stage_id)


def test_a_changed_material_check_asks_for_a_new_review(
    material: Check, project: Project, owner: User, api: Callable[[User], APIClient], client: Client,
    frozen: clock.Frozen,
) -> None:  # fmt: skip
    client.force_login(owner)
    place, page = f"/api/v1/reviews/{review_of(material).pk}/", f"/projects/RECO/gates/{material.stage.key}/"
    before = api(owner).get(place).json()
    assert (before["new_review_needed"], "a new review is needed" in client.get(page).content.decode()) == (
        False,
        False,
    )

    frozen.move(timedelta(days=1))
    push_metric(
        project=project, actor=Actor.for_user(owner), metric=material.metric, value=1e6, run_id="worse",
        slice=material.slice, n=10**6, measured_at=clock.now(), now=clock.now(),
    )  # fmt: skip

    answer = api(owner).get(place).json()
    assert (answer["new_review_needed"], answer["pack"]) == (True, f"{place}pack/")
    assert "A material check changed since the decision: a new review is needed." in client.get(page).content.decode()


def test_the_status_names_gates_whose_subject_moved(
    material: Check, project: Project, owner: User, api: Callable[[User], APIClient]
) -> None:
    parts = dict.fromkeys(material.item.depends_on, "old")
    review = review_of(material)
    GateReview.objects.filter(pk=review.pk).update(document=review.document | {"subject": parts})

    def told() -> list[str]:
        found: list[str] = api(owner).get("/api/v1/projects/RECO/status/").json()["new_review_needed"]
        return found

    assert told() == []
    push_metric(
        project=project, actor=Actor.for_user(owner), metric=material.metric, value=1, run_id="next",
        subject=dict.fromkeys(material.item.depends_on, "new"), measured_at=clock.now(), now=clock.now(),
    )  # fmt: skip
    assert material.stage.key in told()
