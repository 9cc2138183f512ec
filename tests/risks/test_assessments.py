"""Questionnaires: scored, handed in, signed by others than who filled them in."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import yaml
from django.conf import settings

from accounts.actor import Actor
from accounts.models import User
from common import content
from common.errors import PermissionDenied, ValidationFailed, VersionMismatch
from journal.models import Entry, Notice
from projects.errors import ProjectArchived
from projects.models import Project
from projects.services import archive_project
from records.services import set_subject
from risks import criteria, services
from risks.errors import (
    AssessmentAlreadySigned,
    AssessmentDoesNotPass,
    AssessmentDraftExists,
    AssessmentNotDraft,
    AssessmentNotSubmitted,
    FillerCannotSign,
)
from risks.models import Assessment
from tests.fixtures.people import AddMember

pytestmark = pytest.mark.core
KEY = "transparency_accountability"


def all_yes(key: str = KEY, **changes: str) -> dict[str, str]:
    questions = content.questionnaires()[key]["questions"]
    return {question["key"]: "yes" for question in questions} | changes


@pytest.fixture
def counsel(project: Project, add_member: AddMember) -> User:
    return add_member(project, "counsel", ["contribute"], ["legal_counsel"]).user


@pytest.fixture
def officer(project: Project, add_member: AddMember) -> User:
    return add_member(project, "officer", ["decide"], ["risk_officer"]).user


@pytest.fixture
def submitted(project: Project, contributor: User, now: datetime) -> Assessment:
    return hand_in(project, contributor, now)


def hand_in(project: Project, person: User, now: datetime, **changes: str) -> Assessment:
    actor = Actor.for_user(person)
    row = services.save_assessment(project=project, actor=actor, key=KEY, answers=all_yes(**changes), now=now)
    return services.submit_assessment(assessment=row, actor=actor, now=now)


def sign(row: Assessment, person: User, now: datetime, role: str | None = None) -> Assessment:
    return services.sign_assessment(assessment=row, actor=Actor.for_user(person), role=role, now=now)


def demo_rows() -> list[Any]:
    demo = yaml.safe_load((settings.CONTENT_DIR / "demo.yaml").read_text("utf-8"))
    return [row for project in demo["projects"] for row in project["assessments"]]


@pytest.mark.parametrize("row", demo_rows(), ids=lambda row: row["assessment"])
def test_the_demo_scores_as_it_says(row: Any) -> None:
    questionnaire = content.questionnaires()[row["assessment"]]
    answers = {question["key"]: row["answers_default"] for question in questionnaire["questions"]} | row["answers"]

    result = criteria.score(questionnaire, answers)

    assert result.passes or row["status"] == "draft"


def test_the_percent_is_of_weighted_points() -> None:
    questionnaire = content.questionnaires()[KEY]

    full = criteria.score(questionnaire, all_yes())
    partly = criteria.score(questionnaire, all_yes(ta_limits="no", ta_staff="no"))

    # 14 of weight in all, 2 points each; two questions of weight 1 lost.
    assert (full.percent, partly.percent, partly.passes) == (100.0, 85.7, True)


def test_each_minimum_counts() -> None:
    result = criteria.score(content.questionnaires()[KEY], all_yes(ta_owner="partly"))

    assert (result.failing, result.passes) == (("ta_owner",), False)


def test_too_few_points_fail() -> None:
    half = dict.fromkeys(all_yes(), "partly") | {"ta_disclosed": "yes", "ta_owner": "yes"}

    result = criteria.score(content.questionnaires()[KEY], half)

    assert (result.failing, result.passes) == ((), False)


def test_what_does_not_apply_is_left_out() -> None:
    result = criteria.score(content.questionnaires()[KEY], all_yes(ta_labels="na", ta_suppliers="na"))

    assert (result.percent, result.passes) == (100.0, True)


def test_a_weak_dimension_fails_the_whole() -> None:
    key = "resource_readiness"
    answers = all_yes(key, rr_team="partly", rr_deputy="no")

    result = criteria.score(content.questionnaires()[key], answers)

    assert (result.weak, result.passes) == (("talent",), False)
    assert result.percent is not None
    assert result.percent > 70


def test_open_questions_let_nothing_pass() -> None:
    answers = all_yes()
    del answers["ta_staff"]

    result = criteria.score(content.questionnaires()[KEY], answers)

    assert (result.missing, result.passes) == (("ta_staff",), False)
    assert criteria.score(content.questionnaires()[KEY], {}).percent is None


def test_a_draft_is_filled_step_by_step(project: Project, contributor: User, now: datetime) -> None:
    actor = Actor.for_user(contributor)

    first = services.save_assessment(project=project, actor=actor, key=KEY, answers={"ta_owner": "partly"}, now=now)
    second = services.save_assessment(project=project, actor=actor, key=KEY, answers=all_yes(), now=now)

    assert (first.pk, second.percent, second.version) == (second.pk, 100.0, 2)
    assert Entry.objects.newest_first()[0].verb == "assessment.saved"


@pytest.mark.parametrize(
    ("answers", "pointer", "code"),
    [
        ({"ta_nothing": "yes"}, "/answers/ta_nothing", "unknown_field"),
        ({"ta_owner": "maybe"}, "/answers/ta_owner", "invalid_choice"),
        ({"ta_owner": "na"}, "/answers/ta_owner", "invalid_choice"),
    ],
)
def test_answers_are_those_of_the_questionnaire(
    project: Project, contributor: User, now: datetime, answers: dict[str, str], pointer: str, code: str
) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        services.save_assessment(project=project, actor=Actor.for_user(contributor), key=KEY, answers=answers, now=now)

    assert (refusal.value.errors[0].pointer, refusal.value.errors[0].code) == (pointer, code)


@pytest.mark.parametrize("key", ["nothing", "ecosystem_scorecard"])
def test_only_questionnaires_of_projects_are_filled_in(
    project: Project, contributor: User, now: datetime, key: str
) -> None:
    with pytest.raises(ValidationFailed):
        services.save_assessment(project=project, actor=Actor.for_user(contributor), key=key, answers={}, now=now)


def test_there_is_one_draft_at_a_time(project: Project, contributor: User, now: datetime) -> None:
    actor = Actor.for_user(contributor)
    row = services.start_assessment(project=project, actor=actor, key=KEY, answers={}, now=now)

    with pytest.raises(AssessmentDraftExists) as refusal:
        services.start_assessment(project=project, actor=actor, key=KEY, answers={}, now=now)

    assert refusal.value.extra == {"assessment": row.pk}


def test_an_old_version_of_a_draft_is_not_overwritten(project: Project, contributor: User, now: datetime) -> None:
    actor = Actor.for_user(contributor)
    services.save_assessment(project=project, actor=actor, key=KEY, answers={}, now=now)
    services.save_assessment(project=project, actor=actor, key=KEY, answers={}, version=1, now=now)

    with pytest.raises(VersionMismatch):
        services.save_assessment(project=project, actor=actor, key=KEY, answers={}, version=1, now=now)


def test_handing_in_takes_an_answer_to_each_question(project: Project, contributor: User, now: datetime) -> None:
    actor, answers = Actor.for_user(contributor), all_yes()
    del answers["ta_staff"]
    row = services.save_assessment(project=project, actor=actor, key=KEY, answers=answers, now=now)

    with pytest.raises(ValidationFailed) as refusal:
        services.submit_assessment(assessment=row, actor=actor, now=now)

    assert refusal.value.errors[0].pointer == "/answers/ta_staff"


def test_handing_in_asks_the_named_roles_to_sign(
    project: Project, contributor: User, counsel: User, officer: User, now: datetime
) -> None:
    actor = Actor.for_user(contributor)
    set_subject(project=project, actor=actor, parts={"model": "reco 1.0"}, now=now)

    row = hand_in(project, contributor, now)

    assert (row.state, row.passes, row.subject) == ("submitted", True, {"model": "reco 1.0"})
    asked = Notice.objects.filter(reason="signature").values_list("recipient_id", flat=True)
    assert set(asked) == {counsel.pk, officer.pk}


def test_the_last_named_role_approves(submitted: Assessment, counsel: User, officer: User, now: datetime) -> None:
    assert sign(submitted, officer, now).state == "submitted"

    row = sign(submitted, counsel, now)

    assert (row.state, row.approved_at) == ("approved", now)
    assert row.expires_on == now.date() + timedelta(days=365)
    assert Entry.objects.newest_first()[0].verb == "assessment.approved"
    assert Assessment.objects.in_force(now.date()).count() == 1
    assert Assessment.objects.in_force(now.date() + timedelta(days=366)).count() == 0


def test_nobody_signs_what_they_filled_in(
    project: Project, contributor: User, add_member: AddMember, now: datetime
) -> None:
    helper = add_member(project, "helper", ["contribute"], ["legal_counsel"]).user
    services.save_assessment(
        project=project, actor=Actor.for_user(helper), key=KEY, answers={"ta_owner": "yes"}, now=now
    )
    row = hand_in(project, contributor, now)

    with pytest.raises(FillerCannotSign) as refusal:
        sign(row, helper, now)

    assert (refusal.value.status, refusal.value.code) == (403, "separation_of_duties")


def test_signing_takes_one_of_the_named_roles(
    submitted: Assessment, officer: User, gatekeeper: User, now: datetime
) -> None:
    with pytest.raises(PermissionDenied) as refusal:
        sign(submitted, gatekeeper, now)
    with pytest.raises(PermissionDenied):
        sign(submitted, officer, now, role="legal_counsel")

    assert "Legal counsel" in str(refusal.value)


def test_a_viewer_signs_nothing(submitted: Assessment, project: Project, add_member: AddMember, now: datetime) -> None:
    viewer = add_member(project, "looks-on", ["view"], ["legal_counsel"]).user

    with pytest.raises(PermissionDenied):
        sign(submitted, viewer, now)


def test_a_role_signs_once(submitted: Assessment, officer: User, now: datetime) -> None:
    sign(submitted, officer, now)

    with pytest.raises(AssessmentAlreadySigned):
        sign(submitted, officer, now)


def test_what_does_not_pass_is_not_signed(project: Project, contributor: User, officer: User, now: datetime) -> None:
    row = hand_in(project, contributor, now, ta_owner="no")

    with pytest.raises(AssessmentDoesNotPass):
        sign(row, officer, now)


def test_a_new_attempt_takes_the_place_of_the_old(
    project: Project, submitted: Assessment, contributor: User, officer: User, now: datetime
) -> None:
    newer = hand_in(project, contributor, now, ta_staff="partly")

    with pytest.raises(AssessmentNotSubmitted):
        sign(submitted, officer, now)
    assert sign(newer, officer, now).state == "submitted"
    assert list(Assessment.objects.newest()) == [newer]


def test_only_a_draft_is_changed(submitted: Assessment, contributor: User, now: datetime) -> None:
    actor = Actor.for_user(contributor)

    with pytest.raises(AssessmentNotDraft):
        services.answer_assessment(assessment=submitted, actor=actor, answers={}, version=submitted.version, now=now)
    with pytest.raises(AssessmentNotDraft):
        services.submit_assessment(assessment=submitted, actor=actor, now=now)


def test_no_questionnaire_moves_in_an_archived_project(
    project: Project, owner: User, contributor: User, counsel: User, submitted: Assessment, now: datetime
) -> None:
    actor = Actor.for_user(contributor)
    draft = services.save_assessment(project=project, actor=actor, key=KEY, answers={}, now=now)
    archive_project(project=project, actor=Actor.for_user(owner), now=now)

    with pytest.raises(ProjectArchived):
        services.start_assessment(project=project, actor=actor, key="security_review", answers={}, now=now)
    with pytest.raises(ProjectArchived):
        services.answer_assessment(assessment=draft, actor=actor, answers=all_yes(), version=1, now=now)
    with pytest.raises(ProjectArchived):
        services.submit_assessment(assessment=draft, actor=actor, now=now)
    with pytest.raises(ProjectArchived):
        sign(submitted, counsel, now)
