from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from common import content
from projects.models import Project


class AssessmentState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Waiting for signatures")
    APPROVED = "approved", _("Approved")


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(project__in=Project.objects.visible_to(actor))

    def drafts(self) -> Self:
        return self.filter(state=AssessmentState.DRAFT)

    def newest(self) -> Self:
        """Of each questionnaire of each project the newest attempt."""
        newer = Assessment.objects.filter(project=OuterRef("project"), key=OuterRef("key"), pk__gt=OuterRef("pk"))
        return self.filter(~Exists(newer))

    def in_force(self, today: date) -> Self:
        return self.filter(Q(expires_on=None) | Q(expires_on__gte=today), state=AssessmentState.APPROVED)


class Assessment(models.Model):
    """A questionnaire of the content, answered for one project, scored, and signed by the roles it names."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="assessments")
    key = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=AssessmentState, default=AssessmentState.DRAFT)
    answers = models.JSONField(default=dict)
    percent = models.FloatField(null=True)
    passes = models.BooleanField(default=False)
    subject = models.JSONField(default=dict)
    filled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    filled_at = models.DateTimeField()
    # Everyone who gave answers, not only the last: none of them may sign.
    fillers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    approved_at = models.DateTimeField(null=True)
    expires_on = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["project", "key", "-id"], name="assessment_latest_first")]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "key"], condition=Q(state="draft"), name="assessment_has_one_draft"
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(passes=True, approved_at__isnull=False),
                name="only_a_passing_assessment_is_approved",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.project}"

    @property
    def questionnaire(self) -> dict[str, Any]:
        return content.questionnaires()[self.key]


class AssessmentSignature(models.Model):
    """One of the named roles approves. Who filled the questionnaire in cannot sign it."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="signatures")
    role = models.CharField(max_length=40)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "role"], name="assessment_is_signed_once_per_role")
        ]

    def __str__(self) -> str:
        return f"{self.role} on {self.assessment}"
