"""One proof for several checks, and later revisions of it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.actor import Actor
from accounts.models import User
from common.errors import PermissionDenied, ValidationFailed
from journal.models import Entry
from lifecycle import services
from lifecycle.errors import (
    EvidenceAlreadyAttached,
    EvidenceTooOld,
    ProjectNotActive,
    SeparationOfDuties,
    StageClosed,
)
from lifecycle.models import Check, CheckEvidence, GateReview
from lifecycle.selectors import authors, gather, readiness
from projects.models import Project
from projects.services import archive_project
from records.errors import EvidenceAlreadyWithdrawn, EvidenceRevised
from records.models import Evidence
from records.services import withdraw_evidence
from tests.fixtures.gates import MeetAll, StageOf, Vote
from tests.fixtures.proofs import CheckOf, Link

pytestmark = [pytest.mark.core, pytest.mark.django_db]


def proofs_of(check: Check) -> list[int]:
    return list(CheckEvidence.objects.standing().filter(check_row=check).values_list("evidence_id", flat=True))


def test_one_proof_serves_several_checks(
    project: Project, owner: User, stage_of: StageOf, link: Link, also: Link, blockers_of: Any
) -> None:
    evidence = link(project, "charter", by=owner)

    assert also(project, "positioning", evidence, by=owner) == evidence

    assert {"charter", "positioning"}.isdisjoint(blockers_of(stage_of(project)))
    entry = Entry.objects.newest_first()[0]
    assert (entry.verb, entry.object, entry.data["key"]) == (
        "evidence.attached",
        f"evidence:{evidence.pk}",
        "positioning",
    )


def test_a_revision_takes_its_place_in_every_check_it_serves(
    project: Project, owner: User, check_of: CheckOf, link: Link, also: Link, revise: Link
) -> None:
    first = also(project, "positioning", link(project, "charter", by=owner), by=owner)
    other = link(project, "budget_plan", by=owner)

    second = revise(first, by=owner, title="Charter, as agreed")

    assert [proofs_of(check_of(project, key)) for key in ("charter", "positioning", "budget_plan")] == [
        [second.pk],
        [second.pk],
        [other.pk],
    ]
    assert CheckEvidence.objects.get(check_row=check_of(project, "charter"), evidence=first).replaced
    entry = Entry.objects.newest_first()[0]
    assert (entry.verb, entry.data["revision"], entry.data["checks"]) == (
        "evidence.revised",
        2,
        ["charter", "positioning"],
    )


def test_a_file_revises_a_link(project: Project, owner: User, check_of: CheckOf, link: Link, now: datetime) -> None:
    first, file = link(project, "charter", by=owner), SimpleUploadedFile("charter.txt", b"What, for whom, why.")

    second = services.revise_with_file(evidence=first, actor=Actor.for_user(owner), file=file, now=now)

    assert (second.revises, second.title, len(second.sha256)) == (first, "charter", 64)
    assert proofs_of(check_of(project, "charter")) == [second.pk]


def test_a_revision_moves_the_packet_and_voids_the_votes(
    ready: GateReview, project: Project, owner: User, holder: Any, vote: Vote, revise: Link
) -> None:
    vote(ready, holder(project, "finance_partner"), "go")
    before = ready.packet

    revise(Evidence.objects.get(title="charter"), by=owner)

    with pytest.raises(Exception, match="not counted"):
        vote(ready, holder(project, "sponsor"), "go")
    ready.refresh_from_db()
    assert ready.packet != before
    assert not ready.votes.filter(state="standing").exists()


def test_an_iteration_that_is_over_keeps_what_it_had(
    project: Project, owner: User, check_of: CheckOf, pass_gate: Any, also: Link, revise: Link, stage_of: StageOf
) -> None:
    review = pass_gate(project, by=owner)
    packet, basis = review.packet, review.basis
    charter = Evidence.objects.get(title="charter")
    also(project, "intended_use", charter, by=owner)

    fresh = revise(charter, by=owner)

    assert proofs_of(check_of(project, "charter")) == [charter.pk]
    assert proofs_of(check_of(project, "intended_use")) == [fresh.pk]
    review.refresh_from_db()
    assert (review.packet, review.basis) == (packet, basis)


def test_a_check_that_a_condition_defers_takes_the_revision_behind_its_gate(
    project: Project,
    owner: User,
    holder: Any,
    check_of: CheckOf,
    stage_of: StageOf,
    meet_all: MeetAll,
    ask: Any,
    vote: Vote,
    link: Link,
    revise: Link,
    in_days: Any,
) -> None:
    meet_all(stage_of(project), by=owner, leave=("charter",))
    review = ask(stage_of(project), by=owner, despite_blockers=True)
    condition = {"text": "Bring it", "owner": owner, "due_on": in_days(30), "check": "charter"}
    vote(review, holder(project, "finance_partner"), "conditional_go", conditions=[condition])
    vote(review, holder(project, "sponsor"), "conditional_go")

    second = revise(link(project, "charter", by=owner), by=owner)

    assert proofs_of(check_of(project, "charter")) == [second.pk]


def test_signatures_fall_in_every_stage_that_the_revision_touches(
    make_project: Any,
    owner: User,
    add_member: Any,
    holder: Any,
    check_of: CheckOf,
    link: Link,
    also: Link,
    revise: Link,
    now: datetime,
) -> None:
    project = make_project("REG", level="regulated", creator=owner)
    ops, security = add_member(project, "ops", ["owner"], ["ops_lead"]).user, holder(project, "security_lead")
    evidence = also(project, "threat_model", link(project, "monitoring_live", by=owner), by=owner)
    for key, signer in (("ops_signature", ops), ("security_signature", security)):
        check = check_of(project, key)
        actor = Actor.for_user(signer)
        services.answer_check(check=check, actor=actor, version=check.version, state="met", now=now)

    revise(evidence, by=ops)

    assert check_of(project, "ops_signature").answer == "open"
    assert check_of(project, "security_signature").answer == "met"


def test_a_withdrawn_revision_brings_no_older_one_back(
    project: Project, owner: User, stage_of: StageOf, link: Link, revise: Link, blockers_of: Any, now: datetime
) -> None:
    second = revise(link(project, "charter", by=owner), by=owner)

    withdraw_evidence(evidence=second, actor=Actor.for_user(owner), reason="Wrong file", version=1, now=now)

    assert blockers_of(stage_of(project))["charter"] == "evidence_missing"
    third = revise(second, by=owner)
    assert "charter" not in blockers_of(stage_of(project))
    assert (third.revision, third.first) == (3, second.revises)


def test_only_the_latest_revision_is_revised_or_attached(
    project: Project, owner: User, link: Link, revise: Link, also: Link
) -> None:
    first = link(project, "charter", by=owner)
    second = revise(first, by=owner)

    for act in (lambda: revise(first, by=owner), lambda: also(project, "positioning", first, by=owner)):
        with pytest.raises(EvidenceRevised) as refusal:
            act()
        assert refusal.value.extra == {"newest": second.pk}
    assert Evidence.objects.count() == 2


def test_proof_of_another_project_is_not_found(
    project: Project, make_project: Any, owner: User, link: Link, also: Link, make_user: Any
) -> None:
    elsewhere = make_project("SIDE", creator=owner)
    foreign = link(elsewhere, "charter", by=owner)

    with pytest.raises(ValidationFailed) as refusal:
        also(project, "charter", foreign, by=owner)

    assert [(error.pointer, error.code) for error in refusal.value.errors] == [("/evidence", "not_found")]


def test_withdrawn_proof_and_proof_that_serves_already_are_refused(
    project: Project, owner: User, link: Link, also: Link, now: datetime
) -> None:
    evidence = link(project, "charter", by=owner)
    with pytest.raises(EvidenceAlreadyAttached):
        also(project, "charter", evidence, by=owner)

    withdraw_evidence(evidence=evidence, actor=Actor.for_user(owner), reason="Wrong", version=1, now=now)

    with pytest.raises(EvidenceAlreadyWithdrawn):
        also(project, "positioning", evidence, by=owner)


def test_a_contributor_revises_their_own_proof_only(
    project: Project, contributor: User, owner: User, check_of: CheckOf, link: Link, revise: Link
) -> None:
    theirs, mine = link(project, "charter", by=owner), link(project, "budget_plan", by=contributor)

    with pytest.raises(PermissionDenied):
        revise(theirs, by=contributor)

    assert proofs_of(check_of(project, "charter")) == [theirs.pk]
    fresh = revise(mine, by=contributor)
    assert proofs_of(check_of(project, "budget_plan")) == [fresh.pk]


def loop_back(project: Project, owner: User, holder: Any, ask: Any, vote: Vote, stage: Any, at: datetime) -> None:
    review = ask(stage, by=owner, despite_blockers=True, at=at)
    for role in ("data_owner", "privacy_officer"):
        vote(review, holder(project, role), "recycle", return_to="data", reason="data_quality", at=at)


def test_what_is_done_again_takes_no_proof_from_before_the_loop(
    project: Project,
    owner: User,
    pass_gate: Any,
    holder: Any,
    ask: Any,
    vote: Vote,
    stage_of: StageOf,
    check_of: CheckOf,
    link: Link,
    also: Link,
    revise: Link,
    now: datetime,
) -> None:
    pass_gate(project, by=owner)
    pass_gate(project, by=owner)
    old = link(project, "datasheet", by=owner)
    register = link(project, "source_register", by=owner)
    loop_back(project, owner, holder, ask, vote, stage_of(project), now + timedelta(hours=1))
    assert check_of(project, "datasheet").carried == "redo"
    carried = CheckEvidence.objects.get(check_row=check_of(project, "source_register"))
    assert (carried.evidence, carried.linked_by, carried.carried) == (register, owner, True)

    with pytest.raises(EvidenceTooOld):
        also(project, "datasheet", old, by=owner, at=now + timedelta(hours=2))

    with pytest.raises(EvidenceTooOld):
        link(project, "datasheet", by=owner, at=now + timedelta(hours=2), effective_at=now)
    with pytest.raises(EvidenceTooOld):
        revise(link(project, "datasheet", by=owner, at=now + timedelta(hours=2)), by=owner, effective_at=now)
    fresh = revise(old, by=owner, at=now + timedelta(hours=2))
    assert also(project, "datasheet", fresh, by=owner, at=now + timedelta(hours=2)) == fresh


def test_who_brings_proof_of_others_is_an_author_too(
    project: Project,
    owner: User,
    holder: Any,
    check_of: CheckOf,
    stage_of: StageOf,
    link: Link,
    also: Link,
    now: datetime,
) -> None:
    ops = holder(project, "ops_lead")
    evidence = link(project, "charter", by=owner)
    also(project, "monitoring_live", evidence, by=ops)

    stage = stage_of(project, "deployment")
    assert set(authors(gather([stage], today=now.date())[stage.pk])) == {owner.pk, ops.pk}
    check = check_of(project, "ops_signature")
    with pytest.raises(SeparationOfDuties):
        services.answer_check(check=check, actor=Actor.for_user(ops), version=check.version, state="met", now=now)


def test_a_viewer_revises_and_attaches_nothing(
    project: Project, owner: User, viewer: User, link: Link, revise: Link, also: Link
) -> None:
    evidence = link(project, "charter", by=owner)

    for act in (lambda: revise(evidence, by=viewer), lambda: also(project, "positioning", evidence, by=viewer)):
        with pytest.raises(PermissionDenied):
            act()


def test_proof_of_an_archived_project_is_not_revised(
    project: Project, owner: User, link: Link, revise: Link, now: datetime
) -> None:
    evidence = link(project, "charter", by=owner)
    archive_project(project=project, actor=Actor.for_user(owner), now=now)

    with pytest.raises(ProjectNotActive):
        revise(evidence, by=owner)


def test_a_decided_check_takes_no_proof_of_the_project(
    project: Project, owner: User, pass_gate: Any, link: Link, also: Link
) -> None:
    pass_gate(project, by=owner)
    evidence = link(project, "intended_use", by=owner)

    with pytest.raises(StageClosed):
        also(project, "charter", evidence, by=owner)


def test_expired_proof_is_revised_and_meets_again(
    project: Project, owner: User, stage_of: StageOf, check_of: CheckOf, revise: Link, blockers_of: Any, now: datetime
) -> None:
    check, actor = check_of(project, "charter"), Actor.for_user(owner)
    evidence = services.attach_link(
        check=check, actor=actor, url="https://x.example/", title="x", valid_until=now.date(), now=now
    )
    assert blockers_of(stage_of(project), days=1)["charter"] == "evidence_expired"

    revise(evidence, by=owner)

    assert "charter" not in blockers_of(stage_of(project), days=1)
    assert readiness(stage_of(project), today=now.date()).of("charter").check.proofs[0].valid_until is None
