"""The one way into the journal, and the life of a notice."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db import connection, transaction
from django.db.models import F

from journal.models import ATTEMPTS, Entry, Notice, NoticeState
from journal.selectors import chained_hash

# Any constant does, as long as nobody else locks on it: "eightgate journal" in ASCII, cut to eight bytes.
CHAIN_LOCK = 0x6567_6A6F_7572_6E61
# Floats from here on are written with an exponent.
EXACT = 1e16


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
        data=_storable(data),
        prev_hash=last.hash if last else "",
    )
    entry.hash = chained_hash(entry)
    entry.save(force_insert=True)
    _tell(entry, notify or {}, urgent=urgent)
    return entry


def _storable(value: Any) -> Any:
    """Numbers as the database gives them back, or the hash would not fit: PostgreSQL's JSON has no -0.0 and no 1e+22."""
    if isinstance(value, Mapping):
        return {key: _storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(item) for item in value]
    if isinstance(value, float):
        return 0.0 if value == 0 else value if abs(value) < EXACT else repr(value)
    return value


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


def add_notices(notices: list[Notice]) -> int:
    """Insert what is not there yet; returns how many rows are new. Two callers at once are harmless."""
    before = Notice.objects.filter(dedupe_key__in=[notice.dedupe_key for notice in notices]).count()
    Notice.objects.bulk_create(notices, ignore_conflicts=True, batch_size=1000)
    return len(notices) - before


@transaction.atomic
def claim_notices(*, limit: int, lease_seconds: int, now: datetime) -> list[Notice]:
    """Take up to `limit` due notices for this worker alone, until the lease runs out."""
    due = Notice.objects.due(now).order_by("-urgent", "next_at")
    if connection.vendor == "postgresql":
        due = due.select_for_update(skip_locked=True)
    ids = list(due.values_list("pk", flat=True)[:limit])
    Notice.objects.filter(pk__in=ids).update(
        state=NoticeState.SENDING, lease_until=now + timedelta(seconds=lease_seconds), attempts=F("attempts") + 1
    )
    return list(Notice.objects.filter(pk__in=ids).order_by("-urgent", "next_at"))


def finish_notice(*, notice: Notice, outcome: str, now: datetime) -> None:
    """Sent, or found to need no sending; `outcome` says which."""
    Notice.objects.filter(pk=notice.pk, state=NoticeState.SENDING).update(
        state=NoticeState.DONE, lease_until=None, sent_at=now, outcome=outcome
    )


def postpone_notice(*, notice: Notice, outcome: str, wait: timedelta, now: datetime) -> None:
    """Try again later; after the fifth attempt it is dead, with its reason."""
    dead = notice.attempts >= ATTEMPTS
    Notice.objects.filter(pk=notice.pk, state=NoticeState.SENDING).update(
        state=NoticeState.DEAD if dead else NoticeState.PENDING,
        lease_until=None,
        next_at=now + wait,
        outcome=outcome[:200],
    )


def read_notices(*, user_id: int, ids: list[int] | None, now: datetime) -> int:
    """Mark the named notices of this person as read, or all of them."""
    mine = Notice.objects.of(user_id).filter(read_at=None)
    return (mine if ids is None else mine.filter(pk__in=ids)).update(read_at=now)


def snooze_notice(*, user_id: int, notice_id: int, until: datetime) -> int:
    """Hide one notice of this person until then; the door keeps `until` within seven days."""
    return Notice.objects.of(user_id).filter(pk=notice_id).update(snoozed_until=until)
