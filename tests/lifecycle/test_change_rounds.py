"""Rounds about a change: just its checks, decided like any gate, while the recurring stage goes on."""

from datetime import timedelta

import pytest

from accounts.actor import Actor
from common.errors import ValidationFailed
from lifecycle import services
from lifecycle.errors import ChangeIsOver, ChangesRun, CriteriaNotMet, GateBlocked, PacketChanged
from lifecycle.models import Change, Condition, Stage
from lifecycle.selectors import readiness
from projects.models import Project

pytestmark = [pytest.mark.core, pytest.mark.django_db]


@pytest.fixture
def running(in_service, worker, open_change):
    """A lean project in service, whose prompt changes; a material check is stale."""
    return open_change(in_service(), worker, prompt="p2")


@pytest.fixture
def project(running):
    return Project.objects.get(pk=running.stage.process.project_id)


@pytest.fixture
def sponsor(project, holder):
    return holder(project, "sponsor")


@pytest.fixture
def round_about(stage_of, project, worker, ask):
    def begin(change, **options):
        return ask(stage_of(project), by=worker, change=change.pk, **options)

    return begin


def fresh(change):
    return Change.objects.get(pk=change.pk)


def test_a_round_about_a_change_reads_just_its_checks(running, project, worker, meet_again, round_about):
    meet_again(running, by=worker)

    review = round_about(running)

    assert review.change_id == running.pk
    assert {row["key"] for row in review.document["checks"]} == set(running.checks)
    assert (review.document["stage"], review.document["joint"]) == (
        "maintenance",
        [{"stage": "evaluation", "iteration": 1}],
    )
    assert fresh(running).state == "in_review"


def test_it_is_blocked_by_its_own_checks_alone(running, project, round_about, worker, meet_again):
    with pytest.raises(GateBlocked) as refusal:
        round_about(running)
    assert {blocker["check"] for blocker in refusal.value.extra["blockers"]} == set(running.checks)
    assert fresh(running).state == "open"

    meet_again(running, by=worker)

    assert round_about(running).is_open


def test_a_go_confirms_the_change_and_the_stage_goes_on(
    running, project, worker, meet_again, round_about, vote, sponsor, stage_of
):
    meet_again(running, by=worker)
    before = stage_of(project)

    decided = vote(round_about(running), sponsor, "go")

    after = stage_of(project)
    assert (decided.state, decided.decision) == ("decided", "go")
    assert fresh(running).state == "confirmed"
    assert (after.pk, after.iteration, after.state, after.ended_at) == (before.pk, before.iteration, "active", None)
    assert Project.objects.get(pk=project.pk).state == "active"


def test_a_conditional_go_defers_what_is_still_stale(
    running, project, worker, meet_again, round_about, vote, sponsor, in_days, now, stage_of
):
    meet_again(running, by=worker, leave=("human_trial",))
    review = round_about(running, despite_blockers=True)
    with pytest.raises(CriteriaNotMet):
        vote(review, sponsor, "go")
    condition = {"text": "Try it again", "owner": worker, "due_on": in_days(7), "check": "human_trial"}

    vote(review, sponsor, "conditional_go", conditions=[condition])

    assert fresh(running).state == "confirmed"
    assert Condition.objects.get().check_key == "human_trial"
    answer = readiness(stage_of(project, "evaluation"), today=now.date())
    assert answer.of("human_trial").state == "deferred"


def test_hold_pauses_the_project_and_leaves_the_change_open(running, project, round_about, vote, sponsor, in_days):
    vote(round_about(running, despite_blockers=True), sponsor, "hold", until=in_days(9))

    assert fresh(running).state == "open"
    assert Project.objects.get(pk=project.pk).state == "on_hold"


def test_recycle_goes_back_and_ends_every_change(
    running, project, worker, open_change, round_about, vote, sponsor, stage_of
):
    other = open_change(project, worker, code="c2")
    back = stage_of(project).definition.return_to[0]

    vote(round_about(running, despite_blockers=True), sponsor, "recycle", return_to=back, reason="safety")

    assert stage_of(project).key == back
    assert [fresh(one).state for one in (running, other)] == ["closed", "closed"]
    assert Stage.objects.filter(process__project=project, key="maintenance", iteration=2).exists()


def test_kill_retires_what_runs_and_ends_the_change(running, project, round_about, vote, sponsor):
    vote(round_about(running, despite_blockers=True), sponsor, "kill")

    assert fresh(running).state == "closed"
    assert Project.objects.get(pk=project.pk).state == "retired"


def test_withdrawing_the_request_opens_the_change_again(running, worker, round_about, now):
    review = round_about(running, despite_blockers=True)

    services.withdraw_review(review=review, actor=Actor.for_user(worker), now=now)

    assert fresh(running).state == "open"


def test_a_change_in_review_is_neither_confirmed_nor_withdrawn(running, worker, round_about, now):
    round_about(running, despite_blockers=True)

    with pytest.raises(ChangeIsOver):
        services.confirm_change(change=running, actor=Actor.for_user(worker), now=now)
    with pytest.raises(ChangeIsOver):
        services.withdraw_change(change=running, actor=Actor.for_user(worker), reason="x", now=now)


def test_a_moved_fact_voids_the_votes_as_at_any_gate(
    running, project, worker, meet_again, round_about, sponsor, now, vote
):
    meet_again(running, by=worker)
    review = round_about(running)
    meet_again(running, by=worker, leave=("primary_quality",))

    with pytest.raises(PacketChanged):
        vote(review, sponsor, "go")

    assert fresh(running).state == "in_review"


def test_the_ordinary_review_waits_for_the_changes(
    running, project, worker, stage_of, ask, meet_all, vote, sponsor, in_days, now
):
    meet_all(stage_of(project), by=worker)

    with pytest.raises(ChangesRun):
        ask(stage_of(project), by=worker)
    review = ask(stage_of(project), by=worker, despite_blockers=True)
    with pytest.raises(ChangesRun):
        vote(review, sponsor, "go")
    vote(review, sponsor, "hold", until=in_days(5))

    assert fresh(running).state == "open"


def test_the_ordinary_review_goes_on_once_changes_are_settled(
    running, project, worker, meet_again, round_about, stage_of, ask, meet_all, vote, sponsor
):
    meet_again(running, by=worker)
    vote(round_about(running), sponsor, "go")
    meet_all(stage_of(project), by=worker)

    vote(ask(stage_of(project), by=worker), sponsor, "go")

    assert stage_of(project).iteration == 2


@pytest.mark.parametrize("options", [{"extraordinary": True}, {"through": "maintenance"}])
def test_a_change_is_reviewed_by_itself(running, round_about, options, project, owner_of):
    with pytest.raises(ValidationFailed):
        round_about(running, **options)


@pytest.fixture
def owner_of(project, add_member, worker):
    """The worker may open extraordinary reviews, too."""
    services_member = project.memberships.get(user=worker)
    type(services_member).objects.filter(pk=services_member.pk).update(owner=True)


def test_a_change_of_another_project_is_not_found(running, in_service, worker, stage_of, ask, make_project):
    with pytest.raises(ValidationFailed):
        ask(stage_of(make_project("OTHER", creator=worker)), by=worker, change=running.pk, despite_blockers=True)


def test_the_api_asks_for_the_review_of_a_change(running, project, worker, meet_again, api):
    meet_again(running, by=worker)
    url = f"/api/v1/projects/{project.key}/stages/maintenance/reviews/"

    response = api(worker).post(url, {"change": running.pk}, format="json")

    assert (response.status_code, response.json()["change"]) == (201, running.pk), response.json()
    told = api(worker).get(f"/api/v1/changes/{running.pk}/").json()
    assert (told["state"], told["review"]) == ("in_review", response.json()["id"])


def test_after_a_hold_the_day_may_pass_and_the_change_is_reviewed_again(
    running, project, worker, meet_again, round_about, vote, sponsor, in_days, now
):
    vote(round_about(running, despite_blockers=True), sponsor, "hold", until=in_days(2))
    services.resume_project(project=project, actor=Actor.system("test"), now=now + timedelta(days=2))
    meet_again(running, by=worker)

    assert vote(round_about(running), sponsor, "go").round == 2
    assert fresh(running).state == "confirmed"


def test_a_gate_that_passed_asks_for_no_new_review_once_a_change_is_decided(
    running, project, worker, meet_again, round_about, vote, sponsor, browse, api
):
    gate, status = f"/projects/{project.key}/gates/evaluation/", f"/api/v1/projects/{project.key}/status/"
    services.withdraw_change(change=running, actor=Actor.for_user(worker), reason="x", now=running.opened_at)
    assert 'id="new-review"' in browse(worker).get(gate).content.decode()
    assert "evaluation" in api(worker).get(status).json()["new_review_needed"]
    again = services.open_change(
        project=project, actor=Actor.for_user(worker), text="Again", subject={"prompt": "p2"}, now=running.opened_at
    )
    assert 'id="new-review"' not in browse(worker).get(gate).content.decode()
    meet_again(again, by=worker)

    vote(round_about(again), sponsor, "go", at=running.opened_at + timedelta(hours=1))

    assert 'id="new-review"' not in browse(worker).get(gate).content.decode()
    assert api(worker).get(status).json()["new_review_needed"] == []
