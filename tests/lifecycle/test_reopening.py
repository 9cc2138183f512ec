"""A decided gate opens again as a new iteration; what was decided is never edited."""

from datetime import timedelta

import pytest
from django.core import serializers

from accounts.actor import Actor
from common.errors import HumanSessionRequired, PermissionDenied
from journal.models import Entry
from lifecycle import services
from lifecycle.errors import NotToBeReopened, ProjectOnHold, ReviewAlreadyOpen
from lifecycle.models import GateReview, Reopening, Rework, Stage, Vote
from projects.errors import ProjectArchived
from projects.models import Project
from projects.services import archive_project

DAY = timedelta(days=1)


@pytest.fixture
def passed(project, owner, pass_gate):
    """The first two gates, passed."""
    return [pass_gate(project, by=owner) for _ in range(2)]


@pytest.fixture
def reopen(portfolio_manager, now):
    def reopen(review, *, by=None, at=None):
        actor = Actor.for_user(by or portfolio_manager)
        return services.reopen_review(review=review, actor=actor, reason="The data was wrong.", now=at or now)

    return reopen


def stages(project):
    rows = Stage.objects.filter(process__project=project).order_by("position", "iteration")
    return [(row.key, row.iteration, row.state) for row in rows if row.position < 4]


def test_new_iterations_start_from_its_stage_through_the_current_one(project, passed, reopen, now, stage_of):
    reopen(passed[1], at=now + DAY)

    assert stages(project) == [
        ("initiation", 1, "passed"),
        ("requirements", 1, "passed"),
        ("requirements", 2, "active"),
        ("data", 1, "closed"),
        ("data", 2, "pending"),
    ]
    closed = Stage.objects.get(process__project=project, key="data", iteration=1)
    assert (closed.decision, closed.ended_at) == ("", now + DAY)
    found = Reopening.objects.get()
    assert (found.review, found.stage.key, found.stage.iteration) == (passed[1], "requirements", 2)
    rework = Rework.objects.get()
    assert (rework.from_stage, rework.to_stage, rework.reason) == ("data", "requirements", "other")
    assert (rework.started_on, rework.ended_on) == ((now + DAY).date(), None)


def frozen(review):
    """Every column of the round, its votes and its stage, but that the iteration is no longer the newest."""
    rows = [*GateReview.objects.filter(pk=review.pk), *Vote.objects.filter(review=review), *review.seats.all()]
    told = serializers.serialize("json", [*rows, *review.conditions.all()])
    stage = Stage.objects.filter(pk=review.stage_id).values().get()
    return told, {name: value for name, value in stage.items() if name != "superseded"}


def test_nothing_that_was_decided_is_edited(passed, reopen, browse, owner):
    before = [frozen(review) for review in passed]

    reopen(passed[0])

    assert [frozen(review) for review in passed] == before
    assert Entry.objects.filter(verb="review.reopened").get().data["reason"] == "The data was wrong."
    page = browse(owner).get(passed[0].stage.get_absolute_url())
    assert "opened this gate again" in page.content.decode()
    assert page.context["tn"]["then"]["decision"] == "go"


def test_the_rework_ends_when_the_stage_it_left_is_the_current_one_again(
    project, owner, passed, reopen, pass_gate, now
):
    reopen(passed[1])

    pass_gate(project, by=owner, at=now + 3 * DAY)

    assert Rework.objects.get().ended_on == (now + 3 * DAY).date()


def test_a_killed_project_is_active_again(project, owner, passed, ask, stage_of, vote, holder, reopen):
    review = ask(stage_of(project), by=owner, despite_blockers=True)
    for role in review.deciders[: review.quorum]:
        review = vote(review, holder(project, role), "kill")
    assert review.decision == "kill"

    reopen(review)

    project.refresh_from_db()
    assert project.state == "active"
    assert (stage_of(project).key, stage_of(project).iteration) == ("data", 2)


def test_only_the_latest_decision_of_the_newest_iteration_opens_again(project, owner, passed, reopen, pass_gate):
    reopen(passed[1])

    with pytest.raises(NotToBeReopened):
        reopen(passed[1])
    again = pass_gate(project, by=owner)
    with pytest.raises(NotToBeReopened):
        reopen(passed[1])
    assert reopen(again).pk == again.pk


def test_it_waits_for_an_open_round_a_hold_and_an_archive(project, owner, passed, ask, stage_of, reopen, now):
    review = ask(stage_of(project), by=owner, despite_blockers=True)
    with pytest.raises(ReviewAlreadyOpen):
        reopen(passed[0])
    services.withdraw_review(review=review, actor=Actor.for_user(owner), now=now)
    with pytest.raises(NotToBeReopened):
        reopen(review)
    Project.objects.filter(pk=project.pk).update(state="on_hold")
    with pytest.raises(ProjectOnHold):
        reopen(passed[0])
    archive_project(project=project, actor=Actor.for_user(owner), now=now)
    with pytest.raises(ProjectArchived):
        reopen(passed[0])


def test_a_person_who_runs_the_portfolio_does_it(passed, owner, gatekeeper, reopen, portfolio_manager, now):
    for other in (owner, gatekeeper):
        with pytest.raises(PermissionDenied):
            reopen(passed[0], by=other)
    with pytest.raises(HumanSessionRequired):
        services.reopen_review(review=passed[0], actor=Actor.system(), reason="x", now=now)


def test_the_page_says_what_it_does_before_the_click(browse, passed, portfolio_manager, owner, project):
    page = passed[1].stage.get_absolute_url()
    assert "Open this gate again" not in browse(owner).get(page).content.decode()
    shown = browse(portfolio_manager).get(page).content.decode()
    assert "Open this gate again" in shown
    assert "The decision and its votes stay as they are." in shown

    browse(portfolio_manager).post(f"/reviews/{passed[1].pk}/reopen/", {"reason": "New facts"})

    assert Reopening.objects.get().reason == "New facts"


def test_the_api_tells_who_opened_it_again(api, passed, portfolio_manager):
    made = api(portfolio_manager).post(
        f"/api/v1/reviews/{passed[1].pk}/reopen/", {"reason": "New facts"}, format="json"
    )

    assert made.status_code == 201
    told = made.json()
    assert (told["decision"], told["reopened"]["by"], told["reopened"]["reason"]) == (
        "go", "portfolio-manager", "New facts",
    )  # fmt: skip
