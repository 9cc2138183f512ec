from copy import deepcopy
from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from common import versions
from common.canonical import digest
from journal.services import record
from lifecycle.errors import NothingToPublish, VersionIsPublished
from lifecycle.models import ProcessTemplate, TemplateVersion
from lifecycle.models.format import Document
from lifecycle.selectors.templates import changes_between
from lifecycle.services.templates.edits import Edit
from lifecycle.services.templates.validity import shaped, whole
from projects.permissions import Action, require


@transaction.atomic
def save_draft(*, draft: TemplateVersion, edit: Edit, actor: Actor, version: int, now: datetime) -> TemplateVersion:
    """Change one piece of a draft by `edit`, as it stands now.

    Whoever edited an older `version` is told so. The draft stays in the format; the rules between its pieces are asked
    when it is published. Raises VersionMismatch, VersionIsPublished, InvalidTemplate, and what the edit raises.
    """
    require(actor, Action.EDIT_TEMPLATES)
    found = _locked(draft, version)
    document = deepcopy(found.document)
    edit(document)
    document = shaped(document)
    if document == found.document:
        return found
    before = found.document
    found.document, found.digest = document, digest(document)
    found.version, found.edited_at, found.edited_by = found.version + 1, now, actor.user
    found.save(update_fields=["document", "digest", "version", "edited_at", "edited_by"])
    record(
        "template.edited",
        actor=actor,
        at=now,
        object=f"template:{found.template_id}",
        key=found.template.key,
        number=found.number,
        digest=found.digest,
        changes=_told(before, document),
    )
    return found


@transaction.atomic
def discard_draft(*, draft: TemplateVersion, actor: Actor, version: int, now: datetime) -> None:
    """Throw a draft away; a template that never was published goes with it.

    Raises VersionMismatch, VersionIsPublished.
    """
    require(actor, Action.EDIT_TEMPLATES)
    found = _locked(draft, version)
    template, number, fingerprint = found.template, found.number, found.digest
    pk = template.pk
    found.delete()
    if not template.versions.exists():
        template.delete()
    record(
        "template.draft_discarded",
        actor=actor,
        at=now,
        object=f"template:{pk}",
        key=template.key,
        number=number,
        digest=fingerprint,
    )


@transaction.atomic
def publish_draft(
    *, draft: TemplateVersion, actor: Actor, version: int | None = None, now: datetime
) -> TemplateVersion:
    """Publish a draft for ever: projects that start now take it, running ones keep theirs until they move over.

    `version` is that of the draft whose impact was read. Raises InvalidTemplate, NothingToPublish, VersionMismatch,
    VersionIsPublished.
    """
    require(actor, Action.EDIT_TEMPLATES)
    found = _locked(draft, version)
    whole(found.document)
    newest = found.template.versions.published().first()
    if newest and newest.digest == found.digest:
        raise NothingToPublish
    found.version, found.published_at, found.published_by = found.version + 1, now, actor.user
    found.save(update_fields=["version", "published_at", "published_by"])
    record(
        "template.published",
        actor=actor,
        at=now,
        object=f"template:{found.template_id}",
        key=found.template.key,
        number=found.number,
        digest=found.digest,
        changes=_told(newest.document if newest else None, found.document),
    )
    return found


def _locked(draft: TemplateVersion, version: int | None) -> TemplateVersion:
    """The draft as it stands now, for this transaction alone: all writers take its template's lock first."""
    ProcessTemplate.objects.select_for_update().get(pk=draft.template_id)
    found = TemplateVersion.objects.select_related("template").filter(pk=draft.pk).first()
    if found is None or not found.is_draft:
        raise VersionIsPublished
    if version is not None:
        versions.check(found, version)
    return found


def _told(before: Document | None, after: Document) -> list[dict[str, object]]:
    """What the journal keeps of a change: what changed by key, without the texts of whole new templates."""
    return [change.as_dict() for change in changes_between(before, after)] if before else []
