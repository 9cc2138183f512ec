from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.actor import Actor


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, actor: Actor) -> Self:
        """Those who run the instance see them all, others their own."""
        if actor.is_system or (actor.user is not None and actor.user.is_admin):
            return self
        return self.filter(invited_by_id=actor.user_id or 0)

    def waiting(self, now: datetime) -> Self:
        return self.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=now)


class Invitation(models.Model):
    """A person asked in by mail. The link's secret is kept as a hash; `memberships` is what acceptance gives.

    `memberships` is [{"project": id, "access": [...], "functions": [...]}].
    """

    email = models.EmailField()
    name = models.CharField(max_length=120, blank=True)
    secret_hash = models.CharField(max_length=64, unique=True)
    is_guest = models.BooleanField(default=False)
    is_auditor = models.BooleanField(default=False)
    active_until = models.DateField(null=True)
    memberships = models.JSONField(default=list)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="invitations")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="address_has_one_open_invitation",
            ),
            models.CheckConstraint(
                condition=Q(is_guest=False) | Q(active_until__isnull=False), name="invited_guest_has_an_end"
            ),
        ]

    def __str__(self) -> str:
        return self.email
