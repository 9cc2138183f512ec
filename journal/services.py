"""The one way into the journal, and the life of a notice."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from common.canonical import storable
from journal.models import ATTEMPTS, Entry, Notice, NoticeQuerySet, NoticeState
from journal.selectors import chained_hash

# Any constant does, as long as nobody else locks on it: "eightgate journal" in ASCII, cut to eight bytes.
CHAIN_LOCK = 0x6567_6A6F_7572_6E61
CHUNK = 1000
GIVE_UP_AFTER = timedelta(hours=48)
BROKE_WORKERS = "broke_workers"


class Who(Protocol):
    """What the journal needs to know of an actor; accounts.actor.Actor is one."""

    @property
    def user_id(self) -> int | None: ...
    @property
    def via(self) -> str: ...
    @property
    def ip(self) -> str | None: ...
    @property
    def request_id(self) -> str: ...


@transaction.atomic
def record(
    verb: str,
    *,
    actor: Who,
    at: datetime,
    project_id: int | None = None,
    object: str = "",  # noqa: A002 - the journal's own word for what it tells of
    notify: Mapping[int, str] | None = None,
    urgent: bool = False,
    **data: Any,
) -> Entry:
    """Write what happened and whom to tell, in the caller's transaction; the last statement of a service.

    `notify` maps user ids to the reason why they are told. The chain's lock is held until the caller commits.
    """
    _lock_chain()
    last = Entry.objects.newest_first().first()
    entry = Entry(
        seq=last.seq + 1 if last else 1,
        at=at,
        verb=verb,
        actor_id=actor.user_id,
        via=actor.via,
        ip=actor.ip,
        request_id=actor.request_id,
        project_id=project_id,
        object=object,
        data=storable(data),
        prev_hash=last.hash if last else "",
    )
    entry.hash = chained_hash(entry)
    entry.save(force_insert=True)
    _tell(entry, notify or {}, urgent=urgent)
    return entry


def _lock_chain() -> None:
    # SQLite needs none: IMMEDIATE transactions already queue all writers.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])


def _tell(entry: Entry, notify: Mapping[int, str], *, urgent: bool) -> None:
    Notice.objects.bulk_create(
        [
            Notice(
                kind=entry.verb,
                dedupe_key=f"{entry.verb}:{entry.seq}:{user_id}",
                recipient_id=user_id,
                reason=reason,
                entry_seq=entry.seq,
                project_id=entry.project_id,
                object=entry.object,
                urgent=urgent,
                created_at=entry.at,
                next_at=entry.at,
            )
            for user_id, reason in notify.items()
            if user_id != entry.actor_id
        ],
        ignore_conflicts=True,
    )


def add_notices(notices: Sequence[Notice]) -> int:
    """Insert what is not there yet; returns how many rows are new. Two callers at once are harmless."""
    added = 0
    # Always in the same order: two inserts of the same keys wait for each other instead of for ever.
    rows = sorted(notices, key=lambda notice: notice.dedupe_key)
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        known = Notice.objects.filter(dedupe_key__in=[notice.dedupe_key for notice in chunk])
        there = set(known.values_list("dedupe_key", flat=True))
        fresh = [notice for notice in chunk if notice.dedupe_key not in there]
        Notice.objects.bulk_create(fresh, ignore_conflicts=True)
        added += len(fresh)
    return added


@transaction.atomic
def claim_notices(*, limit: int, lease_seconds: int, now: datetime) -> list[Notice]:
    """Take the due notices of up to `limit` bundles for this worker alone, until the lease runs out.

    A bundle (of one person the urgent ones, or the others) is never split: a digest is one mail, however many workers.
    Leases go by the database's clock, because those of servers may differ or jump.
    """
    _bury_lapsed()
    heads = Notice.objects.heads(now).order_by("-urgent", "next_at", "pk")
    if connection.vendor == "postgresql":
        heads = heads.select_for_update(skip_locked=True, of=("self",))
    claimed = Q(pk__in=[])
    for recipient, urgent in list(heads.values_list("recipient_id", "urgent")[:limit]):
        claimed |= Q(recipient_id=recipient, urgent=urgent)
    ids = list(Notice.objects.due(now).filter(claimed).values_list("pk", flat=True))
    lease = Now() + timedelta(seconds=lease_seconds)
    Notice.objects.filter(pk__in=ids).update(state=NoticeState.SENDING, lease_until=lease)
    return list(Notice.objects.filter(pk__in=ids).order_by("-urgent", "next_at", "pk"))


def begin_notice(*, notices: Sequence[Notice], lease_seconds: int) -> bool:
    """Count the attempt to send `notices` as one mail and renew their lease; False when another worker has them."""
    lease = Now() + timedelta(seconds=lease_seconds)
    held = Notice.objects.leased(notices).update(attempts=F("attempts") + 1, lease_until=lease)
    renewed = Notice.objects.values_list("lease_until", flat=True).get(pk=notices[0].pk)
    for notice in notices:
        notice.attempts, notice.lease_until = notice.attempts + 1, renewed
    return held == len(notices)


def finish_notice(*, notices: Sequence[Notice], outcome: str, sent_at: datetime | None = None) -> None:
    """Sent as one mail at `sent_at`, or found to need no sending; `outcome` says which and why."""
    Notice.objects.leased(notices).update(
        state=NoticeState.DONE, lease_until=None, failing_since=None, sent_at=sent_at, outcome=outcome
    )


def defer_notice(*, notices: Sequence[Notice], until: datetime | None = None) -> None:
    """Give back what was not begun: for later, or (without `until`) for the next worker."""
    later = {} if until is None else {"next_at": until}
    Notice.objects.leased(notices).update(state=NoticeState.PENDING, lease_until=None, **later)


def postpone_notice(*, notices: Sequence[Notice], outcome: str, detail: str, now: datetime) -> None:
    """What was begun cannot be put into words or breaks: again in 1, 2, 4, 8 minutes, dead after the fifth attempt."""
    for notice in notices:
        dead = notice.attempts >= ATTEMPTS
        Notice.objects.leased([notice]).update(
            state=NoticeState.DEAD if dead else NoticeState.PENDING,
            lease_until=None,
            next_at=now + timedelta(minutes=2 ** max(notice.attempts - 1, 0)),
            outcome=_trouble(outcome, detail),
        )


def retry_notice(*, notices: Sequence[Notice], outcome: str, detail: str, begun: bool, now: datetime) -> None:
    """The mail server cannot take it now: again after as long as it has been failing, dead after 48 hours.

    Nothing is wrong with the notice, so its attempt (if one was `begun`) does not count. A server that is away is asked
    again within minutes; one that answered "later" is left in peace for up to four hours.
    """
    for notice in notices:
        since = notice.failing_since or now
        wait = min(max(now - since, timedelta(minutes=1)), timedelta(hours=4) if begun else timedelta(minutes=5))
        Notice.objects.leased([notice]).update(
            state=NoticeState.DEAD if now - since > GIVE_UP_AFTER else NoticeState.PENDING,
            lease_until=None,
            attempts=F("attempts") - int(begun),
            failing_since=since,
            next_at=now + wait,
            outcome=_trouble(outcome, detail),
        )


def refuse_notice(*, notices: Sequence[Notice], outcome: str, detail: str) -> None:
    """The mail server will never take it for this person."""
    Notice.objects.leased(notices).update(state=NoticeState.DEAD, lease_until=None, outcome=_trouble(outcome, detail))


def _trouble(code: str, detail: str) -> str:
    """A code, which each reader's language has words for, and what the machine said."""
    return f"{code}: {detail}".replace("\x00", "")[:200]


def _bury_lapsed() -> None:
    """A notice that ended its worker five times is not tried again; the others behind it go on."""
    lapsed = Notice.objects.filter(state=NoticeState.SENDING, lease_until__lte=Now(), attempts__gte=ATTEMPTS)
    lapsed.update(state=NoticeState.DEAD, lease_until=None, outcome=BROKE_WORKERS)


def read_notices(*, notices: NoticeQuerySet, now: datetime) -> int:
    """Mark those of `notices` as read that are not yet; a door names one person's, of what they may see."""
    return notices.filter(read_at=None).update(read_at=now)


def snooze_notice(*, user_id: int, notice_id: int, until: datetime) -> int:
    """Hide one notice of this person until then; the door keeps `until` within seven days."""
    return Notice.objects.of(user_id).filter(pk=notice_id).update(snoozed_until=until)


def settle_notices(*, first_seq: int, before: datetime, outcome: str) -> int:
    """Take what was told since `first_seq` and long ago as sent and read: a replayed past must not ring today."""
    past = Notice.objects.filter(entry_seq__gte=first_seq, created_at__lt=before, state=NoticeState.PENDING)
    return past.update(state=NoticeState.DONE, sent_at=F("created_at"), read_at=F("created_at"), outcome=outcome)


def forget_notices(*, project_ids: list[int], user_ids: list[int]) -> int:
    """Delete the notices of projects and people that are no more; the entries stay."""
    return Notice.objects.filter(Q(project_id__in=project_ids) | Q(recipient_id__in=user_ids)).delete()[0]
