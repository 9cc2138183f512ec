"""The chain of the journal shows every tampering that leaves the head in place."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.actor import Actor
from journal import triggers
from journal.models import Entry
from journal.selectors import verify_chain
from journal.services import record

pytestmark = [pytest.mark.django_db, pytest.mark.core]


@pytest.fixture
def entries(now: datetime) -> list[Entry]:
    return [record("comment.added", actor=Actor.system(), at=now + timedelta(hours=n), number=n) for n in range(5)]


@pytest.fixture
def tamper() -> Callable[[str], None]:
    """SQL past the triggers, as a superuser could."""

    def run(sql: str) -> None:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("ALTER TABLE journal_entry DISABLE TRIGGER ALL")
            else:
                triggers.remove()
            cursor.execute(sql)

    return run


def test_an_untouched_chain_is_whole(entries: list[Entry]) -> None:
    report = verify_chain()

    assert (report.checked, report.head, report.bad_seq) == (5, entries[-1].hash, None)


def test_an_empty_journal_is_whole() -> None:
    assert verify_chain().checked == 0


@pytest.mark.parametrize(
    ("sql", "bad"),
    [
        ("UPDATE journal_entry SET verb = 'comment.edited' WHERE seq = 3", 3),
        ("UPDATE journal_entry SET at = '2026-03-02 10:00:01+00:00' WHERE seq = 2", 2),
        ("UPDATE journal_entry SET actor_id = 7 WHERE seq = 5", 5),
        ("DELETE FROM journal_entry WHERE seq = 2", 3),
        ("DELETE FROM journal_entry WHERE seq = 1", 2),
    ],
)
def test_the_first_bad_row_is_named(sql: str, bad: int, entries: list[Entry], tamper: Callable[[str], None]) -> None:
    tamper(sql)

    assert verify_chain().bad_seq == bad


def test_the_command_answers_by_exit_code(entries: list[Entry], tamper: Callable[[str], None]) -> None:
    out = StringIO()
    call_command("journal", "verify", stdout=out)
    assert "5 entries" in out.getvalue()

    tamper("UPDATE journal_entry SET verb = 'x' WHERE seq = 4")
    with pytest.raises(CommandError, match="entry 4") as refusal:
        call_command("journal", "verify")
    assert refusal.value.returncode == 1


@pytest.mark.parametrize(
    "data",
    [
        {"value": 0.1},
        {"value": 5.0},
        {"value": -0.0},
        {"value": 1e22},
        {"value": 1e-7},
        {"value": 2**53 + 1},
        {"nested": [{"é": "中文 \u2028", "n": None, "t": True}]},
    ],
)
def test_what_is_stored_hashes_as_what_was_written(data: dict[str, Any], now: datetime) -> None:
    record("metric.recorded", actor=Actor.system(), at=now, **data)

    assert verify_chain().bad_seq is None


def test_the_hash_does_not_depend_on_the_zone_of_the_clock(now: datetime) -> None:
    record("a.b", actor=Actor.system(), at=now.astimezone(timezone(timedelta(hours=8))))

    assert verify_chain().bad_seq is None
    assert Entry.objects.get().at.astimezone(UTC) == now


@pytest.mark.parametrize("sql", ["UPDATE journal_entry SET verb = 'x'", "DELETE FROM journal_entry"])
def test_the_database_refuses_to_change_the_past(sql: str, entries: list[Entry]) -> None:
    with pytest.raises(Exception, match="never changed or deleted"), connection.cursor() as cursor:
        cursor.execute(sql)
