"""The minute's work: a row for every reminder that came due since the last mark. Only rows; mail is the sweep's."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta

from django.db.models.functions import Greatest

from accounts.models import User
from accounts.services import end_accounts
from common.days import between
from common.errors import DomainError
from journal.models import Notice
from journal.services import add_notices
from lifecycle.services import announce_changes, note_lapses, settle_conditions
from overview.models import Clockwork
from overview.selectors.due import KINDS, due_on
from overview.selectors.due_moments import Habits, days_between, instant, mail_moment
from overview.selectors.due_people import people_of
from overview.selectors.due_shapes import Owed
from risks.services import note_lapsed_acceptances

MARK = "tick"
CATCH_UP = timedelta(days=7)

# Which days' reminders came due within the window, at which instant, for people whose mail comes at this wall time.
Clocks = dict[tuple[str, time], dict[date, datetime]]


def tick(now: datetime, *, start_from: datetime | None = None) -> int:
    """Insert what came due since the last mark, at most seven days back, then move the mark; how many rows are new.

    `start_from` stands for the mark. Two ticks at once, or one after a crash, find each other's rows by their key.
    """
    after = max(start_from or _mark(now), now - CATCH_UP)
    added = add_notices(list(_reminders(after, now)))
    # Only now: what was not inserted must be found again.
    _move_mark(now)
    # Another tick may close the same condition, or tell of the same change, at this moment.
    with suppress(DomainError):
        settle_conditions(now=now)
        announce_changes(now=now)
    # Days end once a day; what a crash leaves out, the next day's look back finds.
    if after.date() < now.date():
        end_accounts(now=now)
        note_lapses(now=now)
        note_lapsed_acceptances(now=now)
    return added


def _mark(now: datetime) -> datetime:
    """How far the tick has come; before its first run, as far back as it ever looks."""
    row = Clockwork.objects.filter(name=MARK).first()
    return row.ticked_to if row else now - CATCH_UP


def _move_mark(now: datetime) -> None:
    """Never backwards, though a clock may go back."""
    moved = Clockwork.objects.filter(name=MARK).update(ticked_to=Greatest("ticked_to", now), ran_at=now)
    if not moved:
        Clockwork.objects.bulk_create([Clockwork(name=MARK, ticked_to=now, ran_at=now)], ignore_conflicts=True)


def _reminders(after: datetime, now: datetime) -> Iterator[Notice]:
    clocks = _clocks(after, now)
    days = {day for moments in clocks.values() for day in moments}
    # Most minutes are nobody's mail time: then nothing is asked at all.
    owed = list(due_on(days, now)) if days else []
    people = people_of(one.project_id for _, one in owed)
    wanted: dict[tuple[str, str, int], list[tuple[Owed, date, str]]] = {}
    for kind, one in owed:
        for day in days:
            offset = between(one.due, day)
            if offset not in KINDS[kind].offsets:
                continue
            for user, reason in people[one.project_id].told(one.told, offset).items():
                wanted.setdefault((kind, one.object, user), []).append((one, day, reason))
    known = _users((user for _, _, user in wanted), now)
    for (kind, _, user), rows in wanted.items():
        if user in known:
            yield from _notices(kind, known[user], rows, clocks, now)


def _notices(kind: str, user: User, rows: list[tuple[Owed, date, str]], clocks: Clocks, now: datetime) -> list[Notice]:
    """One person's reminders of one thing; after a longer silence several, of which only the last is unread."""
    moments, habits, found = clocks.get((user.timezone, user.mail_at), {}), habits_of(user), []
    for one, day, reason in sorted(rows, key=lambda row: row[1]):
        if day not in moments or moments[day] < one.since:
            continue
        due, offset = one.due.isoformat(), between(one.due, day)
        found.append(
            Notice(
                kind=kind,
                dedupe_key=f"{kind}:{one.object}:{due}:{offset}:{user.pk}",
                recipient_id=user.pk,
                reason=reason,
                project_id=one.project_id,
                object=one.object,
                payload={**one.about, "due": due, "offset": offset},
                urgent=KINDS[kind].urgent,
                created_at=now,
                next_at=mail_moment(moments[day], habits),
                read_at=now,
            )
        )
    if found:
        found[-1].read_at = None
    return found


def _clocks(after: datetime, now: datetime) -> Clocks:
    pairs = User.objects.active(now.date()).values_list("timezone", "mail_at").distinct()
    found = {
        (zone, at): {day: instant(day, at, zone) for day in days_between(after, now, at, zone)} for zone, at in pairs
    }
    return {clock: moments for clock, moments in found.items() if moments}


def _users(ids: Iterable[int], now: datetime) -> dict[int, User]:
    return User.objects.active(now.date()).in_bulk(set(ids))


def habits_of(user: User) -> Habits:
    """What the profile says about when to be reached."""
    return Habits(user.timezone, user.mail_at, frozenset(user.working_days or ()), user.quiet_from, user.quiet_to)
