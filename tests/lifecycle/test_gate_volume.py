"""The gate page of a large gate: 30 checks, 100 evidences, 50 risks."""

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import User
from common import content
from lifecycle import services
from lifecycle.models import Check, GateReview
from projects.models import Membership, Project
from risks.services import create_risk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
CHECKS, PROOFS, RISKS = 30, 100, 50
MOST_QUERIES = 20


def large() -> dict[str, Any]:
    """The eight stages with a first gate of thirty checks."""
    document = deepcopy(content.document("eight-stage"))
    document["key"] = "large_gate"
    items = document["stages"][0]["items"]
    model = next(item for item in items if item["kind"] == "evidence")
    items += [{**deepcopy(model), "key": f"paper_{number}"} for number in range(CHECKS - len(items))]
    return document


@pytest.fixture
def volume(
    make_project: Callable[..., Project], add_member: Callable[..., Membership], now: datetime
) -> tuple[Project, User]:
    services.publish_template(document=large(), actor=Actor.system("test"), built_in=False, default=False, now=now)
    project = make_project("BIG", template="large_gate", level="regulated")
    owner = add_member(project, "owner", ["owner"], ["project_manager"]).user
    checks = list(Check.objects.filter(stage__process__project=project, stage__key="initiation", kind="evidence"))
    checks = [Check.objects.select_related("stage__process__project__subject").get(pk=check.pk) for check in checks]
    for number in range(PROOFS):
        services.attach_link(
            check=checks[number % len(checks)], actor=Actor.for_user(owner), url=f"https://docs.example.org/{number}",
            title=f"Paper {number}", now=now,
        )  # fmt: skip
    for number in range(RISKS):
        create_risk(
            project=project, actor=Actor.for_user(owner), title=f"Risk {number}", category="legal",
            likelihood=number % 5 + 1, impact=number % 4 + 1, now=now,
        )  # fmt: skip
    return project, owner


def queries(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def test_its_page_asks_at_most_twenty_queries(
    volume: tuple[Project, User], holder: Callable[..., User], ask: Callable[..., GateReview],
    vote: Callable[..., GateReview], client: Client, now: datetime,
) -> None:  # fmt: skip
    project, owner = volume
    path = "/projects/BIG/gates/initiation/"
    sponsor, officer = holder(project, "sponsor"), holder(project, "risk_officer")
    client.force_login(owner)
    stage = Check.objects.filter(stage__process__project=project, stage__key="initiation").first()
    assert stage is not None
    assert Check.objects.filter(stage=stage.stage).count() == CHECKS

    found = {"nobody asked": queries(client, path)}
    review = ask(stage.stage, by=owner, despite_blockers=True)
    found["a round is open"] = queries(client, path)
    client.force_login(sponsor)
    found["before the vote"] = queries(client, path)
    for user in (sponsor, officer, holder(project, "legal_counsel")):
        review = vote(review, user, "hold", until=now.date() + timedelta(days=9))
    found["after the decision"] = queries(client, path)

    assert max(found.values()) <= MOST_QUERIES, found
