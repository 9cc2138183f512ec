"""Questionnaires: filled in as a draft, handed in, signed by the roles they name. Each attempt is a row of its own."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.actor import Actor
from common import content
from common.errors import FieldError, PermissionDenied, ValidationFailed
from common.texts import listed, localised
from common.versions import bump, check
from common.versions import subject as named
from journal.services import record
from projects.models import Membership, Project
from projects.permissions import Action, require, roles_of
from projects.services import lock_unarchived
from records.services import Parts, filled
from risks import criteria
from risks.errors import (
    AssessmentAlreadySigned,
    AssessmentDoesNotPass,
    AssessmentDraftExists,
    AssessmentNotDraft,
    AssessmentNotSubmitted,
    FillerCannotSign,
)
from risks.models import Assessment, AssessmentSignature, AssessmentState

Answers = Mapping[str, str]


def project_questionnaires() -> dict[str, dict[str, Any]]:
    """The questionnaires a project fills in; others belong to the whole organisation."""
    return {key: row for key, row in content.questionnaires().items() if row["scope"] == "project"}


@transaction.atomic
def start_assessment(*, project: Project, actor: Actor, key: str, answers: Answers, now: datetime) -> Assessment:
    """Begin a new attempt at a questionnaire; earlier ones stand until it is approved.

    Raises PermissionDenied, ProjectArchived, ValidationFailed, AssessmentDraftExists.
    """
    require(actor, Action.WORK, project)
    lock_unarchived(project)
    if key not in project_questionnaires():
        detail = _("One of: %(words)s.") % {"words": ", ".join(project_questionnaires())}
        raise ValidationFailed.at("key", "invalid_choice", detail)
    result = _scored(key, answers)
    draft = Assessment.objects.drafts().filter(project=project, key=key).first()
    if draft:
        raise AssessmentDraftExists(assessment=draft.pk)
    row = Assessment(
        project=project, key=key, filled_by=actor.person, filled_at=now, answers=dict(answers), percent=result.percent
    )
    row.save(force_insert=True)
    row.fillers.add(actor.person)
    _record("assessment.saved", row, actor, now)
    return row


@transaction.atomic
def answer_assessment(
    *, assessment: Assessment, actor: Actor, answers: Answers, version: int, now: datetime
) -> Assessment:
    """Put `answers` (all of them, not only the changed ones) in the place of the draft's.

    Raises PermissionDenied, ProjectArchived, ValidationFailed, AssessmentNotDraft, VersionMismatch.
    """
    require(actor, Action.WORK, assessment.project)
    lock_unarchived(assessment.project)
    result = _scored(assessment.key, answers)
    _locked_draft(assessment)
    changes = {"answers": dict(answers), "percent": result.percent, "filled_by": actor.person, "filled_at": now}
    bump(Assessment, assessment.pk, version, **changes)
    assessment.refresh_from_db()
    assessment.fillers.add(actor.person)
    _record("assessment.saved", assessment, actor, now)
    return assessment


def save_assessment(
    *, project: Project, actor: Actor, key: str, answers: Answers, version: int | None = None, now: datetime
) -> Assessment:
    """Fill the project's draft of a questionnaire, starting one if there is none. `version` None takes it as it is."""
    draft = Assessment.objects.drafts().filter(project=project, key=key).first()
    if draft is None:
        return start_assessment(project=project, actor=actor, key=key, answers=answers, now=now)
    seen = draft.version if version is None else version
    return answer_assessment(assessment=draft, actor=actor, answers=answers, version=seen, now=now)


@transaction.atomic
def submit_assessment(
    *, assessment: Assessment, actor: Actor, subject: Parts | None = None, version: int | None = None, now: datetime
) -> Assessment:
    """Hand a complete draft in for signatures, for the project's subject as it stands (or the `subject` given).

    `version` None takes the draft as it is.
    Raises PermissionDenied, ProjectArchived, AssessmentNotDraft, VersionMismatch, ValidationFailed naming the open
    questions.
    """
    require(actor, Action.WORK, assessment.project)
    lock_unarchived(assessment.project)
    row = _locked_draft(assessment)
    check(row, row.version if version is None else version)
    result = criteria.score(row.questionnaire, row.answers)
    if result.missing:
        detail = _("This question has no answer.")
        raise ValidationFailed(errors=[FieldError(f"/answers/{key}", "required", detail) for key in result.missing])
    Assessment.objects.filter(pk=row.pk).update(
        state=AssessmentState.SUBMITTED,
        percent=result.percent,
        passes=result.passes,
        filled_by=actor.person,
        filled_at=now,
        subject=filled(row.project, subject),
        version=F("version") + 1,
    )
    assessment.refresh_from_db()
    assessment.fillers.add(actor.person)
    _record("assessment.submitted", assessment, actor, now, notify=_signers(assessment) if result.passes else {})
    return assessment


@transaction.atomic
def sign_assessment(*, assessment: Assessment, actor: Actor, role: str | None = None, now: datetime) -> Assessment:
    """Approve it in one of the roles it names (default: the one the actor holds that has not signed). The last
    signature approves the assessment until `valid_days` from now.

    Raises PermissionDenied naming the roles, ProjectArchived, FillerCannotSign, AssessmentNotSubmitted,
    AssessmentDoesNotPass, AssessmentAlreadySigned.
    """
    require(actor, Action.SIGN, assessment.project)
    lock_unarchived(assessment.project)
    row = Assessment.objects.select_for_update(of=("self",)).get(pk=assessment.pk)
    if row.state != AssessmentState.SUBMITTED or _is_superseded(row):
        raise AssessmentNotSubmitted
    signed = set(row.signatures.values_list("role", flat=True))
    capacity = _capacity(row, actor, role, signed)
    if actor.user_id == row.filled_by_id or row.fillers.filter(pk=actor.user_id).exists():
        raise FillerCannotSign
    if not row.passes:
        raise AssessmentDoesNotPass(percent=row.percent)
    AssessmentSignature.objects.create(assessment=row, role=capacity, signed_by=actor.person, signed_at=now)
    approved = signed | {capacity} >= set(row.questionnaire["approves"])
    changes = _approval(row, now) if approved else {}
    Assessment.objects.filter(pk=row.pk).update(version=F("version") + 1, **changes)
    assessment.refresh_from_db()
    told = {row.filled_by_id: "filled_by"}
    _record(
        "assessment.approved" if approved else "assessment.signed", assessment, actor, now, notify=told, role=capacity
    )
    return assessment


def _approval(row: Assessment, now: datetime) -> dict[str, Any]:
    valid = row.questionnaire.get("valid_days")
    expires = now.date() + timedelta(days=valid) if valid else None
    return {"state": AssessmentState.APPROVED, "approved_at": now, "expires_on": expires}


def _scored(key: str, answers: Answers) -> criteria.Score:
    """Raises ValidationFailed with each question or answer that the questionnaire does not have."""
    questionnaire = project_questionnaires()[key]
    allowed = {option["key"] for option in criteria.options(questionnaire)}
    asked = {question["key"]: question for question in questionnaire["questions"]}
    flaws = [flaw for name, answer in answers.items() if (flaw := _flaw(name, answer, asked.get(name), allowed))]
    if flaws:
        raise ValidationFailed(errors=flaws)
    return criteria.score(questionnaire, answers)


def _flaw(name: str, answer: str, question: Mapping[str, Any] | None, allowed: set[str]) -> FieldError | None:
    if question is None:
        return FieldError(f"/answers/{name}", "unknown_field", _("The questionnaire has no such question."))
    if answer not in allowed:
        words = ", ".join(sorted(allowed))
        return FieldError(f"/answers/{name}", "invalid_choice", _("One of: %(words)s.") % {"words": words})
    if answer == criteria.NOT_APPLICABLE and not question.get("na_allowed"):
        return FieldError(f"/answers/{name}", "invalid_choice", _("This question always applies."))
    return None


def _locked_draft(assessment: Assessment) -> Assessment:
    row = Assessment.objects.select_for_update(of=("self",)).get(pk=assessment.pk)
    if row.state != AssessmentState.DRAFT:
        raise AssessmentNotDraft
    return row


def _is_superseded(row: Assessment) -> bool:
    """A newer attempt was handed in; signing this one would approve answers that were taken back."""
    newer = Assessment.objects.filter(project=row.project_id, key=row.key, pk__gt=row.pk)
    return newer.exclude(state=AssessmentState.DRAFT).exists()


def _capacity(row: Assessment, actor: Actor, role: str | None, signed: set[str]) -> str:
    named_roles: list[str] = [name for name in row.questionnaire["approves"] if role is None or name == role]
    held = [name for name in named_roles if name in roles_of(actor.person, row.project)]
    if not held:
        words = {"roles": _names(row.questionnaire["approves"])}
        detail = _("This assessment is signed by: %(roles)s.") % words
        raise PermissionDenied(detail, missing=row.questionnaire["approves"])
    free = [name for name in held if name not in signed]
    if not free:
        raise AssessmentAlreadySigned
    return free[0]


def _signers(row: Assessment) -> dict[int, str]:
    holders = Membership.objects.filter(project=row.project_id, functions__role__in=row.questionnaire["approves"])
    return dict.fromkeys(holders.values_list("user_id", flat=True), "signature")


def _names(roles: Iterable[str]) -> str:
    return listed(localised(content.roles()[role]["name"]) for role in roles)


def _record(
    verb: str, row: Assessment, actor: Actor, now: datetime, notify: Mapping[int, str] | None = None, role: str = ""
) -> None:
    facts: dict[str, Any] = {"key": row.key, "percent": row.percent, "passes": row.passes} | (
        {"role": role} if role else {}
    )
    place = named(Assessment, row.pk)
    record(verb, actor=actor, at=now, project_id=row.project_id, object=place, notify=notify, **facts)
