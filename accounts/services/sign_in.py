import hashlib
import hmac
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import SignInFailure
from common.errors import RateLimited

WINDOW = timedelta(minutes=1)
# One place may fail for several people behind one address, but not for a list of them.
PLACES = 10


def count_failure(*, login: str, address: str, now: datetime) -> None:
    """Note a wrong password. Only failures count: nobody is locked out by signing in often."""
    SignInFailure.objects.create(account=_account(login), address=address, at=now)


def check_not_throttled(*, login: str, address: str, now: datetime) -> None:
    """Raises RateLimited after too many failures for this account from this address, or from this address altogether.

    Never for the account alone: a stranger's guesses would lock its owner out.
    """
    recent = SignInFailure.objects.since(now - WINDOW).filter(address=address)
    limit = settings.SIGN_IN_FAILURES_PER_MINUTE
    mine = recent.filter(account=_account(login)).count()
    if mine >= limit or recent.count() >= limit * PLACES:
        raise RateLimited(_("Too many wrong passwords. Wait a minute."), retry_after=int(WINDOW.total_seconds()))


def forget_old_failures(*, now: datetime) -> int:
    """Delete what no longer counts; the sweep calls it."""
    return SignInFailure.objects.filter(at__lte=now - 10 * WINDOW).delete()[0]


def _account(login: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), login.strip().lower().encode(), hashlib.sha256).hexdigest()
