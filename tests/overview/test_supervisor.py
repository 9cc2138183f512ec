import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from overview.management.supervisor import LAST_DELAY, Child, Program, Supervisor

SLEEP = (sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)")


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def supervisor(out: io.StringIO) -> Iterator[Supervisor]:
    supervisor = Supervisor(os.environ, out=out)
    yield supervisor
    supervisor.stop()


def turn_until(supervisor: Supervisor, condition) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        supervisor.turn(0.05)


def exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return "zombie" not in Path(f"/proc/{pid}/status").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_lines_are_shown_under_the_name_of_their_program(supervisor: Supervisor, out: io.StringIO):
    supervisor.start(Program("web", (sys.executable, "-c", "print('one'); print('two', end='')")))

    turn_until(supervisor, lambda: "ended" in out.getvalue())

    assert out.getvalue().splitlines()[:2] == ["web     | one", "web     | two"]


def test_a_killed_program_is_started_again(supervisor: Supervisor, out: io.StringIO):
    child = supervisor.start(Program("web", SLEEP))
    first = child.process.pid

    os.kill(first, signal.SIGKILL)
    turn_until(supervisor, lambda: child.process is not None and child.process.pid != first)

    assert "ended with SIGKILL; starting again in 0.5 s" in out.getvalue()
    assert supervisor.falls("web") == 1


def test_what_a_killed_program_left_behind_is_ended(supervisor: Supervisor, out: io.StringIO):
    orphan = "import subprocess, time; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"
    child = supervisor.start(Program("worker", (sys.executable, "-c", orphan)))
    turn_until(supervisor, lambda: "|" in out.getvalue())
    pid = int(out.getvalue().split("|")[1])

    os.kill(child.process.pid, signal.SIGKILL)
    turn_until(supervisor, lambda: "ended" in out.getvalue())

    turn_until(supervisor, lambda: not exists(pid))


def test_delays_double_up_to_half_a_minute_and_begin_anew_after_a_minute_of_health():
    child = Child(Program("web", SLEEP), started=1000)

    delays = [child.fell(1000) for _ in range(8)]
    afterwards = child.fell(1061)

    assert delays == [0.5, 1, 2, 4, 8, 16, LAST_DELAY, LAST_DELAY]
    assert afterwards == 0.5


def test_stop_ends_programs_that_do_not_listen(supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("overview.management.supervisor.STOP_SECONDS", 0.5)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    children = [supervisor.start(Program(name, (sys.executable, "-c", deaf))) for name in ("broker", "web")]
    pids = [child.process.pid for child in children]
    supervisor.turn(1)

    supervisor.stop()

    assert not any(exists(pid) for pid in pids)


def test_run_once_gives_the_exit_code(supervisor: Supervisor, out: io.StringIO):
    code = supervisor.run_once(Program("prepare", (sys.executable, "-c", "print('done'); raise SystemExit(3)")))

    assert code == 3
    assert out.getvalue() == "prepare | done\n"


def test_programs_end_with_a_supervisor_that_is_killed(tmp_path: Path):
    code = (
        "import os; from overview.management.supervisor import Program, Supervisor\n"
        "supervisor = Supervisor(os.environ)\n"
        "print(supervisor.start(Program('web', ('sleep', '60'))).process.pid, flush=True)\n"
        "supervisor.run()"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    pid = int(process.stdout.readline())

    process.kill()
    process.wait()

    deadline = time.monotonic() + 5
    while exists(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not exists(pid)


def test_a_signal_that_is_passed_on_twice_still_stops_in_order(tmp_path: Path):
    said = tmp_path / "said"
    polite = (
        "import signal, sys, time\n"
        "def end(*_):\n"
        "    time.sleep(0.5)\n"
        f"    open({str(said)!r}, 'w').write('bye')\n"
        "    sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "print('up', flush=True)\n"
        "time.sleep(60)"
    )
    code = (
        "import os, sys; from overview.management.supervisor import Program, Supervisor\n"
        "supervisor = Supervisor(os.environ)\n"
        "supervisor.heed_signals()\n"
        f"supervisor.start(Program('web', (sys.executable, '-c', {polite!r})))\n"
        "supervisor.run()\n"
        "supervisor.stop()"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    process.stdout.readline()

    process.terminate()
    time.sleep(0.1)
    process.terminate()

    assert process.wait(10) == 0
    assert said.read_text() == "bye"
