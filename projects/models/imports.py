from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor


class ImportState(models.TextChoices):
    CHECKED = "checked", _("Checked")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def visible_to(self, actor: Actor) -> Self:
        """One's own."""
        return self if actor.is_system else self.filter(started_by_id=actor.user_id or 0)


class ImportRun(models.Model):
    """A table of projects as it was read, what is wrong with it, and how far its import has come.

    `rows` is [{"row": number in the file, column: value, ...}], `problems` [{"row", "column", "code", "detail"}],
    `changes` [{"row", "key", "kind": "create" | "update" | "same"}].
    """

    filename = models.CharField(max_length=255)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.CHECKED)
    rows = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    changes = models.JSONField(default=list)
    done = models.PositiveIntegerField(default=0)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="imports")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.filename
