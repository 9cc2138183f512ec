from typing import Self

from django.db import models

from accounts.actor import Actor
from projects.models.project import Project


class GoalQuerySet(models.QuerySet["Goal"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(project__in=Project.objects.visible_to(actor))


class Goal(models.Model):
    """What the project is for, in one figure: from a baseline to a target by a day."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="goals")
    indicator = models.CharField(max_length=120)
    unit = models.CharField(max_length=40, blank=True)
    direction = models.CharField(max_length=6, choices=[("higher", "higher"), ("lower", "lower")], default="higher")
    baseline = models.FloatField(null=True)
    target = models.FloatField()
    current = models.FloatField(null=True)
    by = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = GoalQuerySet.as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.indicator


class StakeholderQuerySet(models.QuerySet["Stakeholder"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(project__in=Project.objects.visible_to(actor))


class Stakeholder(models.Model):
    """A role or group with a stake, whether they use the product or are only affected by it."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="stakeholders")
    name = models.CharField(max_length=120)
    interest = models.TextField(max_length=2000, blank=True)
    affected = models.BooleanField(default=False)
    need = models.TextField(max_length=2000, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = StakeholderQuerySet.as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name
