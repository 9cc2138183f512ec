"""Beat's two doors: whatever one job raises, the others run, and the error is told."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError

from overview import tasks
from overview.services import cleaning, reminders

pytestmark = [pytest.mark.core]
JOBS = {"reminders": (reminders, "tick"), "outlooks": (tasks, "refresh_outlooks"), "cleaning": (cleaning, "clean_up")}


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The jobs of a tick in the order in which they ran, doing nothing."""
    names: list[str] = []

    def job(name: str) -> Callable[..., None]:
        return lambda *_args, **_kwargs: names.append(name)

    for name, (module, function) in JOBS.items():
        monkeypatch.setattr(module, function, job(name))
    return names


def test_a_tick_reminds_first_then_looks_ahead_then_cleans(ran: list[str]) -> None:
    tasks.tick.apply()

    assert ran == ["reminders", "outlooks", "cleaning"]


@pytest.mark.parametrize("failing", JOBS)
def test_a_job_that_fails_is_logged_and_stops_no_other(
    failing: str, ran: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise DatabaseError(f"{failing} is broken")

    monkeypatch.setattr(*JOBS[failing], fail)

    with caplog.at_level(logging.ERROR):
        result = tasks.tick.apply()

    assert result.failed()
    assert ran == [name for name in JOBS if name != failing]
    assert f"{failing} is broken" in caplog.text


def test_each_of_several_errors_is_logged(
    ran: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(name: str) -> Callable[..., None]:
        def raising(*_args: Any, **_kwargs: Any) -> None:
            raise DatabaseError(f"{name} is broken")

        return raising

    for name, place in JOBS.items():
        monkeypatch.setattr(*place, fail(name))

    with caplog.at_level(logging.ERROR):
        tasks.tick.apply()

    assert ran == []
    assert all(f"{name} is broken" in caplog.text for name in JOBS)
