from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.errors import UsernameTaken
from accounts.models import ApiToken, User
from common.errors import PermissionDenied, ValidationFailed
from common.versions import bump
from journal.services import record

PREFERENCES = frozenset(
    {
        "name",
        "name_zh",
        "language",
        "timezone",
        "theme",
        "single_keys",
        "digest",
        "mail_at",
        "working_days",
        "quiet_from",
        "quiet_to",
    }
)


@transaction.atomic
def create_user(
    *, actor: Actor, username: str, email: str, name: str, now: datetime, password: str | None = None, **fields: Any
) -> User:
    """Add a person; `fields` are instance roles and preferences. Admins and the system may. Raises UsernameTaken."""
    require_admin(actor)
    taken = User.objects.named(username).exists() or (email and User.objects.filter(email__iexact=email).exists())
    if taken:
        raise UsernameTaken
    user = User.objects.create_user(username, email, password, name=name, **fields)
    record(
        "user.created",
        actor=actor,
        at=now,
        object=f"user:{user.pk}",
        user=user.pk,
        username=username,
        is_admin=user.is_admin,
        is_auditor=user.is_auditor,
    )
    return user


def ensure_user(
    *, actor: Actor, username: str, email: str, name: str, now: datetime, password: str | None = None, **fields: Any
) -> User:
    """The person named `username`, made when absent; an existing one stays as they are."""
    existing = User.objects.named(username).first()
    return existing or create_user(
        actor=actor, username=username, email=email, name=name, now=now, password=password, **fields
    )


@transaction.atomic
def update_profile(*, actor: Actor, expected_version: int, now: datetime, **changes: Any) -> User:
    """Change one's own preferences. Raises VersionMismatch; a person without session or token cannot get here."""
    person = actor.person
    wanted = {name: value for name, value in changes.items() if name in PREFERENCES}
    before = {name: getattr(person, name) for name in wanted}
    bump(User, person.pk, expected_version, **wanted)
    person.refresh_from_db()
    record(
        "profile.updated", actor=actor, at=now, object=f"user:{person.pk}", before=_plain(before), after=_plain(wanted)
    )
    return person


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value if isinstance(value, str | bool | list) or value is None else str(value)
        for name, value in values.items()
    }


@transaction.atomic
def change_password(*, actor: Actor, user: User, password: str, now: datetime) -> None:
    """Set a password whose rules the form has checked. Every session but the one at hand ends by its hash."""
    user.set_password(password)
    User.objects.filter(pk=user.pk).update(password=user.password)
    record("password.changed", actor=actor, at=now, object=f"user:{user.pk}")


@transaction.atomic
def deactivate_user(*, actor: Actor, user: User, now: datetime) -> None:
    """Close all doors to a person at once: sessions (their user is inactive) and tokens. Twice changes nothing."""
    require_admin(actor)
    if not User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
        return
    ApiToken.objects.owned_by(user.pk).unrevoked().update(revoked_at=now)
    record("user.deactivated", actor=actor, at=now, object=f"user:{user.pk}", user=user.pk)


def end_accounts(*, now: datetime) -> int:
    """Deactivate whose last day has passed; the tick calls it. Two ticks at once write one entry each person."""
    ended = list(User.objects.ended(now.date()))
    for user in ended:
        deactivate_user(actor=Actor.system("tick"), user=user, now=now)
    return len(ended)


@transaction.atomic
def change_account(*, actor: Actor, user: User, version: int, now: datetime, **changes: Any) -> User:
    """Make a person a guest (`is_guest`), or set the last day of their account (`active_until`). Admins may.

    A guest has a last day and runs nothing. Raises PermissionDenied, VersionMismatch, ValidationFailed.
    """
    require_admin(actor)
    guest = changes.get("is_guest", user.is_guest)
    if guest and user.is_admin:
        raise ValidationFailed.at("is_guest", "invalid_choice", _("An admin cannot be a guest."))
    if guest and changes.get("active_until", user.active_until) is None:
        raise ValidationFailed.at("active_until", "required", _("A guest has a last day."))
    if (day := changes.get("active_until")) is not None and day < now.date():
        detail = _("The last day lies in the past. Deactivate the account instead.")
        raise ValidationFailed.at("active_until", "out_of_range", detail)
    before = {name: getattr(user, name) for name in changes}
    bump(User, user.pk, version, **changes)
    user.refresh_from_db()
    record(
        "user.account_changed",
        actor=actor,
        at=now,
        object=f"user:{user.pk}",
        user=user.pk,
        before=_plain(before),
        after=_plain(changes),
    )
    return user


def require_admin(actor: Actor) -> None:
    """Raises PermissionDenied for who does not run the instance, and for tokens."""
    if not (actor.is_system or (actor.is_admin and actor.is_human_session)):
        raise PermissionDenied(_("Only an admin manages people."))
