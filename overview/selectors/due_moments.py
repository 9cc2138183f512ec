"""When a reminder reaches a person: their clock, their working days, their quiet hours. Pure: no clock, no database."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from common.days import between

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Habits:
    """How one person likes to be reached: `zone` is an IANA name, `working_days` are ISO weekdays."""

    zone: str = "UTC"
    mail_at: time = time(7, 30)
    working_days: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    quiet_from: time | None = None
    quiet_to: time | None = None

    def works_on(self, day: date) -> bool:
        """Nobody never works: who named no day is reached on every one."""
        return not self.working_days or day.isoweekday() in self.working_days


@lru_cache(maxsize=600)
def zone_of(name: str) -> ZoneInfo:
    """The named zone; UTC for a name that this machine does not know, because one person must not stop the tick."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def instant(day: date, at: time, zone: str) -> datetime:
    """A wall clock's time in UTC: the first of two, and where the clock jumps over it, the end of the jump."""
    tz, wall = zone_of(zone), datetime.combine(day, at.replace(fold=0, tzinfo=None))
    found = wall.replace(tzinfo=tz).astimezone(UTC)
    if found.astimezone(tz).replace(tzinfo=None) == wall:
        return found
    # Within the gap fold=1 reads the wall by the offset after the jump, which gives an instant before it.
    low, high = wall.replace(tzinfo=tz, fold=1).astimezone(UTC), found
    offset = high.astimezone(tz).utcoffset()
    while high - low > SECOND:
        middle = low + (high - low) / 2
        low, high = (low, middle) if middle.astimezone(tz).utcoffset() == offset else (middle, high)
    return high.replace(microsecond=0)


def days_between(after: datetime, until: datetime, at: time, zone: str) -> list[date]:
    """The days whose instant at this wall time lies in `(after, until]`."""
    day, last = after.astimezone(zone_of(zone)).date() - DAY, until.astimezone(zone_of(zone)).date() + DAY
    days = [day + timedelta(days=number) for number in range(between(day, last) + 1)]
    return [day for day in days if after < instant(day, at, zone) <= until]


def mail_moment(at: datetime, habits: Habits) -> datetime:
    """The next mail time, on a working day, of what came up at `at`."""
    today = at.astimezone(zone_of(habits.zone)).date()
    days = [today + timedelta(days=number) for number in range(-1, 9)]
    moments = (instant(day, habits.mail_at, habits.zone) for day in days if habits.works_on(day))
    return next((moment for moment in moments if moment >= at), at)


def after_quiet(at: datetime, habits: Habits) -> datetime:
    """`at`, or the end of the quiet hours that it lies in."""
    if habits.quiet_from is None or habits.quiet_to is None:
        return at
    local = at.astimezone(zone_of(habits.zone))
    begins, ends, clock = habits.quiet_from, habits.quiet_to, local.time()
    overnight = begins > ends
    quiet = (clock >= begins or clock < ends) if overnight else begins <= clock < ends
    if not quiet:
        return at
    day = local.date() + DAY if overnight and clock >= begins else local.date()
    return instant(day, ends, habits.zone)
