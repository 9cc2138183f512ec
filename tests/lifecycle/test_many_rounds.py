"""Gates that went together, round after round, changes among many members: told right, in few queries."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import User
from lifecycle import services
from lifecycle.models import Change, GateReview
from lifecycle.selectors import review_answers, reviews_shown, stages_for_status, status_answer
from projects.models import Membership, Project
from projects.permissions import Action, may
from projects.selectors.people import members_who_may
from records.services import set_subject

pytestmark = [pytest.mark.core, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
PARTS = {"model": "m1", "dataset": "d1", "prompt": "p1", "code": "c1"}


def test_a_status_names_the_later_gates_of_a_joint_packet_too(
    make_project: Any, add_member: Any, stage_of: Any, meet_all: Any, ask: Any, vote: Any, holder: Any, now: datetime
) -> None:
    project = make_project("JNT", level="lean")
    worker = add_member(project, "worker", ["contribute"]).user
    set_subject(project=project, actor=Actor.for_user(worker), parts=PARTS, now=now)
    for first, last in (("initiation", "requirements"), ("data", "design"), ("training", "evaluation")):
        for key in (first, last):
            meet_all(stage_of(project, key), by=worker)
        vote(ask(stage_of(project), by=worker, through=last), holder(project, "sponsor"), "go")

    moved = PARTS | {"model": "m2", "dataset": "d2"}
    set_subject(project=project, actor=Actor.for_user(worker), parts=moved, now=now)
    told = status_answer(stages_for_status(Actor.for_user(worker), "JNT"), today=now.date())

    assert {"training", "evaluation"} <= set(told["new_review_needed"])


def test_a_status_counts_the_votes_of_the_last_round(
    project: Project, owner: User, holder: Any, stage_of: Any, ask: Any, vote: Any, meet_all: Any, now: datetime,
    in_days: Callable[[int], date],
) -> None:  # fmt: skip
    """Three votes in a round that ended in a hold, then two for a go."""
    people = [holder(project, role) for role in ("risk_officer", "sponsor", "finance_partner")]
    review = ask(stage_of(project), by=owner, despite_blockers=True)
    vote(review, people[0], "recycle")
    for person in people[1:]:
        vote(review, person, "hold", until=in_days(3))
    project.refresh_from_db()
    services.resume_project(project=project, actor=Actor.for_user(owner), now=now)
    meet_all(stage_of(project), by=owner)
    review = ask(stage_of(project), by=owner)
    for person in people[1:]:
        vote(review, person, "go")

    stages = stages_for_status(Actor.for_user(owner), "RECO")

    assert next(one.votes_cast for one in stages if one.key == "initiation") == 2  # type: ignore[attr-defined]  # annotated


@pytest.fixture
def running(in_service: Any, worker: User, open_change: Any) -> Change:
    change: Change = open_change(in_service(), worker, prompt="p2")
    return change


def test_a_list_of_rounds_about_changes_has_a_fixed_number_of_queries(
    running: Change, worker: User, stage_of: Any, ask: Any, now: datetime
) -> None:
    stage = stage_of(running.stage.project)

    def cost() -> int:
        rounds = list(reviews_shown(GateReview.objects.filter(stage=stage)))
        with CaptureQueriesContext(connection) as asked:
            review_answers(rounds, today=now.date())
        return len(asked)

    found = []
    for _round in range(3):
        review = ask(stage, by=worker, change=running.pk, despite_blockers=True)
        services.withdraw_review(review=review, actor=Actor.for_user(worker), now=now)
        found.append(cost())

    assert found == [found[0]] * 3


@pytest.mark.parametrize("action", [Action.WORK, Action.WAIVE, Action.REQUEST_REVIEW, Action.EXPORT, Action.REOPEN])
def test_members_who_may_are_those_whom_the_matrix_allows(
    project: Project, make_user: Any, add_member: Any, action: Action
) -> None:
    for access in (["owner"], ["contribute"], ["decide"], ["view"], ["contribute", "decide"]):
        add_member(project, "-".join(access), access)
    gone = add_member(project, "gone", ["owner", "contribute", "decide"]).user
    User.objects.filter(pk=gone.pk).update(is_active=False)

    with CaptureQueriesContext(connection) as asked:
        found = members_who_may(action, project.pk)

    members = Membership.objects.filter(project=project).select_related("user")
    assert sorted(found) == sorted(one.user_id for one in members if may(Actor.for_user(one.user), action, project))
    assert len(asked) <= 1
