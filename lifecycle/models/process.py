from datetime import date, datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from lifecycle.models.definition import Definition, GateRules, StageDefinition
from lifecycle.models.templates import TemplateVersion, definition_of
from projects.models import Project
from records.models import MetricResult


class ProcessQuerySet(models.QuerySet["Process"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(project__in=Project.objects.visible_to(actor))


class Process(models.Model):
    """A project's way through one version of a template, at one level."""

    project = models.OneToOneField(Project, models.CASCADE, related_name="process")
    template_version = models.ForeignKey(TemplateVersion, models.PROTECT, related_name="processes")
    template_key = models.CharField(max_length=60, db_index=True)
    level = models.CharField(max_length=10)
    level_confirmed = models.BooleanField(default=False)
    # The intake calls for counsel before the project may pass a gate; ends when it is confirmed.
    awaits_counsel = models.BooleanField(default=False)
    # The model that criteria with a baseline compare with; "" while none is named.
    baseline_model = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    objects = ProcessQuerySet.as_manager()

    def __str__(self) -> str:
        return f"process of {self.project}"

    @property
    def definition(self) -> Definition:
        return definition_of(self.template_version_id)


class StageState(models.TextChoices):
    PENDING = "pending", _("Not started")
    ACTIVE = "active", _("Active")
    IN_REVIEW = "in_review", _("In review")
    PASSED = "passed", _("Passed")
    PASSED_BEFORE = "passed_before", _("Passed before")
    CLOSED = "closed", _("Closed")
    SKIPPED = "skipped", _("Skipped")


CURRENT = (StageState.ACTIVE, StageState.IN_REVIEW)


class StageQuerySet(models.QuerySet["Stage"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(process__project__in=Project.objects.visible_to(actor))

    def newest(self) -> Self:
        """One row a stage: its latest iteration."""
        return self.filter(superseded=False)

    def current(self) -> Self:
        return self.filter(state__in=CURRENT)

    def of_project(self, key: str) -> Self:
        return self.filter(process__project__key=key)

    def with_process(self) -> Self:
        return self.select_related("process__project__subject")

    def with_candidates(self, now: datetime) -> Self:
        """`has_candidates`: whether a candidate of its project reported lately."""
        reported = MetricResult.objects.of_candidates().recent(now)
        return self.annotate(has_candidates=Exists(reported.filter(project=OuterRef("process__project"))))

    def overdue(self, today: date) -> Self:
        return self.current().filter(due_on__lt=today, process__project__state="active")


class Stage(models.Model):
    """One iteration of one stage. `opened_at` is when this iteration came to be.

    Proof from before does not count for `redo`.
    """

    process = models.ForeignKey(Process, models.CASCADE, related_name="stages")
    key = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField()
    iteration = models.PositiveIntegerField(default=1)
    superseded = models.BooleanField(default=False)
    state = models.CharField(max_length=14, choices=StageState, default=StageState.PENDING)
    starts_on = models.DateField(null=True)
    due_on = models.DateField(null=True)
    opened_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=14, blank=True)
    note = models.TextField(blank=True)
    # What this iteration ended under; set when its process moves on to another template version or level.
    ended_version = models.ForeignKey(TemplateVersion, models.PROTECT, null=True, related_name="ended_stages")
    ended_level = models.CharField(max_length=10, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = StageQuerySet.as_manager()

    class Meta:
        ordering = ["position", "iteration"]
        indexes = [models.Index(fields=["state", "key"], condition=Q(superseded=False), name="latest_stage_by_state")]
        constraints = [
            models.UniqueConstraint(fields=["process", "key", "iteration"], name="stage_iteration_is_unique"),
            models.UniqueConstraint(
                fields=["process", "key"], condition=Q(superseded=False), name="stage_has_one_latest_iteration"
            ),
            models.UniqueConstraint(
                fields=["process"], condition=Q(state__in=["active", "in_review"]), name="process_has_one_current_stage"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["active", "in_review"]) | Q(superseded=False),
                name="current_stage_is_a_latest_iteration",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.iteration}"

    def get_absolute_url(self) -> str:
        return reverse("gate", args=[self.process.project.key, self.key])

    @property
    def project(self) -> Project:
        return self.process.project

    @property
    def version_id(self) -> int:
        """The template version this iteration is read by: what it ended under, else what its process has pinned."""
        return self.ended_version_id or self.process.template_version_id

    @property
    def level(self) -> str:
        return self.ended_level or self.process.level

    @property
    def template(self) -> Definition:
        """The whole template as this iteration is read by it."""
        return definition_of(self.version_id)

    @property
    def definition(self) -> StageDefinition:
        return self.template.by_key[self.key]

    @property
    def rules(self) -> GateRules:
        """Who decides its gate, at its level."""
        return self.definition.rules[self.level]

    @property
    def is_current(self) -> bool:
        return self.state in CURRENT

    def review_ahead(self, today: date) -> date | None:
        """The day of a recurring stage's next review, while nobody has asked for it and its day has not come."""
        waits = self.state == StageState.ACTIVE and self.due_on is not None and self.due_on > today
        return self.due_on if waits and self.definition.recurring else None
