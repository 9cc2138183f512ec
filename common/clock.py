"""The only reader of the clock. Doors call `now()` and pass the instant down; nothing below asks the time."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path


class Frozen:
    """A clock held still by a test; it moves only when told to."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def move(self, by: timedelta) -> datetime:
        self.at += by
        return self.at


# One for the whole process, not per context: a live server's threads must see the same frozen time as the test.
_held: list[Frozen] = []


def now() -> datetime:
    """The present instant, aware and in UTC.

    Fault tests set `EIGHTGATE_CLOCK_FILE`, a file with one ISO instant, read each time so that a running process can be
    moved in time.
    """
    if _held:
        return _held[-1].at
    if path := os.environ.get("EIGHTGATE_CLOCK_FILE"):
        return datetime.fromisoformat(Path(path).read_text().strip()).astimezone(UTC)
    return datetime.now(UTC)


@contextmanager
def frozen(at: datetime) -> Iterator[Frozen]:
    """Hold the clock at `at` (aware) for a test; `frozen(...).move(timedelta(...))` lets time pass."""
    clock = Frozen(at.astimezone(UTC))
    _held.append(clock)
    try:
        yield clock
    finally:
        _held.remove(clock)
