from collections.abc import Iterable
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.actor import Actor
from lifecycle.models.process import Process
from projects.models import Project


class LimitOverrideQuerySet(models.QuerySet["LimitOverride"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(process__project__in=Project.objects.visible_to(actor))

    def standing(self) -> Self:
        """In force now."""
        return self.filter(in_force_at__isnull=False, replaced_at=None)

    def proposed(self) -> Self:
        """Looser than the template's, and waiting for a risk officer's word."""
        return self.filter(in_force_at=None, replaced_at=None)

    def version(self) -> int:
        """How often one check's limit was set, agreed to or declined: rows are never erased. 0: never."""
        return steps_of(self.values_list("agreed_by", "declined_by"))


def steps_of(decided: Iterable[tuple[int | None, int | None]]) -> int:
    """Each row was set; who agreed or declined moved it once more."""
    return sum(2 if agreed or declined else 1 for agreed, declined in decided)


class LimitOverride(models.Model):
    """A project's own limit for a metric check: set before the round opens, with a reason, shown for ever.

    A looser one is in force only from the moment a risk officer, who is someone else, agrees. `replaced_at`: a later
    limit took its place, or, where it was never in force, it was declined by `declined_by`.
    """

    process = models.ForeignKey(Process, models.CASCADE, related_name="limits")
    check_key = models.CharField(max_length=60)
    threshold = models.FloatField()
    reason = models.TextField(max_length=4000)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    in_force_at = models.DateTimeField(null=True)
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    declined_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    replaced_at = models.DateTimeField(null=True)

    objects = LimitOverrideQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["process", "check_key"],
                condition=Q(in_force_at__isnull=False, replaced_at=None),
                name="check_has_one_standing_limit",
            ),
            models.UniqueConstraint(
                fields=["process", "check_key"],
                condition=Q(in_force_at=None, replaced_at=None),
                name="check_has_one_proposed_limit",
            ),
            models.CheckConstraint(
                condition=Q(agreed_by=None) | ~Q(agreed_by=F("set_by")), name="limit_is_agreed_by_someone_else"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.check_key}: {self.threshold:g}"


class BaselineQuerySet(models.QuerySet["Baseline"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(process__project__in=Project.objects.visible_to(actor))

    def standing(self) -> Self:
        return self.filter(in_force_at__isnull=False, replaced_at=None)

    def proposed(self) -> Self:
        """Waiting for a risk officer's word."""
        return self.filter(in_force_at=None, replaced_at=None)

    def version(self) -> int:
        """How often the project's baseline was named, agreed to or declined. 0: never."""
        return steps_of(self.values_list("agreed_by", "declined_by"))


class Baseline(models.Model):
    """A model that a project named, or wants to name, to compare its results with; kept for ever with its reason.

    Another model moves what every comparing check asks, so it stands only once a risk officer, who is someone else,
    agrees. To name none ("") stands at once: then nothing that compares is met. `Process.baseline_model` holds the one
    that stands. `replaced_at` is that of `LimitOverride`.
    """

    process = models.ForeignKey(Process, models.CASCADE, related_name="baselines")
    model = models.CharField(max_length=200, blank=True)
    reason = models.TextField(max_length=4000)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    in_force_at = models.DateTimeField(null=True)
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    declined_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    replaced_at = models.DateTimeField(null=True)

    objects = BaselineQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["process"],
                condition=Q(in_force_at__isnull=False, replaced_at=None),
                name="project_has_one_standing_baseline",
            ),
            models.UniqueConstraint(
                fields=["process"],
                condition=Q(in_force_at=None, replaced_at=None),
                name="project_has_one_proposed_baseline",
            ),
            models.CheckConstraint(
                condition=Q(agreed_by=None) | ~Q(agreed_by=F("set_by")), name="baseline_is_agreed_by_someone_else"
            ),
        ]

    def __str__(self) -> str:
        return self.model or "none"


class SourceConfirmation(models.Model):
    """Legal counsel of a project has compared a number of the template with the text of the law.

    It speaks of the criterion as it was then (`criterion`): another number or operator asks for a new look.
    """

    process = models.ForeignKey(Process, models.CASCADE, related_name="confirmed_sources")
    check_key = models.CharField(max_length=60)
    criterion = models.CharField(max_length=71)
    reference = models.TextField(max_length=2000)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["process", "check_key", "criterion"], name="source_is_confirmed_once")
        ]

    def __str__(self) -> str:
        return f"{self.check_key} confirmed by {self.confirmed_by}"
