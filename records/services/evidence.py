"""Proof: added as a link or a file, withdrawn with a reason, never erased."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import TypedDict, Unpack

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from accounts.actor import Actor
from common.errors import NotFound, RateLimited, ValidationFailed
from common.text_rules import is_web_address
from common.texts import CONFIDENTIAL_LINK, in_each
from common.versions import bump
from common.versions import subject as named
from journal.models import Entry
from journal.services import record
from projects.models import Project
from projects.permissions import Action, require
from projects.selectors.people import owners_of
from projects.services import lock_unarchived
from records.errors import EvidenceAlreadyWithdrawn, EvidenceRevised, FileDamaged, ProjectQuotaExceeded
from records.models import Blob, Evidence, read_link
from records.services.blobs import Received, check_blob, keep_blob, opened
from records.services.file_rules import type_of
from records.services.subjects import filled

UPLOADS_PER_HOUR = 100
DAMAGED = "evidence.damaged"


class EvidenceFacts(TypedDict, total=False):
    """What is told about a proof: the time it speaks of, how long it holds, what it was made for."""

    title: str
    effective_at: datetime | None
    valid_until: date | None
    subject: Mapping[str, str] | None
    confidential: bool
    # The proof whose place it takes. Its title and its confidentiality go on unless others are told.
    revises: Evidence | None


def add_link(*, project: Project, actor: Actor, url: str, now: datetime, **facts: Unpack[EvidenceFacts]) -> Evidence:
    """A proof that lies elsewhere, by its http or https address. Runs in the caller's transaction and journal entry.

    Raises PermissionDenied, EvidenceRevised, ValidationFailed.
    """
    require(actor, Action.WORK, project)
    if not is_web_address(url) or len(url) > 2000:
        raise ValidationFailed.at(
            "url", "invalid_url", _("An address starts with http:// or https:// and names a host.")
        )
    row = _evidence(project, actor, facts, now)
    row.url = url
    row.title = row.title or _title_of(url, confidential=row.confidential)
    row.save(force_insert=True)
    return row


def add_file(
    *, project: Project, actor: Actor, file: Received, now: datetime, **facts: Unpack[EvidenceFacts]
) -> Evidence:
    """A proof that is kept here. Runs in the caller's transaction and journal entry, inside of `received`.

    Raises PermissionDenied, RateLimited, ProjectQuotaExceeded, EvidenceRevised, ValidationFailed.
    """
    require(actor, Action.WORK, project)
    _check_pace(actor, now)
    _check_room(project, file.size)
    row = _evidence(project, actor, facts, now)
    row.filename = file.name
    row.content_type = type_of(row.filename).content_type
    blob = keep_blob(file, now=now)
    row.blob, row.sha256, row.size = blob, blob.sha256, blob.size
    row.title = row.title or row.filename[:200]
    row.save(force_insert=True)
    return row


@transaction.atomic
def withdraw_evidence(
    *, evidence: Evidence, actor: Actor, reason: str, version: int | None = None, now: datetime
) -> Evidence:
    """Take a proof back, with a reason; it stays readable, and counts no more. `version`: None is whatever it is now.

    Raises PermissionDenied, ProjectArchived, EvidenceAlreadyWithdrawn, VersionMismatch.
    """
    require(actor, Action.WITHDRAW_EVIDENCE, evidence.project, mine=evidence.supplied_by_id == actor.user_id)
    project = lock_unarchived(evidence.project)
    standing = Evidence.objects.standing().filter(pk=evidence.pk).first()
    if standing is None:
        raise EvidenceAlreadyWithdrawn
    changes = {"withdrawn_at": now, "withdrawn_by": actor.person, "withdrawn_reason": reason}
    bump(Evidence, evidence.pk, standing.version if version is None else version, **changes)
    evidence.refresh_from_db()
    record(
        "evidence.withdrawn",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=named(Evidence, evidence.pk),
        title=evidence.title,
        reason=reason,
    )
    return evidence


def _evidence(project: Project, actor: Actor, facts: EvidenceFacts, now: datetime) -> Evidence:
    valid_until = facts.get("valid_until")
    effective_at = facts.get("effective_at") or now
    if valid_until and valid_until < effective_at.date():
        raise ValidationFailed.at("valid_until", "end_before_start", _("It would end before it begins to hold."))
    before = facts.get("revises")
    row = Evidence(
        project=project,
        title=facts.get("title", ""),
        confidential=facts.get("confidential", False),
        subject=filled(project, facts.get("subject")),
        effective_at=effective_at,
        valid_until=valid_until,
        supplied_by=actor.person,
        supplied_at=now,
    )
    return _revision(row, before, facts) if before else row


def _revision(row: Evidence, before: Evidence, facts: EvidenceFacts) -> Evidence:
    """The caller has locked the project; of two revisions at once the constraint lets one in."""
    check_newest(before)
    row.revises, row.first_id, row.revision = before, before.first_id or before.pk, before.revision + 1
    row.confidential = facts.get("confidential", before.confidential)
    row.title = row.title or _handed_on(before, confidential=row.confidential)
    return row


def _title_of(url: str, *, confidential: bool) -> str:
    """What a link without a title is called. The title is read by all, the address of a confidential link is not."""
    return CONFIDENTIAL_LINK if confidential else read_link(url).title or url[:200]


def _handed_on(before: Evidence, *, confidential: bool) -> str:
    """The title of the revision before, unless we made it up: then what is new is called by itself."""
    made_up = {CONFIDENTIAL_LINK}
    if confidential and before.url:
        made_up |= {before.url[:200], *in_each(lambda: read_link(before.url).title).values()}
    return "" if before.title in made_up else before.title


def check_newest(evidence: Evidence) -> None:
    """Raises EvidenceRevised, with the id of the newest revision, when a later one has taken its place."""
    newest = Evidence.objects.revisions_of(evidence).newest_first().first()
    if newest is not None and newest.pk != evidence.pk:
        raise EvidenceRevised(newest.pk)


def bytes_of(*, evidence: Evidence, actor: Actor, now: datetime) -> Iterator[bytes]:
    """The verified bytes of a file, in chunks; damage is told before it is refused. Raises NotFound, FileDamaged."""
    with _telling_damage(evidence, actor, now) as blob:
        return opened(blob)


def check_sound(*, evidence: Evidence, actor: Actor, now: datetime) -> None:
    """Hash a stored file before a page speaks of it. Raises NotFound, FileDamaged, told like that of `bytes_of`."""
    with _telling_damage(evidence, actor, now) as blob:
        check_blob(blob)


@contextmanager
def _telling_damage(evidence: Evidence, actor: Actor, now: datetime) -> Iterator[Blob]:
    if evidence.blob is None:
        raise NotFound
    try:
        yield evidence.blob
    except FileDamaged:
        report_damage(evidence=evidence, actor=actor, now=now)
        raise


@transaction.atomic
def report_damage(*, evidence: Evidence, actor: Actor, now: datetime) -> None:
    """Tell the journal, at most once a day, that the bytes of a proof are gone or are not those that were uploaded."""
    told = Entry.objects.filter(object=named(Evidence, evidence.pk), verb=DAMAGED, at__gt=now - timedelta(days=1))
    if told.exists():
        return
    record(
        DAMAGED,
        actor=actor,
        at=now,
        project_id=evidence.project_id,
        object=named(Evidence, evidence.pk),
        notify=dict.fromkeys(owners_of(evidence.project_id), "owner"),
        title=evidence.title,
        sha256=evidence.sha256,
    )


def _check_pace(actor: Actor, now: datetime) -> None:
    last_hour = Evidence.objects.filter(
        supplied_by=actor.person, supplied_at__gt=now - timedelta(hours=1), blob__isnull=False
    )
    if last_hour.count() >= UPLOADS_PER_HOUR:
        raise RateLimited(_("At most %(limit)s files an hour.") % {"limit": UPLOADS_PER_HOUR}, retry_after=600)


def _check_room(project: Project, size: int) -> None:
    """Every blob counts once, however many proofs rest on it."""
    held = Blob.objects.filter(pk__in=Evidence.objects.filter(project=project, blob__isnull=False).values("blob"))
    taken = held.aggregate(total=Sum("size"))["total"] or 0
    if taken + size > settings.EVIDENCE_MAX_PROJECT_BYTES:
        limit = settings.EVIDENCE_MAX_PROJECT_BYTES // 1024**3
        raise ProjectQuotaExceeded(_("The files of a project take at most %(limit)s GB.") % {"limit": limit})
