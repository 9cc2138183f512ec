from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from accounts.actor import Actor
from projects.models.project import Project

MONEY = models.DecimalField(max_digits=16, decimal_places=2)


class BudgetLineQuerySet(models.QuerySet["BudgetLine"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(project__in=Project.objects.visible_to(actor))

    def with_spend(self) -> Self:
        return self.annotate(spent=Coalesce(Sum("spends__amount"), 0, output_field=MONEY))


class BudgetLine(models.Model):
    """Money planned for one category, in the project's currency."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="budget_lines")
    category = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    stage = models.CharField(max_length=40, blank=True)
    planned = models.DecimalField(max_digits=16, decimal_places=2)
    version = models.PositiveIntegerField(default=1)

    objects = BudgetLineQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=Q(planned__gte=0), name="planned_money_is_not_negative")]

    def __str__(self) -> str:
        return self.name


class SpendQuerySet(models.QuerySet["Spend"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(line__project__in=Project.objects.visible_to(actor))


class Spend(models.Model):
    """Money spent on a line on a day; a correction is a negative amount with its reason."""

    line = models.ForeignKey(BudgetLine, models.PROTECT, related_name="spends")
    day = models.DateField()
    amount = models.DecimalField(max_digits=16, decimal_places=2)
    note = models.CharField(max_length=200, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = SpendQuerySet.as_manager()

    class Meta:
        ordering = ["-day", "-id"]

    def __str__(self) -> str:
        return f"{self.amount} on {self.line}"
