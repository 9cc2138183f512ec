from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.actor import Actor
from projects.models.project import Project


class IntakeQuerySet(models.QuerySet["Intake"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(project__in=Project.objects.visible_to(actor))

    def newest(self) -> Self:
        return self.filter(superseded=False)


class Intake(models.Model):
    """The answers to the intake's questions, what they propose, and what legal or risk made of it.

    `answers` is {question: [options]}; `proposed` and `confirmed` are {fact: [values]} with "level" and "rule".
    A project has one row that counts; answering anew after a confirmation makes the next one.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="intakes")
    answers = models.JSONField(default=dict)
    proposed = models.JSONField(default=dict)
    confirmed = models.JSONField(default=dict)
    reason = models.TextField(max_length=4000, blank=True)
    filled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    filled_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    superseded = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    objects = IntakeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project"], condition=Q(superseded=False), name="project_has_one_intake_that_counts"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("filled_by")),
                name="intake_is_confirmed_by_someone_else",
            ),
        ]

    def __str__(self) -> str:
        return f"Intake of {self.project}"

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None
