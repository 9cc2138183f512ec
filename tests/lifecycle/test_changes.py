"""Between two reviews of what runs: a change, the checks it turns stale, and who settles it."""

import pytest

from accounts.actor import Actor
from common.errors import HumanSessionRequired, PermissionDenied, ValidationFailed
from journal.models import Entry, Notice
from lifecycle import services
from lifecycle.errors import (
    ChangeIsOver,
    ChangeNeedsReview,
    ChangeNotReady,
    NoChangeLane,
    ProjectOnHold,
    SeparationOfDuties,
    StageClosed,
)
from lifecycle.models import Change, Check, Stage
from lifecycle.selectors import frozen_states, readiness, shown_checks, standing_of
from projects.models import Project
from records.models import Subject
from records.services import push_metric

pytestmark = [pytest.mark.core, pytest.mark.django_db]


@pytest.fixture
def confirm(now):
    def act(change, by):
        return services.confirm_change(change=change, actor=Actor.for_user(by), now=now)

    return act


@pytest.fixture
def withdraw(now):
    def act(change, by, reason="Rolled back."):
        return services.withdraw_change(change=change, actor=Actor.for_user(by), reason=reason, now=now)

    return act


@pytest.fixture
def keys_left(now):
    """`keys_left(change)`: keys of its checks that are not met again."""

    def read(change):
        standing = standing_of([Change.objects.with_process().get(pk=change.pk)], today=now.date())[0]
        return {named.one.check.key for named in standing.left}

    return read


# --- opening


@pytest.mark.parametrize(("part", "before"), [("model", "m1"), ("prompt", "p1")])
def test_a_change_names_exactly_the_checks_that_turned_stale_through_it(
    in_service, worker, open_change, now, part, before
):
    project = in_service()
    passed = Check.objects.filter(stage__process__project=project, stage__ended_at__isnull=False)
    declared = {check.key for check in passed if part in check.item.depends_on}

    change = open_change(project, worker, **{part: "another"})

    assert set(change.checks) == declared != set()
    assert change.moved == {part: [before, "another"]}
    assert change.material
    assert getattr(Subject.objects.get(project=project), part) == "another"
    states = {
        one.check.key: one.state
        for stage in Stage.objects.newest().with_process().filter(process__project=project)
        for one in readiness(stage, today=now.date()).checks
    }
    assert {key for key, state in states.items() if state == "stale"} == declared


def test_a_change_that_a_report_made_already_names_what_it_turned_stale(in_service, worker, open_change, now):
    project = in_service()
    push_metric(
        project=project,
        actor=Actor.for_user(worker),
        metric="task_quality",
        value=90.0,
        run_id="nightly",
        measured_at=now,
        subject={"prompt": "p2"},
        now=now,
    )

    change = open_change(project, worker, prompt="p2")

    assert change.moved == {"prompt": ["p1", "p2"]}
    assert "human_trial" in change.checks


def test_going_back_to_an_older_value_is_a_change_too(in_service, worker, open_change, keys_left):
    project = in_service()
    open_change(project, worker, prompt="p2")

    back = open_change(project, worker, prompt="p1")

    assert (back.moved, back.checks) == ({"prompt": ["p2", "p1"]}, [])
    assert keys_left(back) == set()


def test_before_the_recurring_stage_there_is_no_lane(project, contributor, open_change):
    with pytest.raises(NoChangeLane):
        open_change(project, contributor, model="m2")

    assert not Subject.objects.filter(project=project).exists()


def test_a_change_names_what_changes(in_service, worker, open_change):
    with pytest.raises(ValidationFailed):
        open_change(in_service(), worker)


def test_a_viewer_opens_no_change(in_service, viewer, add_member, open_change):
    project = in_service(key="OTHER")
    add_member(project, viewer, ["view"])

    with pytest.raises(PermissionDenied):
        open_change(project, viewer, prompt="p2")


def test_on_hold_nothing_is_opened(in_service, worker, open_change):
    project = in_service()
    Project.objects.filter(pk=project.pk).update(state="on_hold")

    with pytest.raises(ProjectOnHold):
        open_change(project, worker, prompt="p2")


# --- the work


def test_checks_behind_their_gate_are_worked_on_while_a_change_asks_for_them(
    in_service, worker, open_change, meet_again, keys_left, stage_of, now
):
    project = in_service()
    check = Check.objects.get(stage__process__project=project, key="human_trial")
    with pytest.raises(StageClosed):
        services.attach_link(check=check, actor=Actor.for_user(worker), url="https://x.example/", now=now)
    change = open_change(project, worker, prompt="p2")
    assert keys_left(change) == {"primary_quality", "human_trial"}

    meet_again(change, by=worker, leave=("primary_quality",))

    assert keys_left(change) == {"primary_quality"}
    meet_again(change, by=worker)
    assert keys_left(change) == set()


def test_the_checks_of_a_running_change_are_shown_as_they_stand(
    in_service, worker, open_change, withdraw, stage_of, now
):
    project = in_service()
    change = open_change(project, worker, prompt="p2")
    stage = stage_of(project, "evaluation")

    def state():
        rows = shown_checks(stage_of(project, "evaluation"), today=now.date(), confidential=True)
        return next(row["state"] for row in rows if row["key"] == "human_trial")

    assert "human_trial" not in frozen_states(stage)
    assert state() == "stale"
    withdraw(change, worker)
    assert state() == "met"


def test_what_was_decided_stays_decided(in_service, worker, open_change, meet_again, stage_of):
    project = in_service()
    review = stage_of(project, "evaluation").reviews.decided().get()
    before = (review.packet, review.document, review.basis)

    meet_again(open_change(project, worker, prompt="p2"), by=worker)

    review.refresh_from_db()
    assert (review.packet, review.document, review.basis) == before


# --- confirming


def test_one_gatekeeper_confirms_a_change_whose_checks_are_met_again(
    nothing_is_material, in_service, worker, open_change, meet_again, holder, confirm
):
    project = in_service("standard")
    change = open_change(project, worker, prompt="p2")
    meet_again(change, by=worker)

    done = confirm(change, holder(project, "sponsor"))

    assert (done.state, done.closed_by.username) == ("confirmed", "sponsor")
    assert Entry.objects.filter(verb="change.confirmed", object=f"change:{change.pk}").count() == 1


def test_a_change_with_open_checks_is_not_confirmed_and_says_why(
    nothing_is_material, in_service, worker, open_change, meet_again, holder, confirm
):
    project = in_service("standard")
    change = open_change(project, worker, prompt="p2")
    meet_again(change, by=worker, leave=("human_trial",))

    with pytest.raises(ChangeNotReady) as refusal:
        confirm(change, holder(project, "sponsor"))

    assert [(one["check"], one["code"]) for one in refusal.value.extra["blockers"]] == [
        ("human_trial", "evidence_stale")
    ]


def test_a_material_check_asks_for_a_review(in_service, worker, open_change, meet_again, holder, confirm):
    project = in_service("standard")
    change = open_change(project, worker, prompt="p2")
    meet_again(change, by=worker)

    with pytest.raises(ChangeNeedsReview):
        confirm(change, holder(project, "sponsor"))


def test_a_contributor_confirms_nothing_above_lean(
    nothing_is_material, in_service, worker, open_change, meet_again, add_member, confirm
):
    project = in_service("standard")
    change = open_change(project, worker, prompt="p2")
    meet_again(change, by=worker)

    with pytest.raises(PermissionDenied):
        confirm(change, add_member(project, "helper", ["contribute"]).user)


def test_nobody_confirms_their_own_change_or_their_own_proof_above_lean(
    nothing_is_material, in_service, worker, open_change, meet_again, holder, confirm
):
    project = in_service("standard")
    opener, prover = holder(project, "sponsor"), holder(project, "risk_officer")
    change = open_change(project, opener, prompt="p2")
    meet_again(change, by=prover)

    for person in (opener, prover):
        with pytest.raises(SeparationOfDuties):
            confirm(change, person)

    assert confirm(change, holder(project, "ops_lead")).state == "confirmed"


def test_at_lean_whoever_works_confirms_also_their_own(
    nothing_is_material, in_service, worker, open_change, meet_again, confirm
):
    project = in_service()
    change = open_change(project, worker, prompt="p2")
    meet_again(change, by=worker)

    assert confirm(change, worker).state == "confirmed"


def test_no_token_confirms(nothing_is_material, in_service, worker, open_change, meet_again, actor_of, now):
    change = open_change(in_service(), worker, prompt="p2")
    meet_again(change, by=worker)

    with pytest.raises(HumanSessionRequired):
        services.confirm_change(change=change, actor=actor_of(worker, via="token"), now=now)


def test_a_change_is_confirmed_once(
    nothing_is_material, in_service, worker, open_change, meet_again, confirm, withdraw
):
    change = open_change(in_service(), worker, prompt="p2")
    meet_again(change, by=worker)
    confirm(change, worker)

    with pytest.raises(ChangeIsOver):
        confirm(change, worker)
    with pytest.raises(ChangeIsOver):
        withdraw(change, worker)


def test_a_change_without_stale_checks_is_confirmed_at_once(in_service, worker, open_change, holder, confirm):
    project = in_service("standard")
    change = open_change(project, worker, code="c1")

    assert change.checks == []
    assert confirm(change, holder(project, "sponsor")).state == "confirmed"


# --- withdrawing


def test_who_opened_it_and_the_owner_withdraw_a_change_and_the_subject_stays(
    in_service, worker, open_change, add_member, withdraw
):
    project = in_service()
    owner = add_member(project, "head", ["owner"]).user
    helper = add_member(project, "helper", ["contribute"]).user
    first, second = open_change(project, worker, prompt="p2"), open_change(project, worker, prompt="p3")

    with pytest.raises(PermissionDenied):
        withdraw(first, helper)
    assert withdraw(first, worker).state == "closed"
    assert withdraw(second, owner).state == "closed"

    assert Subject.objects.get(project=project).prompt == "p3"
    assert Entry.objects.filter(verb="change.withdrawn").first().data["reason"] == "Rolled back."


# --- telling


def test_who_confirms_is_told_once_when_only_their_word_is_missing(
    nothing_is_material, in_service, worker, open_change, meet_again, holder, confirm, now
):
    project = in_service("standard")
    sponsor = holder(project, "sponsor")
    change = open_change(project, worker, prompt="p2")
    assert services.announce_changes(now=now) == 0
    meet_again(change, by=worker)

    assert (services.announce_changes(now=now), services.announce_changes(now=now)) == (1, 0)

    told = Notice.objects.filter(kind="change.ready").values_list("recipient_id", flat=True)
    assert sponsor.pk in told
    assert worker.pk not in told
    confirm(change, sponsor)
    assert not Notice.objects.of(sponsor.pk).filter(kind="change.ready").unread(now).exists()
