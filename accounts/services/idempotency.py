from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.errors import IdempotencyInProgress, IdempotencyKeyReused, InvalidIdempotencyKey
from accounts.models import IdempotencyRecord, IdempotencyState

LEASE = timedelta(seconds=60)
KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Answer:
    """A stored answer, to be sent again byte by byte. No body: it held a secret."""

    status: int
    body: bytes | None
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Claim:
    """A key in the caller's hands: run the request, then `finish` or `release`; or, with an `answer`, replay it."""

    pk: int
    attempt: int
    answer: Answer | None = None


def claim_key(*, actor: Actor, key: str, fingerprint: str) -> Claim:
    """Take `key` for one request. Commits before the request runs: a parallel repeat has to see it.

    Raises InvalidIdempotencyKey, IdempotencyInProgress, IdempotencyKeyReused.
    """
    if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        raise InvalidIdempotencyKey(_("1 to 255 printable ASCII characters."))
    whose = f"token:{actor.token.pk}" if actor.token else f"user:{actor.user_id}"
    IdempotencyRecord.objects.filter(actor=whose, key=key, created_at__lt=Now() - KEPT).delete()
    try:
        with transaction.atomic():
            record = IdempotencyRecord.objects.create(
                actor=whose, key=key, fingerprint=fingerprint, lease_until=Now() + LEASE
            )
    except IntegrityError:
        return _claim_again(whose, key, fingerprint)
    return Claim(record.pk, record.attempt)


def _claim_again(whose: str, key: str, fingerprint: str) -> Claim:
    record = IdempotencyRecord.objects.filter(actor=whose, key=key).first()
    if record is None:
        # Released between our insert and our look.
        raise IdempotencyInProgress(_("Repeat the request in a moment."), headers={"Retry-After": "1"})
    if record.fingerprint != fingerprint:
        raise IdempotencyKeyReused(_("The key was used with another body, path or method."))
    if record.state == IdempotencyState.DONE:
        return Claim(record.pk, record.attempt, Answer(record.status or 200, _bytes(record.body), record.headers))
    orphaned = IdempotencyRecord.objects.filter(
        pk=record.pk, attempt=record.attempt, state=IdempotencyState.RUNNING, lease_until__lt=Now()
    )
    if not orphaned.update(lease_until=Now() + LEASE, attempt=F("attempt") + 1):
        raise IdempotencyInProgress(_("Repeat the request in a moment."), headers={"Retry-After": "1"})
    return Claim(record.pk, record.attempt + 1)


def _bytes(body: bytes | memoryview | None) -> bytes | None:
    """PostgreSQL hands out memory views."""
    return None if body is None else bytes(body)


def finish(claim: Claim, *, status: int, body: bytes | None, headers: Mapping[str, str]) -> None:
    """Store the answer, in the same transaction as what the request did.

    Raises IdempotencyInProgress when another process has taken the claim over, which rolls this one's work back.
    """
    mine = IdempotencyRecord.objects.filter(pk=claim.pk, attempt=claim.attempt, state=IdempotencyState.RUNNING)
    if not mine.update(state=IdempotencyState.DONE, status=status, body=body, headers=dict(headers)):
        raise IdempotencyInProgress(_("Repeat the request in a moment."), headers={"Retry-After": "1"})


def release(claim: Claim) -> None:
    """Forget a claim whose request left nothing behind, so that it can be repeated."""
    IdempotencyRecord.objects.filter(pk=claim.pk, attempt=claim.attempt, state=IdempotencyState.RUNNING).delete()


def forget_old_keys(*, now: datetime) -> int:
    """Delete keys older than 24 hours; the sweep calls it."""
    return IdempotencyRecord.objects.filter(created_at__lt=now - KEPT).delete()[0]
