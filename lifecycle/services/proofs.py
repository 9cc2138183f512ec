"""Proof of checks: brought as a link, a file or something the project has already, and revised later."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Unpack

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from common.errors import PermissionDenied, ValidationFailed
from common.texts import localised
from journal.services import record
from lifecycle.errors import EvidenceAlreadyAttached, EvidenceTooOld, ProjectNotActive
from lifecycle.models import Answer, Check, CheckEvidence, Stage
from lifecycle.services.checks import WORKABLE, check_workable, is_over, locked_check
from projects.models import Project
from projects.permissions import Action, may, require
from records import services as records
from records.errors import EvidenceAlreadyWithdrawn
from records.models import Evidence
from records.services import EvidenceFacts, Received


@transaction.atomic
def attach_link(*, check: Check, actor: Actor, url: str, now: datetime, **facts: Unpack[EvidenceFacts]) -> Evidence:
    """Prove a check with a link. Raises StageClosed, ProjectNotActive, ValidationFailed."""
    check = _begin_proof(check, actor)
    evidence = records.add_link(project=check.stage.project, actor=actor, url=url, now=now, **facts)
    return _serve(check, evidence, actor, now)


def attach_file(
    *,
    check: Check,
    actor: Actor,
    file: "UploadedFile[bytes]",
    declared_sha256: str = "",
    now: datetime,
    **facts: Unpack[EvidenceFacts],
) -> Evidence:
    """Prove a check with a file; a declared SHA-256 must be the file's.

    Raises StageClosed, ProjectNotActive, and what an upload refuses.
    """
    require(actor, Action.WORK, check.stage.project)
    # The project is locked only once the bytes are here: a slow disk makes nobody else wait.
    with records.received(file=file, declared_sha256=declared_sha256) as taken:
        return _attach_received(check=check, actor=actor, taken=taken, now=now, **facts)


@transaction.atomic
def _attach_received(
    *, check: Check, actor: Actor, taken: Received, now: datetime, **facts: Unpack[EvidenceFacts]
) -> Evidence:
    check = _begin_proof(check, actor)
    evidence = records.add_file(project=check.stage.project, actor=actor, file=taken, now=now, **facts)
    return _serve(check, evidence, actor, now)


@transaction.atomic
def attach_evidence(*, check: Check, actor: Actor, evidence: Evidence, now: datetime) -> Evidence:
    """Let a proof that the project has already serve this check too.

    Whoever brings it is an author of the check's proof, like its supplier. Raises StageClosed, ProjectNotActive,
    EvidenceAlreadyWithdrawn, EvidenceRevised, EvidenceAlreadyAttached, EvidenceTooOld, ValidationFailed.
    """
    check = _begin_proof(check, actor)
    evidence = _of_project(evidence, check.stage.project)
    if evidence.withdrawn_at is not None:
        raise EvidenceAlreadyWithdrawn
    records.check_newest(evidence)
    if check.evidence_links.filter(evidence=evidence).exists():
        raise EvidenceAlreadyAttached
    return _serve(check, evidence, actor, now, verb="evidence.attached")


@transaction.atomic
def revise_with_link(
    *, evidence: Evidence, actor: Actor, url: str, now: datetime, **facts: Unpack[EvidenceFacts]
) -> Evidence:
    """A link takes the place of a proof in every check that it serves and that is still worked on.

    Iterations that are over keep what they had. Their own proof; the owner, everybody's: whoever revises it takes it
    out of its checks. Raises PermissionDenied, ProjectNotActive, EvidenceRevised, EvidenceTooOld, ValidationFailed.
    """
    project = _begin_revision(evidence, actor)
    facts["revises"] = _again(evidence)
    fresh = records.add_link(project=project, actor=actor, url=url, now=now, **facts)
    return _take_place(fresh, actor, now)


def revise_with_file(
    *,
    evidence: Evidence,
    actor: Actor,
    file: "UploadedFile[bytes]",
    declared_sha256: str = "",
    now: datetime,
    **facts: Unpack[EvidenceFacts],
) -> Evidence:
    """The same with a file. Raises ProjectNotActive, EvidenceRevised, and what an upload refuses."""
    require_revision(evidence=evidence, actor=actor)
    with records.received(file=file, declared_sha256=declared_sha256) as taken:
        return _revise_received(evidence=evidence, actor=actor, taken=taken, now=now, **facts)


@transaction.atomic
def _revise_received(
    *, evidence: Evidence, actor: Actor, taken: Received, now: datetime, **facts: Unpack[EvidenceFacts]
) -> Evidence:
    project = _begin_revision(evidence, actor)
    facts["revises"] = _again(evidence)
    fresh = records.add_file(project=project, actor=actor, file=taken, now=now, **facts)
    return _take_place(fresh, actor, now)


def _begin_proof(check: Check, actor: Actor) -> Check:
    require(actor, Action.WORK, check.stage.project)
    project = Project.objects.lock(check.stage.project.pk)
    check = locked_check(check)
    check_workable(project, check)
    return check


def _begin_revision(evidence: Evidence, actor: Actor) -> Project:
    require_revision(evidence=evidence, actor=actor)
    project = Project.objects.lock(evidence.project_id)
    if project.state not in WORKABLE:
        raise ProjectNotActive
    return project


def require_revision(*, evidence: Evidence, actor: Actor) -> None:
    """Whether this person may put a later revision in the place of a proof. Raises PermissionDenied."""
    project, mine = evidence.project, evidence.supplied_by_id == actor.user_id
    require(actor, Action.WORK, project)
    if not may(actor, Action.WITHDRAW_EVIDENCE, project, mine=mine):
        words = _("Only who supplied this proof and the owners of the project revise it; attach yours beside it.")
        raise PermissionDenied(words, missing=Action.WITHDRAW_EVIDENCE.value)


def _again(evidence: Evidence) -> Evidence:
    """The row as it is under the lock, with nothing after it."""
    records.check_newest(evidence)
    return Evidence.objects.get(pk=evidence.pk)


def _of_project(evidence: Evidence, project: Project) -> Evidence:
    found = Evidence.objects.filter(pk=evidence.pk, project=project).first()
    if found is None:
        raise ValidationFailed.at("evidence", "not_found", _("The project has no such evidence."))
    return found


def _serve(check: Check, evidence: Evidence, actor: Actor, now: datetime, *, verb: str = "evidence.added") -> Evidence:
    _new_enough(evidence, check)
    CheckEvidence.objects.create(check_row=check, evidence=evidence, linked_by=actor.person, linked_at=now)
    fallen = _signatures_fall([check.stage], {actor.person.pk, evidence.supplied_by_id})
    record(
        verb,
        actor=actor,
        at=now,
        project_id=evidence.project_id,
        object=f"evidence:{evidence.pk}",
        key=check.key,
        stage=check.stage.key,
        title=evidence.title,
        sha256=evidence.sha256,
        signatures_fallen=fallen,
    )
    return evidence


def _take_place(fresh: Evidence, actor: Actor, now: datetime) -> Evidence:
    """`fresh` serves what the revision before it served, in all that is not over."""
    rows = CheckEvidence.objects.filter(evidence=fresh.revises_id, replaced=False)
    links = [link for link in rows.select_related("check_row__stage__process") if not is_over(link.check_row)]
    for link in links:
        _new_enough(fresh, link.check_row)
    CheckEvidence.objects.filter(pk__in=[link.pk for link in links]).update(replaced=True)
    CheckEvidence.objects.bulk_create(
        CheckEvidence(check_row=link.check_row, evidence=fresh, linked_by=actor.person, linked_at=now) for link in links
    )
    stages = {link.check_row.stage_id: link.check_row.stage for link in links}
    fallen = _signatures_fall(stages.values(), {actor.person.pk})
    record(
        "evidence.revised",
        actor=actor,
        at=now,
        project_id=fresh.project_id,
        object=f"evidence:{fresh.pk}",
        title=fresh.title,
        revision=fresh.revision,
        revises=fresh.revises_id,
        sha256=fresh.sha256,
        checks=sorted(link.check_row.key for link in links),
        signatures_fallen=fallen,
    )
    return fresh


def _new_enough(evidence: Evidence, check: Check) -> None:
    """What is done again is proved by what was made since the loop. Raises EvidenceTooOld."""
    if check.carried == "redo" and evidence.effective_at < check.stage.opened_at:
        raise EvidenceTooOld(localised(check.item.text), check.stage.opened_at.date())


def _signatures_fall(stages: Iterable[Stage], authors: Collection[int]) -> int:
    """Where nobody signs on their own evidence, bringing some takes back what its authors signed in these stages.

    Both who made it and who brought it are its authors.
    """
    # A stage that the template no longer has asks nobody to sign.
    asked = [stage for stage in stages if stage.key in stage.template.by_key]
    apart = [stage for stage in asked if "author_cannot_approve" in stage.rules.separation]
    theirs = Check.objects.filter(stage__in=apart, kind="approval", answer=Answer.MET, answered_by__in=authors)
    return theirs.update(answer=Answer.OPEN, answered_by=None, answered_at=None, subject={}, version=F("version") + 1)
