from collections.abc import Mapping
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from common.canonical import number
from lifecycle.models.process import Stage
from projects.models import Project


def frozen_rows(basis: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each check that a basis froze, its figures as numbers."""
    rows: list[dict[str, Any]] = basis.get("checks", [])
    return [row | {name: number(row[name]) for name in ("value", "limit") if name in row} for row in rows]


class ChangeState(models.TextChoices):
    OPEN = "open", _("Open")
    IN_REVIEW = "in_review", _("In review")
    CONFIRMED = "confirmed", _("Confirmed")
    CLOSED = "closed", _("Closed")


class ChangeQuerySet(models.QuerySet["Change"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(stage__process__project__in=Project.objects.visible_to(actor))

    def running(self) -> Self:
        return self.filter(state__in=[ChangeState.OPEN, ChangeState.IN_REVIEW])

    def with_process(self) -> Self:
        """With what says how it stands, and who opened and closed it."""
        return self.select_related("stage__process__project", "opened_by", "closed_by")

    def of_process(self, process_id: int) -> Self:
        return self.filter(stage__process=process_id)


class Change(models.Model):
    """A change to what runs between two reviews of a recurring stage: prompt, index, vendor's version, retrained model.

    `moved` is {part: [from, to]} of the subject; `checks` the keys of the checks, of any stage, that it turned stale.
    When all of them are met again and none is material, one gatekeeper confirms it (nobody at lean); else a review of
    just these checks does.
    """

    stage = models.ForeignKey(Stage, models.PROTECT, related_name="changes")
    text = models.TextField(max_length=4000)
    moved = models.JSONField(default=dict)
    checks = models.JSONField(default=list)
    material = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=ChangeState, default=ChangeState.OPEN)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    # How its checks stood when it was confirmed; of one that a round decided, that round's basis says so.
    basis = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "in_review"], closed_at=None)
                | Q(state__in=["confirmed", "closed"], closed_at__isnull=False),
                name="change_that_is_over_says_when",
            )
        ]

    def __str__(self) -> str:
        return self.text

    def get_absolute_url(self) -> str:
        return reverse("change", args=[self.pk])

    @property
    def is_running(self) -> bool:
        return self.state in {ChangeState.OPEN, ChangeState.IN_REVIEW}
