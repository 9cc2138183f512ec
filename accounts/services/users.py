from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.errors import UsernameTaken
from accounts.models import ApiToken, User
from common.errors import PermissionDenied
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
    _require_admin(actor)
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
    """Close all doors to a person at once: sessions (their user is inactive) and tokens."""
    _require_admin(actor)
    User.objects.filter(pk=user.pk).update(is_active=False)
    ApiToken.objects.owned_by(user.pk).unrevoked().update(revoked_at=now)
    record("user.deactivated", actor=actor, at=now, object=f"user:{user.pk}", user=user.pk)


def _require_admin(actor: Actor) -> None:
    if not (actor.is_system or (actor.is_admin and actor.is_human_session)):
        raise PermissionDenied(_("Only an admin manages people."))
