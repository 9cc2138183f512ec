"""How a draft comes to be: of the published version, of a document from elsewhere, of nothing."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from common import versions
from common.canonical import digest
from common.errors import NotFound, ValidationFailed
from common.versions import etag
from journal.services import record
from lifecycle.errors import DraftAlreadyOpen
from lifecycle.models import ProcessTemplate, TemplateVersion
from lifecycle.models.format import Document
from lifecycle.services.templates import skeleton
from lifecycle.services.templates.validity import shaped, whole
from projects.permissions import Action, require


@transaction.atomic
def start_draft(*, template: ProcessTemplate, actor: Actor, now: datetime) -> TemplateVersion:
    """A draft of the next version that says what the newest published one says. Raises DraftAlreadyOpen."""
    require(actor, Action.EDIT_TEMPLATES)
    ProcessTemplate.objects.select_for_update().get(pk=template.pk)
    _refuse_second(template)
    newest = template.versions.published().first()
    if newest is None:
        raise NotFound
    draft = _draft(template, newest.number + 1, newest.document, actor, now)
    _record("template.draft_started", draft, actor, now)
    return draft


@transaction.atomic
def new_template(
    *, key: str, name: dict[str, str], source: TemplateVersion | None = None, actor: Actor, now: datetime
) -> TemplateVersion:
    """The first draft of a new template: like `source`, or with one stage to begin with.

    Raises ValidationFailed for a key that is taken, InvalidTemplate.
    """
    require(actor, Action.EDIT_TEMPLATES)
    if ProcessTemplate.objects.filter(key=key).exists():
        raise ValidationFailed.at("key", "not_unique", _("A template with this key exists."))
    document = shaped({**(source.document if source else skeleton.document()), "key": key, "name": name})
    template = ProcessTemplate.objects.create(key=key)
    draft = _draft(template, 1, document, actor, now)
    _record("template.draft_started", draft, actor, now)
    return draft


@transaction.atomic
def import_template(
    *, document: Any, actor: Actor, version: int | None = None, now: datetime
) -> tuple[TemplateVersion, bool]:
    """A document as the draft of a new template or of the next version; whether anything was written.

    What the newest version or the draft says already is left as it is. A draft that is open is replaced only from its
    `version`. Raises InvalidTemplate, DraftAlreadyOpen, VersionMismatch.
    """
    require(actor, Action.EDIT_TEMPLATES)
    document = whole(document)
    template, _made = ProcessTemplate.objects.get_or_create(key=document["key"])
    ProcessTemplate.objects.select_for_update().get(pk=template.pk)
    newest, draft = template.versions.published().first(), template.versions.drafts().first()
    standing = draft or newest
    if standing and standing.digest == digest(document):
        return standing, False
    if draft:
        draft = _replaced(draft, document, actor, version, now)
    else:
        draft = _draft(template, newest.number + 1 if newest else 1, document, actor, now)
    _record("template.imported", draft, actor, now)
    return draft, True


def _replaced(
    draft: TemplateVersion, document: Document, actor: Actor, version: int | None, now: datetime
) -> TemplateVersion:
    if version is None:
        _refuse(draft)
    else:
        versions.check(draft, version)
    draft.document, draft.digest, draft.version = document, digest(document), draft.version + 1
    draft.edited_at, draft.edited_by = now, actor.user
    draft.save(update_fields=["document", "digest", "version", "edited_at", "edited_by"])
    return draft


def _refuse_second(template: ProcessTemplate) -> None:
    if draft := template.versions.drafts().first():
        _refuse(draft)


def _refuse(draft: TemplateVersion) -> None:
    detail = _("Publish or discard it first, or send its ETag as If-Match to replace it.")
    raise DraftAlreadyOpen(detail, number=draft.number, etag=etag(draft.version))


def _draft(template: ProcessTemplate, number: int, document: Document, actor: Actor, now: datetime) -> TemplateVersion:
    return TemplateVersion.objects.create(
        template=template,
        number=number,
        document=document,
        digest=digest(document),
        edited_at=now,
        edited_by=actor.user,
    )


def _record(verb: str, draft: TemplateVersion, actor: Actor, now: datetime) -> None:
    record(
        verb,
        actor=actor,
        at=now,
        object=f"template:{draft.template_id}",
        key=draft.template.key,
        number=draft.number,
        digest=draft.digest,
    )
