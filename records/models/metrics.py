from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.actor import Actor
from projects.models import Project
from records.models.subjects import PARTS

RECENT = timedelta(days=14)


class MetricDefinition(models.Model):
    """A metric of the catalogue, or the organisation's own: key, unit, and which way is better."""

    key = models.CharField(max_length=80, unique=True)
    name = models.JSONField()
    description = models.JSONField(default=dict)
    unit = models.CharField(max_length=40, blank=True)
    direction = models.CharField(max_length=6, choices=[("higher", "higher"), ("lower", "lower")])
    built_in = models.BooleanField(default=False)

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.key


class MetricResultQuerySet(models.QuerySet["MetricResult"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(project__in=Project.objects.visible_to(actor))

    def counting(self) -> Self:
        """Results that may decide a check: not superseded, not of a candidate."""
        return self.filter(superseded=False, candidate=False)

    def of_candidates(self) -> Self:
        """What candidates reported: it decides nothing, and answers what if."""
        return self.filter(superseded=False, candidate=True)

    def recent(self, now: datetime) -> Self:
        return self.filter(recorded_at__gte=now - RECENT)

    def of(self, project_ids: Iterable[int], metrics: Iterable[str]) -> Self:
        return self.filter(project_id__in=list(project_ids), metric__in=list(metrics))


class MetricResult(models.Model):
    """One measured value. `slice` "" is the whole test set; `step` 0: steps do not matter; `n`: sample size."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="metric_results")
    metric = models.CharField(max_length=80)
    run_id = models.CharField(max_length=120)
    step = models.BigIntegerField(default=0)
    slice = models.CharField(max_length=120, default="", blank=True)
    revision = models.PositiveIntegerField(default=1)
    value = models.FloatField()
    n = models.BigIntegerField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    benchmark = models.CharField(max_length=200, blank=True)
    # The parts of the subject it was measured for; "" where the report did not name the part.
    model = models.CharField(max_length=200, blank=True)
    dataset = models.CharField(max_length=200, blank=True)
    prompt = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=200, blank=True)
    candidate = models.BooleanField(default=False)
    superseded = models.BooleanField(default=False)
    supersede_reason = models.TextField(blank=True)
    measured_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = MetricResultQuerySet.as_manager()

    class Meta:
        ordering = ["-measured_at", "-id"]
        indexes = [
            models.Index(
                fields=["project", "metric", "slice", "-measured_at", "-id"],
                condition=Q(superseded=False, candidate=False),
                name="metric_result_that_counts",
            ),
            models.Index(
                fields=["project", "-recorded_at"],
                condition=Q(superseded=False, candidate=True),
                name="result_of_a_candidate",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "metric", "run_id", "step", "slice", "revision"],
                name="metric_is_recorded_once_per_run",
            ),
            models.UniqueConstraint(
                fields=["project", "metric", "run_id", "step", "slice"],
                condition=Q(superseded=False),
                name="metric_has_one_standing_value_per_run",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} = {self.value:g}"

    @property
    def subject(self) -> dict[str, str]:
        return {part: getattr(self, part) for part in PARTS if getattr(self, part)}
