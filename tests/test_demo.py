"""`make demo` as its user meets it: all processes, the second start, and what is left when it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from common.alive import answers
from tests.plugins.environment import free_port
from tests.plugins.processes import Process

READY = "Eightgate is ready"
DEMO = (sys.executable, "manage.py", "demo")

pytestmark = pytest.mark.xdist_group("demo")  # one demo for all tests of this file


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A person's shell: nothing set but the address and an empty data folder."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {"PORT": str(free_port()), "EIGHTGATE_DATA": str(tmp_path_factory.mktemp("demo"))}


@pytest.fixture(scope="module")
def demo(environment: dict[str, str]) -> Iterator[Process]:
    """A demo that was started for the first time."""
    process = Process(DEMO, environment, ready=READY, seconds=120)
    yield process
    process.close()


def run(environment: dict[str, str], **more: str) -> subprocess.CompletedProcess[str]:
    values = environment | more
    return subprocess.run(
        DEMO, cwd=settings.BASE_DIR, env=values, capture_output=True, text=True, timeout=60, check=False
    )


def below(pid: int) -> list[int]:
    """All processes below `pid`."""
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [*children, *(found for child in children for found in below(child))]


def test_a_demo_that_is_ready_answers(demo: Process, environment: dict[str, str]):
    port = int(environment["PORT"])

    assert answers("127.0.0.1", port, f"http://127.0.0.1:{port}")


def test_a_second_demo_is_refused_in_one_line(demo: Process, environment: dict[str, str], tmp_path: Path):
    same_folder = run(environment, PORT=str(free_port()))
    same_port = run(environment, EIGHTGATE_DATA=str(tmp_path))

    assert (same_folder.returncode, same_port.returncode) == (2, 2)
    assert "is in use by another demo" in same_folder.stderr
    assert f"Port {environment['PORT']} on 127.0.0.1 is not free" in same_port.stderr
    assert same_folder.stderr.count("\n") == same_port.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "values",
    [{"DATABASE_URL": "postgres://eightgate@127.0.0.1/eightgate"}, {"BASE_URL": "https://eightgate.example.org"}],
)
def test_production_settings_are_refused_in_one_line(environment: dict[str, str], values: dict[str, str]):
    done = run(environment, **values)

    assert done.returncode == 2
    assert (
        done.stderr
        == "eightgate: The demo is refused with production settings: unset DATABASE_URL and https BASE_URL.\n"
    )


def test_killed_processes_come_back(demo: Process, environment: dict[str, str]):
    port = int(environment["PORT"])
    before = set(demo.children())

    for pid in before:
        os.kill(pid, signal.SIGKILL)

    deadline = time.monotonic() + 20
    while before & set(demo.children()) or len(demo.children()) < len(before):
        assert time.monotonic() < deadline, demo.output()[-2000:]
        time.sleep(0.2)
    while not answers("127.0.0.1", port, f"http://127.0.0.1:{port}"):
        assert time.monotonic() < deadline, demo.output()[-2000:]
        time.sleep(0.2)


def test_the_second_start_is_quick_and_leaves_nothing_behind(demo: Process):
    demo.stop()

    began = time.monotonic()
    demo.restart()
    seconds = time.monotonic() - began
    processes = below(demo.pid)
    code = demo.stop()

    # Under 5 s on a quiet machine; here the rest of the suite runs beside it.
    assert seconds < 15
    assert code == 0
    assert len(processes) >= 6
    assert not [pid for pid in processes if Path(f"/proc/{pid}").exists()]
