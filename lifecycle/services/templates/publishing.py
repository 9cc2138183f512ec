from datetime import datetime

from django.db import transaction
from django.db.models import F

from accounts.actor import Actor
from common.canonical import digest
from journal.services import record
from lifecycle.models import ProcessTemplate, TemplateVersion
from lifecycle.models.format import Document
from lifecycle.services.templates.validity import whole
from projects.permissions import Action, require


@transaction.atomic
def publish_template(
    *, document: Document, actor: Actor, built_in: bool = False, default: bool = False, now: datetime
) -> TemplateVersion:
    """Make `document` (schema eightgate/template@1) the newest version of its template. Raises InvalidTemplate.

    A document that was published before changes nothing, and neither does one of the system where the newest version
    was published by a person: what an organisation edited is not overwritten by an upgrade. Both return the newest.

    Running processes keep the version they pinned.
    """
    require(actor, Action.EDIT_TEMPLATES)
    document = whole(document)
    template, _ = ProcessTemplate.objects.get_or_create(
        key=document["key"], defaults={"built_in": built_in, "is_default": default}
    )
    ProcessTemplate.objects.select_for_update().get(pk=template.pk)
    fingerprint = digest(document)
    newest = template.versions.published().first()
    if newest and (_stood(template, fingerprint) or (actor.is_system and newest.published_by_id)):
        return newest
    # A draft is of the version after this one from now on.
    template.versions.drafts().update(number=F("number") + 1)
    version = TemplateVersion.objects.create(
        template=template,
        number=newest.number + 1 if newest else 1,
        document=document,
        digest=fingerprint,
        published_at=now,
        published_by=actor.user,
    )
    record(
        "template.published",
        actor=actor,
        at=now,
        object=f"template:{template.pk}",
        key=template.key,
        number=version.number,
        digest=fingerprint,
    )
    return version


def _stood(template: ProcessTemplate, fingerprint: str) -> bool:
    return template.versions.published().filter(digest=fingerprint).exists()
