from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.actor import Actor
from common.canonical import digest
from journal.services import record
from lifecycle.models import ProcessTemplate, TemplateVersion
from lifecycle.models.definition import parse
from projects.permissions import Action, require


@transaction.atomic
def publish_template(
    *, document: dict[str, Any], actor: Actor, built_in: bool = False, default: bool = False, now: datetime
) -> TemplateVersion:
    """Make `document` (schema eightgate/template@1) the newest version of its template.

    The same document again changes nothing.

    Running processes keep the version they pinned.
    """
    require(actor, Action.EDIT_TEMPLATES)
    parse(document)
    template, _ = ProcessTemplate.objects.get_or_create(
        key=document["key"], defaults={"built_in": built_in, "is_default": default}
    )
    ProcessTemplate.objects.select_for_update().get(pk=template.pk)
    fingerprint = digest(document)
    latest = template.versions.first()
    if latest and latest.digest == fingerprint:
        return latest
    number = latest.number + 1 if latest else 1
    version = TemplateVersion.objects.create(
        template=template, number=number, document=document, digest=fingerprint, published_at=now
    )
    record(
        "template.published",
        actor=actor,
        at=now,
        object=f"template:{template.pk}",
        key=template.key,
        number=number,
        digest=fingerprint,
    )
    return version
