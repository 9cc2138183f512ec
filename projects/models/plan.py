from datetime import date
from typing import Self

from django.conf import settings
from django.db import models

from accounts.actor import Actor
from projects.models.project import Project


class HolidayQuerySet(models.QuerySet["Holiday"]):
    def visible_to(self, actor: Actor) -> Self:
        """A calendar is no secret inside."""
        return self if actor.user is not None or actor.is_system else self.none()

    def days(self, start: date, end: date) -> frozenset[date]:
        return frozenset(self.filter(day__range=(start, end)).values_list("day", flat=True))


class Holiday(models.Model):
    """A day on which nobody of the organisation works; plans step over it."""

    day = models.DateField(unique=True)
    name = models.CharField(max_length=120)

    objects = HolidayQuerySet.as_manager()

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class MilestoneQuerySet(models.QuerySet["Milestone"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(project__in=Project.objects.visible_to(actor))

    def open(self) -> Self:
        return self.filter(reached_on=None)


class Milestone(models.Model):
    """A point within a stage that somebody waits for. `stage` is the stage's key in the project's template."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="milestones")
    stage = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    due_on = models.DateField()
    reached_on = models.DateField(null=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="milestones")
    version = models.PositiveIntegerField(default=1)

    objects = MilestoneQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]

    def __str__(self) -> str:
        return self.title
