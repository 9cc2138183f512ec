from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.actor import Actor
from projects.models import Project
from records.models.links import Link, read_link


class Blob(models.Model):
    """A stored file, named by its SHA-256: `blobs/ab/cd/<sha256>` below MEDIA_ROOT. Size in bytes."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    stored_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.sha256

    @property
    def path(self) -> str:
        return f"blobs/{self.sha256[:2]}/{self.sha256[2:4]}/{self.sha256}"


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(project__in=Project.objects.visible_to(actor))

    def standing(self) -> Self:
        return self.filter(withdrawn_at=None)

    def newest(self) -> Self:
        """Those that no later revision has taken the place of."""
        return self.filter(revised_by=None)

    def newest_first(self) -> Self:
        return self.order_by("-revision")

    def titled(self, words: str) -> Self:
        """Whose title, file or address holds these words; all without words."""
        named = Q(title__icontains=words) | Q(filename__icontains=words) | Q(url__icontains=words, confidential=False)
        return self.filter(named) if words else self

    def revisions_of(self, evidence: "Evidence") -> Self:
        """Itself, what it took the place of, and what took its place."""
        first = evidence.first_id or evidence.pk
        return self.filter(Q(pk=first) | Q(first=first))


class Evidence(models.Model):
    """Proof: a link or a file, what it was made for (`subject`), and how long it holds. Withdrawn, never erased."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="evidence")
    title = models.CharField(max_length=200)
    url = models.URLField(max_length=2000, blank=True)
    blob = models.ForeignKey(Blob, models.PROTECT, null=True, related_name="evidence")
    filename = models.CharField(max_length=255, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.BigIntegerField(null=True)
    confidential = models.BooleanField(default=False)
    # The revision that this one takes the place of, and the one it all began with; each has its own hash and supplier.
    revises = models.OneToOneField("self", models.PROTECT, null=True, related_name="revised_by")
    first = models.ForeignKey("self", models.PROTECT, null=True, related_name="revisions")
    revision = models.PositiveIntegerField(default=1)
    subject = models.JSONField(default=dict)
    effective_at = models.DateTimeField()
    valid_until = models.DateField(null=True)
    supplied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    supplied_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    withdrawn_reason = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(url="", blob__isnull=False) | ~Q(url="") & Q(blob=None), name="evidence_is_a_link_or_a_file"
            ),
            models.CheckConstraint(
                condition=Q(revises=None, first=None, revision=1)
                | Q(revises__isnull=False, first__isnull=False, revision__gt=1),
                name="revision_follows_another",
            ),
            models.UniqueConstraint(fields=["first", "revision"], name="revision_is_numbered_once"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/evidence/{self.pk}/"

    @property
    def link(self) -> Link:
        """What its address says of itself; nothing for a file."""
        return read_link(self.url)

    @property
    def is_file(self) -> bool:
        return self.blob_id is not None
