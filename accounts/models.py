"""People, their tokens, and the two counters that make repeats harmless: idempotency keys and failed sign-ins."""

import secrets
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

USERNAME = RegexValidator(r"\A[A-Za-z0-9._-]+\Z", _("Letters, digits, dot, hyphen and underscore."), "invalid_username")

# What a token may be allowed to do, one line per scope. Votes, members, tokens and settings are never among them.
SCOPES = {
    "projects:read": _("Read projects, stages, checks, metrics, risks, comments and records"),
    "projects:write": _("Create and change projects, log progress"),
    "checks:write": _("Answer checks"),
    "records:write": _("Log datasets, models, runs, deployments and outcomes"),
    "metrics:write": _("Report metrics"),
    "evidence:write": _("Add evidence"),
    "risks:write": _("Create and change risks, add readings"),
    "reviews:read": _("Read gate reviews and packs"),
    "reviews:request": _("Ask for a gate review"),
    "templates:read": _("Read process templates"),
    "templates:plan": _("Plan and import template drafts"),
    "webhooks:write": _("Manage webhooks"),
    "export:read": _("Export projects"),
    "audit:read": _("Read the journal"),
}
PRESETS = {
    "ci": ("metrics:write", "evidence:write", "records:write", "projects:read", "reviews:read"),
    "reader": ("projects:read", "reviews:read", "templates:read"),
}


class Language(models.TextChoices):
    BROWSER = "", _("As the browser asks")
    ENGLISH = "en", "English"
    CHINESE = "zh-hans", "中文"


class Theme(models.TextChoices):
    AUTO = "auto", _("As the system")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


def monday_to_friday() -> list[int]:
    """ISO weekdays."""
    return [1, 2, 3, 4, 5]


def calendar_key() -> str:
    """What makes the address of a person's calendar unguessable."""
    return secrets.token_urlsafe(24)


class UserQuerySet(models.QuerySet["User"]):
    def active(self, day: date | None = None) -> Self:
        """Who can sign in; with a `day`, whose last day is not before it (the tick deactivates them soon after)."""
        rows = self.filter(is_active=True)
        return rows if day is None else rows.filter(Q(active_until=None) | Q(active_until__gte=day))

    def ended(self, day: date) -> Self:
        """Active still, though their last day has passed."""
        return self.filter(is_active=True, active_until__lt=day)

    def named(self, username: str) -> Self:
        """User names differ by more than case."""
        return self.filter(username__iexact=username)


class UserManager(BaseUserManager["User"]):
    """Makes users for tests, the demo and first starts; services make them for people, with a journal entry."""

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def active(self, day: date | None = None) -> UserQuerySet:
        return self.get_queryset().active(day)

    def ended(self, day: date) -> UserQuerySet:
        return self.get_queryset().ended(day)

    def named(self, username: str) -> UserQuerySet:
        return self.get_queryset().named(username)

    def create_user(self, username: str, email: str = "", password: str | None = None, **fields: Any) -> "User":
        user = self.model(username=username, email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who signs in. Instance roles stand here; roles in projects and portfolios stand upstairs."""

    username = models.CharField(_("user name"), max_length=60, unique=True, validators=[USERNAME])
    email = models.EmailField(_("mail address"), blank=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    name_zh = models.CharField(_("name in Chinese"), max_length=120, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_admin = models.BooleanField(_("admin"), default=False)
    is_auditor = models.BooleanField(_("auditor"), default=False)
    # A guest sees the projects they were let into, and no other, however open those are inside.
    is_guest = models.BooleanField(_("guest"), default=False)
    # The last day of the account, for guests and for people whose contract ends.
    active_until = models.DateField(_("active until"), null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    language = models.CharField(_("language"), max_length=10, choices=Language, default=Language.BROWSER, blank=True)
    timezone = models.CharField(_("time zone"), max_length=60, default="UTC")
    theme = models.CharField(_("theme"), max_length=5, choices=Theme, default=Theme.AUTO)
    single_keys = models.BooleanField(_("single-key shortcuts"), default=True)
    digest = models.BooleanField(_("one mail a day"), default=True)
    mail_at = models.TimeField(_("mail at"), default=time(7, 30))
    working_days = models.JSONField(_("working days"), default=monday_to_friday)
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_to = models.TimeField(_("quiet to"), null=True, blank=True)
    calendar_key = models.CharField(max_length=40, unique=True, default=calendar_key, editable=False)
    version = models.PositiveIntegerField(default=1)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("username"), name="username_is_unique_whatever_its_case"),
            models.UniqueConstraint(Lower("email"), condition=~Q(email=""), name="mail_address_belongs_to_one_user"),
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_to=None) | Q(quiet_from__isnull=False, quiet_to__isnull=False),
                name="quiet_hours_have_both_ends_or_none",
            ),
            models.CheckConstraint(
                condition=Q(is_guest=False) | Q(is_admin=False, active_until__isnull=False),
                name="guest_has_an_end_and_runs_nothing",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """The name in the reader's language."""
        chinese = (get_language() or "").startswith("zh")
        return (self.name_zh if chinese and self.name_zh else self.name) or self.username

    def has_ended(self, day: date) -> bool:
        """Whether the last day of the account lies before `day`."""
        return self.active_until is not None and self.active_until < day

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def owned_by(self, user_id: int | None) -> Self:
        return self.filter(user_id=user_id)

    def revocable_by(self, user_id: int | None, *, is_admin: bool) -> Self:
        """One's own; an admin's reach is everyone's."""
        return self if is_admin else self.owned_by(user_id)

    def unrevoked(self) -> Self:
        return self.filter(revoked_at=None)

    def live(self, now: datetime) -> Self:
        return self.unrevoked().filter(expires_at__gt=now)


class ApiToken(models.Model):
    """A script's right to act for its owner. The secret is never stored, only its HMAC under one of the peppers."""

    public_id = models.CharField(max_length=16, unique=True)
    digest = models.CharField(max_length=64)
    pepper = models.CharField(max_length=16, help_text="fingerprint of the pepper the digest was made with")
    name = models.CharField(max_length=120)
    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    scopes = models.JSONField(default=list)
    # A plain id: projects live upstairs. Null stands for every project its owner may see.
    project_id = models.BigIntegerField(null=True)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    last_used_ip = models.GenericIPAddressField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at"), expires_at__lte=F("created_at") + timedelta(days=366)),
                name="token_expires_within_a_year",
            ),
        ]
        indexes = [models.Index(fields=["user", "-created_at"], name="tokens_of_a_user")]

    def __str__(self) -> str:
        return f"egt_{self.public_id} {self.name}"

    @property
    def is_revoked(self) -> bool:
        return self.revoked_at is not None


class IdempotencyState(models.TextChoices):
    RUNNING = "running"
    DONE = "done"


class IdempotencyRecord(models.Model):
    """One POST with an Idempotency-Key: claimed before it runs, its answer kept for 24 hours."""

    # `user:7` or `token:12`; a script's keys do not meet those of its owner's browser.
    actor = models.CharField(max_length=40)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=71)
    state = models.CharField(max_length=7, choices=IdempotencyState, default=IdempotencyState.RUNNING)
    # A running claim whose process died is free again after the lease. By the database's clock: a server's may jump.
    lease_until = models.DateTimeField()
    # Who holds the claim: after a takeover the former holder's answer must not count.
    attempt = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["actor", "key"], name="idempotency_key_is_claimed_once_per_actor"),
            models.CheckConstraint(
                condition=Q(state="running", status=None) | Q(state="done", status__isnull=False),
                name="idempotency_record_is_done_with_a_status",
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_record_age")]

    def __str__(self) -> str:
        return f"{self.actor} {self.key}"


class SignInFailureQuerySet(models.QuerySet["SignInFailure"]):
    def since(self, moment: datetime) -> Self:
        return self.filter(at__gt=moment)


class SignInFailure(models.Model):
    """One wrong password. Kept in the database, since a cache that is lost would open the door."""

    # A keyed digest: people type their password into the name's field.
    account = models.CharField(max_length=64)
    address = models.CharField(max_length=45)
    at = models.DateTimeField()

    objects = SignInFailureQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["account", "address", "at"], name="failures_of_account_and_place"),
            models.Index(fields=["address", "at"], name="failures_of_a_place"),
        ]

    def __str__(self) -> str:
        return f"{self.address} at {self.at:%Y-%m-%d %H:%M}"
