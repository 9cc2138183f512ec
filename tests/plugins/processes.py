"""Real Celery processes on the database of the running test, each in a session of its own and ended by its id."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Protocol

import pytest
import redis
from django.conf import settings

from common.processes import start
from tests.plugins.environment import redis_url

READY_SECONDS = 30
CELERY = (sys.executable, "-m", "celery", "-A", "config")


class Process:
    """One process of the product; `ready` is a piece of what it says when it is up, after `seconds` at most."""

    def __init__(
        self, argv: tuple[str, ...], environment: dict[str, str], *, ready: str = "", seconds: float = READY_SECONDS
    ) -> None:
        self.argv, self.environment, self.ready, self.seconds = argv, environment, ready, seconds
        self._log: IO[bytes] = tempfile.NamedTemporaryFile(prefix="eightgate-process-")  # noqa: SIM115 - kept open
        self._process = self._start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def output(self) -> str:
        """All that it said so far, also before a restart."""
        return Path(self._log.name).read_text(errors="replace")

    def children(self) -> list[int]:
        """The process ids of its children, such as the pool of a worker."""
        found = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return [int(pid) for pid in found.read_text().split()] if found.exists() else []

    def kill_child(self) -> int:
        """SIGKILL to one child; its process id."""
        pid = self.children()[0]
        os.kill(pid, signal.SIGKILL)
        return pid

    def kill(self) -> None:
        """SIGKILL to the process itself; what it forked must find out on its own."""
        self._process.kill()
        self._process.wait()

    def stop(self, seconds: float = 15) -> int:
        """SIGTERM, and SIGKILL to the whole session after `seconds`; the exit code."""
        if self.alive:
            self._process.terminate()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._kill_session()
        self._kill_session()
        return self._process.wait()

    def restart(self) -> None:
        """Start it again after `kill()` or `stop()`."""
        assert not self.alive, "stop or kill it first"
        self._process = self._start()

    def close(self) -> None:
        self.stop()
        self._log.close()

    def _start(self) -> "subprocess.Popen[bytes]":
        said = len(self.output())
        process = start(
            self.argv,
            cwd=settings.BASE_DIR,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        deadline = time.monotonic() + self.seconds
        while self.ready not in self.output()[said:]:
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                process.wait()
                pytest.fail(f"{' '.join(self.argv)} is not up:\n{self.output()[-4000:]}")
            time.sleep(0.05)
        return process

    def _kill_session(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


class StartProcess(Protocol):
    def __call__(self, *argv: str, ready: str = "", environment: dict[str, str] | None = None) -> Process: ...


@pytest.fixture
def start_process(transactional_db: None, process_environment: dict[str, str]) -> Iterator[StartProcess]:
    """`start_process(*argv, ready="", environment=None)` runs a program on this test's services until the test ends."""
    running: list[Process] = []

    def begin(*argv: str, ready: str = "", environment: dict[str, str] | None = None) -> Process:
        process = Process(argv, process_environment | (environment or {}), ready=ready)
        running.append(process)
        return process

    yield begin
    for process in reversed(running):
        process.close()


@pytest.fixture
def empty_redis() -> Iterator[redis.Redis]:
    """A client of this test process's own Redis database, emptied."""
    with redis.Redis.from_url(redis_url()) as client:
        client.flushdb()
        yield client


@pytest.fixture
def celery_worker_process(empty_redis: redis.Redis, start_process: StartProcess) -> Callable[..., Process]:
    """`celery_worker_process(**environment)` starts a worker, e.g. with NOTICE_LEASE_SECONDS=2, and waits for it.

    One pool process unless WORKER_PROCESSES says otherwise.
    """

    def begin(**environment: Any) -> Process:
        values = {"WORKER_PROCESSES": "1", "LOG_LEVEL": "INFO"} | {name: str(v) for name, v in environment.items()}
        worker = (*CELERY, "worker", "--loglevel", "INFO", "--without-gossip", "--without-mingle")
        return start_process(*worker, ready=" ready.", environment=values)

    return begin


@pytest.fixture
def celery_beat_process(empty_redis: redis.Redis, start_process: StartProcess) -> Callable[..., Process]:
    """`celery_beat_process(SWEEP_SECONDS=1)` starts a beat; it returns when the beat is up."""

    def begin(**environment: Any) -> Process:
        values = {"LOG_LEVEL": "INFO"} | {name: str(v) for name, v in environment.items()}
        return start_process(*CELERY, "beat", "--loglevel", "INFO", ready="beat: Starting", environment=values)

    return begin
