from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from threading import Thread

import pytest

from common import clock

pytestmark = pytest.mark.core
AT = datetime(2026, 7, 6, 9, 0, tzinfo=UTC)


def test_now_is_aware_and_in_utc() -> None:
    assert clock.now().utcoffset() == timedelta(0)


def test_a_frozen_clock_moves_only_when_told() -> None:
    with clock.frozen(AT.astimezone(timezone(timedelta(hours=2)))) as time:
        first = clock.now()
        time.move(timedelta(hours=1))
        second = clock.now()

    assert first == AT
    assert second == AT + timedelta(hours=1)


def test_threads_see_the_frozen_clock() -> None:
    seen: list[datetime] = []

    with clock.frozen(AT):
        thread = Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()

    assert seen == [AT]


def test_a_file_can_hold_the_clock_of_a_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "clock"
    monkeypatch.setenv("EIGHTGATE_CLOCK_FILE", str(file))

    file.write_text("2026-07-06T11:00:00+02:00\n")
    first = clock.now()
    file.write_text("2026-07-07T09:00:00Z")

    assert first == AT
    assert clock.now() == AT + timedelta(days=1)
