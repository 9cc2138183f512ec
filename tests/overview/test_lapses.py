"""What ends by its date is told once: waivers, conditions, acceptances of risks."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.actor import Actor
from accounts.models import User
from common import clock
from journal.models import Entry, Notice
from lifecycle import services
from lifecycle.models import Check, GateReview, Waiver
from overview.services.reminders import tick
from projects.models import Project
from risks.models import Risk
from risks.services import accept_risk, create_risk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
DAY = timedelta(days=1)


def told(verb: str) -> list[tuple[str, set[int]]]:
    return [
        (entry.object, set(Notice.objects.filter(entry_seq=entry.seq).values_list("recipient_id", flat=True)))
        for entry in Entry.objects.filter(verb=verb).order_by("seq")
    ]


@pytest.fixture
def waived(
    project: Project, owner: User, holder: Any, check_of: Callable[..., Check], in_days: Any, now: datetime
) -> Waiver:
    """The charter, waived for three days."""
    for role in ("sponsor", "risk_officer"):
        waiver = services.waive_check(
            check=check_of(project, "charter"), actor=Actor.for_user(holder(project, role)), reason="On paper.",
            until=in_days(3), now=now,
        )  # fmt: skip
    return waiver


def test_a_waiver_that_ran_out_is_told_once(waived: Waiver, owner: User, holder: Any, now: datetime) -> None:
    tick(now + 3 * DAY)
    assert told("waiver.ended") == []

    for later in (4 * DAY, 4 * DAY + timedelta(minutes=1), 6 * DAY):
        tick(now + later)

    about, people = told("waiver.ended")[0]
    assert (about, len(told("waiver.ended"))) == (f"waiver:{waived.pk}", 1)
    assert people >= {owner.pk, waived.opened_by_id}


def test_a_waiver_followed_by_another_is_not_told(
    waived: Waiver, project: Project, holder: Any, check_of: Any, in_days: Any, now: datetime
) -> None:
    later = now + 4 * DAY
    for role in ("sponsor", "risk_officer"):
        actor = Actor.for_user(holder(project, role))
        services.waive_check(
            check=check_of(project, "charter"), actor=actor, reason="Still.", until=in_days(9), now=later
        )

    tick(later)

    assert told("waiver.ended") == []


def test_the_check_shows_that_it_was_waived_and_by_whom(
    waived: Waiver, project: Project, owner: User, api: Callable[[User], APIClient], client: Client,
    frozen: clock.Frozen,
) -> None:  # fmt: skip
    client.force_login(owner)
    frozen.move(4 * DAY)

    gate = client.get("/projects/RECO/gates/initiation/").content.decode()
    stage = client.get("/projects/RECO/stages/initiation/").content.decode()
    check = api(owner).get("/api/v1/projects/RECO/checks/charter/").json()
    listed = api(owner).get(f"/api/v1/checks/{check['id']}/waivers/").json()["results"]

    assert "was waived until" in gate
    assert "Was waived until" in stage
    assert (check["waived_until"], check["was_waived_until"]) == (None, waived.until.isoformat())
    assert [(one["granted"], one["over"]) for one in listed] == [(True, True)]
    assert check["blocker"]["since"].startswith((waived.until + DAY).isoformat())


def test_an_overdue_condition_is_told_once_and_again_after_an_extension(
    blocked: GateReview, project: Project, owner: User, holder: Any, vote: Any, in_days: Any, now: datetime
) -> None:
    condition = {"text": "Bring it.", "owner": owner, "due_on": in_days(2), "check": "charter"}
    vote(blocked, holder(project, "sponsor"), "conditional_go", conditions=[condition])
    review = vote(blocked, holder(project, "risk_officer"), "conditional_go")
    found = review.conditions.get()

    for later in (3 * DAY, 4 * DAY):
        tick(now + later)
    assert [about for about, _people in told("condition.overdue")] == [f"condition:{found.pk}"]

    services.extend_condition(
        condition=found, actor=Actor.for_user(holder(project, "sponsor")), until=in_days(9), reason="Ill.",
        version=None, now=now + 5 * DAY,
    )  # fmt: skip
    tick(now + 6 * DAY)
    assert len(told("condition.overdue")) == 1
    tick(now + 10 * DAY)
    assert len(told("condition.overdue")) == 2


def test_an_acceptance_that_ran_out_is_told_once(
    project: Project, owner: User, holder: Any, in_days: Any, now: datetime
) -> None:
    risk: Risk = create_risk(
        project=project, actor=Actor.for_user(owner), title="Leak", category="security", likelihood=3, impact=4, now=now
    )
    officer = holder(project, "risk_officer")
    accept_risk(risk=risk, actor=Actor.for_user(officer), plan="Watch it.", until=in_days(2), now=now)

    tick(now + 2 * DAY)
    assert told("risk.acceptance_ended") == []
    tick(now + 3 * DAY)
    tick(now + 4 * DAY)

    about, people = told("risk.acceptance_ended")[0]
    assert (about, len(told("risk.acceptance_ended"))) == (f"risk:{risk.pk}", 1)
    assert people >= {officer.pk, owner.pk}
