from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from projects.models.project import Health, Project


class ProgressEntryQuerySet(models.QuerySet["ProgressEntry"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(project__in=Project.objects.visible_to(actor))


class ProgressEntry(models.Model):
    """One line of the log: what moved, how far, how it looks, what is in the way."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="progress")
    day = models.DateField()
    text = models.TextField(max_length=4000)
    percent = models.PositiveSmallIntegerField(null=True)
    health = models.CharField(max_length=10, choices=Health, default=Health.ON_TRACK)
    # Why the project is not on track.
    reason = models.TextField(max_length=2000, blank=True)
    blockers = models.TextField(max_length=2000, blank=True)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    objects = ProgressEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-day", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(percent=None) | Q(percent__lte=100), name="progress_is_at_most_all_of_it"
            )
        ]

    def __str__(self) -> str:
        return f"{self.project} on {self.day}"


class CommentQuerySet(models.QuerySet["Comment"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(project__in=Project.objects.visible_to(actor))


class Comment(models.Model):
    """Markdown said about a project or one of its things (`about`: `check:12`, `review:3`)."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="comments")
    about = models.CharField(max_length=80, blank=True)
    text = models.TextField(max_length=20000)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.written_by} on {self.project}"


class ActionSource(models.TextChoices):
    MANUAL = "manual", _("Action")
    CONDITION = "condition", _("Condition")
    TREATMENT = "treatment", _("Treatment")
    CORRECTIVE = "corrective", _("Corrective action")
    AUDIT = "audit", _("Audit finding")
    ASSESSMENT = "assessment", _("Assessment gap")
    ECOSYSTEM = "ecosystem", _("Ecosystem action")


class ActionQuerySet(models.QuerySet["Action"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(project__in=Project.objects.visible_to(actor))

    def open(self) -> Self:
        return self.filter(done_on=None)

    def overdue(self, today: date) -> Self:
        return self.open().filter(due_on__lt=today)


class Action(models.Model):
    """Something somebody owes by a day: conditions, treatments, corrective actions are all actions, in one list."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="actions")
    text = models.TextField(max_length=4000)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="actions")
    due_on = models.DateField()
    source = models.CharField(max_length=12, choices=ActionSource, default=ActionSource.MANUAL)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    # What shows that it is done: an address, or a sentence.
    proof = models.TextField(max_length=2000, blank=True)
    done_on = models.DateField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    verified_on = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = ActionQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        indexes = [models.Index(fields=["owner", "due_on"], condition=Q(done_on=None), name="open_action_by_owner")]
        constraints = [
            models.CheckConstraint(
                condition=Q(verified_by=None) | ~Q(verified_by=F("done_by")), name="action_is_verified_by_someone_else"
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def done(self) -> bool:
        return self.done_on is not None

    @property
    def verified(self) -> bool:
        return self.verified_by_id is not None
