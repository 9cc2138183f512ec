"""What a notice asks for may have been done since: it says so, and waits for nobody any more."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.actor import Actor
from accounts.models import User
from common import content
from journal.models import Notice
from lifecycle.models import GateReview, Stage
from lifecycle.services import withdraw_review
from projects.models import Project
from projects.selectors import inbox_rows, unread_count
from risks.criteria import options
from risks.models import Assessment
from risks.services import save_assessment, sign_assessment, submit_assessment

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def asked(user: User, kind: str) -> Notice:
    return Notice.objects.of(user.pk).get(kind=kind)


@pytest.fixture
def round_of(
    project: Project,
    owner: User,
    contributor: User,
    stage_of: Callable[..., Stage],
    holder: Callable[..., User],
    meet_all: Callable[..., None],
    ask: Callable[..., GateReview],
) -> GateReview:
    """The first gate, asked for by the owner; its sponsor and finance partner vote."""
    holder(project, "sponsor")
    holder(project, "finance_partner")
    meet_all(stage_of(project), by=contributor)
    return ask(stage_of(project), by=owner)


def test_a_notice_of_a_decided_round_says_so_and_is_no_longer_counted(
    round_of: GateReview, project: Project, holder: Callable[..., User], vote: Callable[..., GateReview], now: datetime
) -> None:
    voter = holder(project, "sponsor")
    waiting, before = asked(voter, "review.requested"), unread_count(Actor.for_user(voter), now)
    (open_row,) = inbox_rows([waiting])

    vote(round_of, holder(project, "finance_partner"), "go")
    assert inbox_rows([waiting])[0].done == ""
    review = vote(round_of, voter, "go")

    assert review.decision == "go"
    assert (open_row.done, inbox_rows([waiting])[0].done) == ("", "Decided since: go")
    # The request waits no more; what was decided is news to the other voter only.
    assert unread_count(Actor.for_user(voter), now) == before - 1
    assert waiting in Notice.objects.read()


def test_a_notice_of_a_withdrawn_request_says_so(
    round_of: GateReview, project: Project, owner: User, holder: Callable[..., User], now: datetime
) -> None:
    waiting = asked(holder(project, "sponsor"), "review.requested")

    withdraw_review(review=round_of, actor=Actor.for_user(owner), now=now)

    assert inbox_rows([waiting])[0].done == "Withdrawn since"
    assert waiting not in Notice.objects.unread(now)


def test_whoever_has_signed_is_not_asked_again_and_others_still_are(
    project: Project, holder: Callable[..., User], now: datetime, submitted: Assessment
) -> None:
    roles = submitted.questionnaire["approves"]
    first, second = (holder(project, role) for role in roles[:2])
    notices = [asked(person, "assessment.submitted") for person in (first, second)]

    sign_assessment(assessment=submitted, actor=Actor.for_user(first), role=roles[0], now=now)
    assert [row.done for row in inbox_rows(notices)] == ["You have signed", ""]
    assert list(Notice.objects.unread(now).filter(kind="assessment.submitted")) == [notices[1]]

    sign_assessment(assessment=submitted, actor=Actor.for_user(second), role=roles[1], now=now)
    assert [row.done for row in inbox_rows(notices)] == ["Approved since", "Approved since"]


@pytest.fixture
def submitted(project: Project, contributor: User, holder: Callable[..., User], now: datetime) -> Assessment:
    """An assessment that two roles sign."""
    key = "transparency_accountability"
    questionnaire = content.questionnaires()[key]
    for role in questionnaire["approves"]:
        holder(project, role)
    best = max((one for one in options(questionnaire) if one["points"] is not None), key=lambda one: one["points"])
    answers = {question["key"]: best["key"] for question in questionnaire["questions"]}
    actor = Actor.for_user(contributor)
    draft = save_assessment(project=project, actor=actor, key=key, answers=answers, now=now)
    return submit_assessment(assessment=draft, actor=actor, now=now)


def test_the_inbox_of_the_api_tells_what_came_of_it(
    round_of: GateReview,
    project: Project,
    holder: Callable[..., User],
    vote: Callable[..., GateReview],
    api: Callable[..., APIClient],
) -> None:
    voter = holder(project, "sponsor")
    for person in (voter, holder(project, "finance_partner")):
        vote(round_of, person, "go")

    def kinds(unread: str) -> dict[str, Any]:
        found = api(voter).get("/api/v1/inbox/", {"unread": unread}).json()["results"]
        return {row["kind"]: row["done"] for row in found}

    assert "review.requested" not in kinds("true")
    assert kinds("false")["review.requested"] == "Decided since: go"
