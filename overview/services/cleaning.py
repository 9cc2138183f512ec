"""Once an hour: what is no longer needed goes."""

from datetime import datetime, timedelta

from accounts.services import forget_old_failures, forget_old_keys
from overview.models import Clockwork
from records.services import sweep_blobs

MARK = "clean"
EVERY = timedelta(hours=1)


def clean_up(*, now: datetime) -> bool:
    """Forget old idempotency keys and failed sign-ins, and delete files without a row; False when that is not due.

    The hour is taken first, so that of two ticks one does it; what a crash leaves is the next hour's.
    """
    _, first = Clockwork.objects.get_or_create(name=MARK, defaults={"ticked_to": now, "ran_at": now})
    if not first and not Clockwork.objects.filter(name=MARK, ran_at__lte=now - EVERY).update(ticked_to=now, ran_at=now):
        return False
    forget_old_keys(now=now)
    forget_old_failures(now=now)
    sweep_blobs(now=now)
    return True
