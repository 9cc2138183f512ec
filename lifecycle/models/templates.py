from collections.abc import Collection
from functools import lru_cache
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.actor import Actor
from lifecycle.models.definition import Definition, parse
from projects.permissions import Action, may


class ProcessTemplate(models.Model):
    """A named process; what it says lies in its versions."""

    key = models.SlugField(max_length=60, unique=True, allow_unicode=False)
    built_in = models.BooleanField(default=False)
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="one_template_is_the_default"
            )
        ]

    def __str__(self) -> str:
        return self.key


class TemplateVersionQuerySet(models.QuerySet["TemplateVersion"]):
    def visible_to(self, actor: Actor) -> Self:
        """Everybody reads what is published; drafts are their editors' (permissions rows 28 and 29)."""
        return self if may(actor, Action.EDIT_TEMPLATES) else self.published()

    def published(self) -> Self:
        return self.filter(published_at__isnull=False)

    def drafts(self) -> Self:
        return self.filter(published_at=None)

    def in_state(self, states: Collection[str]) -> Self:
        """published, draft, or both."""
        if "published" not in states:
            return self.drafts()
        return self if "draft" in states else self.published()

    def newest(self) -> Self:
        """The last published version of each template."""
        later = TemplateVersion.objects.published().filter(template=OuterRef("template"), number__gt=OuterRef("number"))
        return self.published().filter(~Exists(later))

    def newest_and_drafts(self) -> Self:
        """The last published version of each template, and the draft of the next where there is one."""
        return self.filter(Q(published_at=None) | Q(pk__in=TemplateVersion.objects.newest().values("pk")))


class TemplateVersion(models.Model):
    """One version of a template as one JSON document; immutable once published, the draft of the next one before."""

    template = models.ForeignKey(ProcessTemplate, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    digest = models.CharField(max_length=71)
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    edited_at = models.DateTimeField(null=True)
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    objects = TemplateVersionQuerySet.as_manager()

    class Meta:
        ordering = ["template", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="template_version_has_its_number"),
            models.UniqueConstraint(fields=["template"], condition=Q(published_at=None), name="template_has_one_draft"),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.number}"

    @property
    def is_draft(self) -> bool:
        return self.published_at is None

    @property
    def definition(self) -> Definition:
        """Of the document at hand; else the remembered one, which only versions that are published for good have.

        What a transaction has just published may still be undone: it is never remembered from here.
        """
        return definition_of(self.pk) if "document" in self.get_deferred_fields() else parse(self.document)


@lru_cache(maxsize=64)
def definition_of(version_id: int) -> Definition:
    """A published version never changes, so each process parses it once; lists need no join to its document."""
    return parse(TemplateVersion.objects.published().values_list("document", flat=True).get(pk=version_id))


@lru_cache(maxsize=64)
def digest_of(version_id: int) -> str:
    """The fingerprint of a published version, which never changes either."""
    return TemplateVersion.objects.published().values_list("digest", flat=True).get(pk=version_id)
