import hashlib
import hmac
import re
import secrets
import string
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.actor import SYSTEM, TOKEN, Actor, require_human
from accounts.errors import ScopeNotGrantable, TokenExpired, TokenInvalid
from accounts.models import PRESETS, SCOPES, ApiToken, User
from common.errors import FieldError, NotFound, PermissionDenied, ValidationFailed
from journal.services import record

BASE62 = string.ascii_letters + string.digits
SECRET = re.compile(r"egt_([A-Za-z0-9]{12})_([A-Za-z0-9]{43})")
LONGEST = timedelta(days=365)
USUAL = timedelta(days=90)


@transaction.atomic
def create_token(
    *,
    actor: Actor,
    user: User,
    name: str,
    scopes: Iterable[str],
    now: datetime,
    project_id: int | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """Make a token of `user` and return it with its secret, which exists nowhere else.

    `scopes` are keys of SCOPES or names of PRESETS. That `project_id` is visible to `user` is the caller's check:
    projects live upstairs. Raises HumanSessionRequired, PermissionDenied, ScopeNotGrantable, ValidationFailed.
    """
    if actor.via != SYSTEM:
        require_human(actor)
        if actor.user_id != user.pk:
            raise PermissionDenied(_("A token is made by the person it acts for."))
    granted = grantable(scopes)
    expires_at = _expiry(expires_at or now + USUAL, now)
    public_id, secret = _random(12), _random(43)
    token = ApiToken.objects.create(
        public_id=public_id,
        digest=_digest(settings.TOKEN_PEPPERS[0], secret),
        pepper=_fingerprint(settings.TOKEN_PEPPERS[0]),
        name=name,
        user=user,
        scopes=granted,
        project_id=project_id,
        expires_at=expires_at,
        created_at=now,
    )
    record(
        "token.created",
        actor=actor,
        at=now,
        object=f"token:{token.pk}",
        name=name,
        scopes=granted,
        user=user.pk,
        project_id=project_id,
    )
    return token, f"egt_{public_id}_{secret}"


def grantable(scopes: Iterable[str]) -> list[str]:
    """The scopes of `scopes` with presets spelt out, in the order of SCOPES. Raises ScopeNotGrantable for any other."""
    wanted = list(scopes)
    spelt = {scope for name in wanted for scope in PRESETS.get(name, (name,))}
    if wrong := sorted(spelt - SCOPES.keys()):
        detail = _("No token may hold: %(scopes)s.") % {"scopes": ", ".join(wrong)}
        errors = [FieldError(f"/scopes/{wanted.index(name)}", "scope_not_grantable", detail) for name in wrong]
        raise ScopeNotGrantable(detail, errors=errors)
    if not spelt:
        raise ValidationFailed.at("scopes", "required", _("Name at least one scope."))
    return [scope for scope in SCOPES if scope in spelt]


def _expiry(expires_at: datetime, now: datetime) -> datetime:
    if not now < expires_at <= now + LONGEST:
        raise ValidationFailed.at("expires_at", "out_of_range", _("A token lives at most 365 days."))
    return expires_at


@transaction.atomic
def revoke_token(*, actor: Actor, token: ApiToken, now: datetime) -> ApiToken:
    """End a token at once: one's own, or as admin anyone's; repeats change nothing.

    Raises HumanSessionRequired, NotFound.
    """
    require_human(actor)
    if token.user_id != actor.user_id and not actor.is_admin:
        raise NotFound
    if ApiToken.objects.unrevoked().filter(pk=token.pk).update(revoked_at=now):
        token.revoked_at = now
        record("token.revoked", actor=actor, at=now, object=f"token:{token.pk}", name=token.name, user=token.user_id)
    return token


def authenticate_token(*, secret: str, ip: str | None, request_id: str, now: datetime) -> Actor:
    """The actor behind a bearer token. Raises TokenInvalid, TokenExpired.

    Its use is noted at most once a minute, so that a busy script costs no write per request.
    """
    match = SECRET.fullmatch(secret)
    token = ApiToken.objects.select_related("user").filter(public_id=match[1]).first() if match else None
    if (
        match is None
        or token is None
        or not _is_secret_of(token, match[2])
        or token.is_revoked
        or not token.user.is_active
        or token.user.has_ended(now.date())
    ):
        raise TokenInvalid
    if token.expires_at <= now:
        raise TokenExpired
    _note_use(token, ip, now)
    return Actor(user=token.user, token=token, via=TOKEN, ip=ip, request_id=request_id)


def _note_use(token: ApiToken, ip: str | None, now: datetime) -> None:
    minute_ago = now - timedelta(minutes=1)
    if token.last_used_at is None or token.last_used_at <= minute_ago:
        unnoted = Q(last_used_at=None) | Q(last_used_at__lte=minute_ago)
        ApiToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=now, last_used_ip=ip)


def _is_secret_of(token: ApiToken, secret: str) -> bool:
    pepper = next((pepper for pepper in settings.TOKEN_PEPPERS if _fingerprint(pepper) == token.pepper), None)
    return pepper is not None and hmac.compare_digest(_digest(pepper, secret), token.digest)


def _digest(pepper: str, secret: str) -> str:
    return hmac.new(pepper.encode(), secret.encode(), hashlib.sha256).hexdigest()


def _fingerprint(pepper: str) -> str:
    """Which pepper it was: a position in the list would shift when a new one is put in front."""
    return hashlib.sha256(b"pepper:" + pepper.encode()).hexdigest()[:16]


def _random(length: int) -> str:
    return "".join(secrets.choice(BASE62) for _position in range(length))
