"""The hour's work: old keys, old failures and files without a row go."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import IdempotencyRecord, SignInFailure, User
from common import clock
from overview.services.cleaning import clean_up
from overview.tasks import tick

pytestmark = [pytest.mark.core, pytest.mark.django_db]


def leave(now: datetime) -> Path:
    """One of each kind that nobody needs any more."""
    then = now - timedelta(hours=25)
    key = IdempotencyRecord.objects.create(actor="user:1", key="k", fingerprint="f", lease_until=then, created_at=then)
    IdempotencyRecord.objects.filter(pk=key.pk).update(created_at=then)
    SignInFailure.objects.create(account="a", address="192.0.2.1", at=then)
    path = Path(settings.MEDIA_ROOT) / "blobs" / "aa" / "aa" / ("a" * 64)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    os.utime(path, (then.timestamp(), then.timestamp()))
    return path


def test_the_tick_cleans_up(now: datetime, admin: User) -> None:
    path = leave(now)

    with clock.frozen(now):
        tick.apply(throw=True)

    assert not IdempotencyRecord.objects.exists()
    assert not SignInFailure.objects.exists()
    assert not path.exists()


def test_it_is_done_once_an_hour(now: datetime) -> None:
    assert clean_up(now=now)
    path = leave(now)

    assert not clean_up(now=now + timedelta(minutes=59))
    assert path.exists()
    assert clean_up(now=now + timedelta(minutes=60))
    assert not path.exists()
