"""Answers, proof, waivers, limits: what people do to a check and what is refused."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from common.errors import PermissionDenied, ValidationFailed, VersionMismatch
from lifecycle import services
from lifecycle.errors import AlreadyWaived, ComputedCheck, SeparationOfDuties, WaiverNeedsSecond
from lifecycle.models import Check
from projects.models import Project
from records.services import push_metric, set_subject

pytestmark = [pytest.mark.core, pytest.mark.django_db]


@pytest.fixture
def answer(now):
    def give(check, user, state=None, **changes):
        if state is not None:
            changes["state"] = state
        version = changes.pop("version", check.version)
        return services.answer_check(check=check, actor=Actor.for_user(user), version=version, now=now, **changes)

    return give


def test_a_manual_check_is_ticked_and_opened_again(project, owner, check_of, answer):
    ticked = answer(check_of(project, "simpler_option"), owner, "met")

    assert (ticked.answer, ticked.answered_by) == ("met", owner)
    assert answer(ticked, owner, "open").answered_by is None


@pytest.mark.parametrize("key", ["resource_readiness_ok", "first_risks", "schema_checks", "charter"])
def test_a_computed_check_takes_no_tick(project, owner, check_of, answer, key):
    with pytest.raises(ComputedCheck):
        answer(check_of(project, key), owner, "met")


def test_work_on_a_later_stage_is_not_held_back(project, owner, check_of, answer):
    assert answer(check_of(project, "safe_failure"), owner, "met").answer == "met"


def test_of_two_editors_one_is_told_that_the_check_moved(project, owner, check_of, answer):
    check = check_of(project, "simpler_option")
    answer(check, owner, note="mine")

    with pytest.raises(VersionMismatch):
        answer(check, owner, note="theirs", version=1)


def test_only_a_member_is_given_a_check(project, owner, stranger, check_of, answer):
    with pytest.raises(ValidationFailed):
        answer(check_of(project, "charter"), owner, assignee=stranger)


def test_a_viewer_answers_nothing(project, viewer, check_of, answer):
    with pytest.raises(PermissionDenied):
        answer(check_of(project, "simpler_option"), viewer, "met")


def test_an_approval_is_signed_by_a_holder_of_its_role_only(
    project, owner, holder, check_of, answer, blockers_of, stage_of
):
    check = check_of(project, "ops_signature")
    with pytest.raises(PermissionDenied):
        answer(check, owner, "met")

    signed = answer(check, holder(project, "ops_lead"), "met")

    assert signed.answer == "met"
    assert "ops_signature" not in blockers_of(stage_of(project, "deployment"))


def test_nobody_signs_an_approval_that_rests_on_their_own_evidence(project, holder, check_of, answer, now):
    ops = holder(project, "ops_lead")
    services.attach_link(
        check=check_of(project, "monitoring_live"),
        actor=Actor.for_user(ops),
        url="https://m.example",
        title="m",
        now=now,
    )

    with pytest.raises(SeparationOfDuties):
        answer(check_of(project, "ops_signature"), ops, "met")


def test_not_applicable_needs_a_reason_and_a_second_person_who_decides(
    project, owner, holder, check_of, answer, blockers_of, stage_of
):
    check = check_of(project, "simpler_option")
    with pytest.raises(ValidationFailed):
        answer(check, owner, "not_applicable")
    said = answer(check, owner, "not_applicable", note="The law asks for this model.")
    assert blockers_of(stage_of(project))["simpler_option"] == "check_open"

    answer(said, holder(project, "sponsor"), "not_applicable")

    assert "simpler_option" not in blockers_of(stage_of(project))


def test_a_file_proves_a_check(project, owner, check_of, blockers_of, stage_of, now):
    file = SimpleUploadedFile("charter.txt", b"What, for whom, why.", "text/plain")

    proof = services.attach_file(check=check_of(project, "charter"), actor=Actor.for_user(owner), file=file, now=now)

    assert len(proof.sha256) == 64
    assert "charter" not in blockers_of(stage_of(project))


def test_a_file_is_read_before_its_project_is_locked(project, owner, check_of, now):
    check, asked_before = check_of(project, "charter"), []

    class Slow(SimpleUploadedFile):
        def chunks(self, chunk_size=None):
            asked_before.extend(query["sql"] for query in queries)
            return super().chunks(chunk_size)

    with CaptureQueriesContext(connection) as queries:
        file = Slow("charter.txt", b"What, for whom, why.", "text/plain")
        services.attach_file(check=check, actor=Actor.for_user(owner), file=file, now=now)

    assert not [sql for sql in asked_before if "SAVEPOINT" in sql or "UPDATE" in sql]
    assert any("SAVEPOINT" in query["sql"] for query in queries)


def test_proof_carries_the_parts_it_depends_on_and_turns_stale_with_them(
    project, owner, check_of, blockers_of, stage_of, now
):
    actor = Actor.for_user(owner)
    set_subject(project=project, actor=actor, parts={"model": "m 1", "dataset": "d 1"}, now=now)
    proof = services.attach_link(
        check=check_of(project, "model_registered"), actor=actor, url="https://r.example", title="r", now=now
    )
    assert proof.subject["model"] == "m 1"
    assert "model_registered" not in blockers_of(stage_of(project, "training"))

    set_subject(project=project, actor=actor, parts={"model": "m 2"}, now=now)

    assert blockers_of(stage_of(project, "training"))["model_registered"] == "evidence_stale"


def test_changing_the_model_turns_exactly_the_checks_stale_that_depend_on_it(
    project, owner, stage_of, meet_all, blockers_of, now
):
    actor = Actor.for_user(owner)
    set_subject(project=project, actor=actor, parts={"model": "m 1", "dataset": "d 1", "code": "c 1"}, now=now)
    training = stage_of(project, "training")
    meet_all(training, by=owner)
    assert blockers_of(training) == {}

    set_subject(project=project, actor=actor, parts={"model": "m 2"}, now=now + timedelta(hours=1))

    depending = {
        item.key
        for item in training.definition.items
        if "model" in item.depends_on and item.required_for("standard", [])
    }
    assert set(blockers_of(training)) == depending


def test_the_result_that_counts_is_the_latest_for_the_current_subject(
    project, owner, check_of, stage_of, blockers_of, now
):
    actor = Actor.for_user(owner)
    push = lambda value, model, run, minutes: push_metric(  # noqa: E731 - four uses
        project=project,
        actor=actor,
        metric="baseline_lift",
        value=value,
        run_id=run,
        subject={"model": model},
        measured_at=now - timedelta(minutes=60 - minutes),
        now=now,
    )
    push(1.0, "m 1", "r1", 1)
    push(9.0, "m 2", "r2", 2)
    push(1.0, "m 1", "r3", 3)

    assert "beats_baseline" not in blockers_of(stage_of(project, "training"))


def test_a_required_check_is_waived_by_two_different_gatekeepers(
    project, holder, check_of, blockers_of, stage_of, in_days, now
):
    check, first = check_of(project, "charter"), Actor.for_user(holder(project, "sponsor"))
    ask = {"reason": "Comes with the contract.", "until": in_days(10), "now": now}
    services.waive_check(check=check, actor=first, **ask)
    assert "charter" in blockers_of(stage_of(project))
    with pytest.raises(WaiverNeedsSecond):
        services.waive_check(check=check, actor=first, **ask)

    services.waive_check(check=check, actor=Actor.for_user(holder(project, "finance_partner")), **ask)

    assert "charter" not in blockers_of(stage_of(project))
    assert blockers_of(stage_of(project), days=11)["charter"] == "evidence_missing"
    with pytest.raises(AlreadyWaived):
        services.waive_check(check=check, actor=first, **ask)


def test_at_lean_one_gatekeeper_waives(make_project, holder, check_of, in_days, now):
    project = make_project("LEAN", level="lean")

    waiver = services.waive_check(
        check=check_of(project, "charter"),
        actor=Actor.for_user(holder(project, "sponsor")),
        reason="x",
        until=in_days(1),
        now=now,
    )

    assert waiver.granted_at


def test_a_killed_project_takes_no_more_work(project, owner, check_of, answer):
    Project.objects.filter(pk=project.pk).update(state="killed")

    with pytest.raises(Exception, match="not active"):
        answer(check_of(project, "simpler_option"), owner, "met")


def test_a_signature_is_not_taken_away_by_saying_that_it_does_not_apply(project, holder, contributor, check_of, now):
    """Neither alone nor as a first step: `not_applicable`, then `open`."""
    approval = Check.objects.filter(stage__process__project=project, kind="approval").first()
    role = check_of(project, approval.key).item.criterion["role"]
    signer = Actor.for_user(holder(project, role))
    signed = services.answer_check(
        check=check_of(project, approval.key), actor=signer, version=approval.version, state="met", now=now
    )

    for state in ("not_applicable", "open"):
        with pytest.raises(PermissionDenied):
            services.answer_check(
                check=signed, actor=Actor.for_user(contributor), version=signed.version, state=state, note="No", now=now
            )
    assert Check.objects.get(pk=signed.pk).answered_by == signer.user
    gone = services.answer_check(
        check=signed, actor=signer, version=signed.version, state="not_applicable", note="Not here", now=now
    )
    assert gone.answer == "not_applicable"
