from typing import Self

from django.db import models

from accounts.actor import Actor
from projects.models import Project


class OutlookQuerySet(models.QuerySet["Outlook"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(project__in=Project.objects.visible_to(actor))


class Outlook(models.Model):
    """What a project's current gate said when last asked: a memo, never the truth.

    `seq` is the journal's last number when it was asked. It holds while the project has no later entry and the day is
    still `day`; else it is asked anew.
    """

    project = models.OneToOneField(Project, models.CASCADE, primary_key=True, related_name="outlook")
    seq = models.BigIntegerField()
    day = models.DateField()
    verdict = models.CharField(max_length=10)
    stage = models.CharField(max_length=40)
    required = models.PositiveSmallIntegerField(default=0)
    met = models.PositiveSmallIntegerField(default=0)
    # A row a blocker, `{"check", "kind", "code", "weight", "who", "assignee"}`: figures, chips, whose work it is; the
    # words are made when shown. `optional`: the same of open optional checks that have somebody's name on them.
    blockers = models.JSONField(default=list)
    optional = models.JSONField(default=list)
    # Go-live as planned and as it looks today; `live_on` once that gate was passed. Days between the first two: `slip`.
    planned_on = models.DateField(null=True)
    forecast_on = models.DateField(null=True)
    live_on = models.DateField(null=True)
    slip = models.PositiveIntegerField(default=0)

    objects = OutlookQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["verdict"], name="outlook_by_verdict")]

    def __str__(self) -> str:
        return f"{self.project}: {self.verdict}"


class Clockwork(models.Model):
    """How far the tick has come. One row: everything due up to `ticked_to` has its notices."""

    name = models.CharField(max_length=20, primary_key=True)
    ticked_to = models.DateTimeField()
    ran_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} to {self.ticked_to:%Y-%m-%d %H:%M}"
