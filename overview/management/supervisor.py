"""Keeps the processes of the embedded edition running, and leaves none behind.

One thread and one loop: children are started, read, reaped and restarted in turn, so that no lock can be held while
a child is forked.
"""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import IO, TextIO

from common.processes import start

FIRST_DELAY, LAST_DELAY = 0.5, 30.0
# A process that ran this long was well: its next fault starts counting anew.
WELL_AFTER = 60.0
STOP_SECONDS = 10.0


@dataclass(frozen=True)
class Program:
    """What to run, under the name that its lines are shown with."""

    name: str
    argv: tuple[str, ...]


@dataclass
class Child:
    """A program, the process that runs it at the moment, and how often it fell in a row."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    falls: int = 0
    due: float = 0.0
    rest: bytes = field(default=b"", repr=False)

    def fell(self, now: float) -> float:
        """Count a fall at `now` (monotonic seconds); returns the seconds until the restart."""
        self.falls = 1 if now - self.started > WELL_AFTER else self.falls + 1
        delay = min(FIRST_DELAY * 2.0 ** (self.falls - 1), LAST_DELAY)
        self.due = now + delay
        return delay


class Supervisor:
    """Runs programs until `stop` is asked for, by a signal or by a caller."""

    def __init__(self, environment: Mapping[str, str], *, out: TextIO | None = None) -> None:
        self.environment = dict(environment)
        self.out = out or sys.stdout
        self.children: list[Child] = []
        self.stopping = False
        self._asked = 0.0
        self._selector = selectors.DefaultSelector()

    def say(self, name: str, line: str) -> None:
        # A terminal that went away must not end the servers.
        with suppress(OSError, ValueError):
            self.out.write(f"{name:<8}| {line}\n")
            self.out.flush()

    def heed_signals(self) -> None:
        """SIGINT and SIGTERM stop everything in order; a second Ctrl-C at once."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def start(self, program: Program) -> Child:
        child = Child(program)
        self.children.append(child)
        self._spawn(child)
        return child

    def run_once(self, program: Program) -> int:
        """Run `program` to its end, showing what it says; its exit code, negative when a signal ended it."""
        child = Child(program)
        process = self._spawn(child)
        while process.poll() is None and not self.stopping:
            self._read(0.1)
        self._end([child])
        self._drain(child)
        return process.returncode

    def turn(self, seconds: float = 0.2) -> None:
        """One round: pass lines on, notice who fell, start who is due."""
        self._read(seconds)
        now = time.monotonic()
        for child in [] if self.stopping else self.children:
            if child.process is not None and child.process.poll() is not None:
                self._reap(child, now)
            elif child.process is None and now >= child.due:
                self._spawn(child)

    def run(self, until: Callable[[], bool] = lambda: False) -> None:
        """Turn until asked to stop or until `until()` is true."""
        while not self.stopping and not until():
            self.turn()

    def falls(self, name: str) -> int:
        """How often in a row the program called `name` fell."""
        return max((child.falls for child in self.children if child.program.name == name), default=0)

    def stop(self) -> None:
        """End all; the program that was started first, on which the others rely, is ended last."""
        self.stopping = True
        self._end(self.children[1:])
        self._end(self.children[:1])
        for child in self.children:
            self._drain(child)
        self._selector.close()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if not self.stopping:
            self.stopping, self._asked = True, now
        # make and timeout pass one signal on twice; a person presses Ctrl-C again later.
        elif number == signal.SIGINT and now - self._asked > 1:
            for child in self.children:
                _kill_group(child)

    def _spawn(self, child: Child) -> subprocess.Popen[bytes]:
        process = start(
            child.program.argv,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            start_new_session=True,
        )
        child.process, child.started = process, time.monotonic()
        output = _output(process)
        os.set_blocking(output.fileno(), False)
        self._selector.register(output, selectors.EVENT_READ, child)
        return process

    def _read(self, seconds: float) -> None:
        if not self._selector.get_map():
            time.sleep(seconds)
        for key, _ in self._selector.select(seconds):
            self._pass_on(key.data)

    def _pass_on(self, child: Child) -> bool:
        """Show the lines that are complete; True while there may be more at once."""
        if child.process is None:
            return False
        output = _output(child.process)
        data = output.read(65536)
        if data is None:
            return False
        *lines, child.rest = (child.rest + data).split(b"\n")
        if not data:
            lines.append(child.rest)
            with suppress(KeyError):
                self._selector.unregister(output)
        for line in lines:
            if line.strip():
                self.say(child.program.name, line.decode(errors="replace").rstrip())
        return bool(data)

    def _reap(self, child: Child, now: float) -> None:
        code = child.process.returncode if child.process else 0
        self._drain(child)
        delay = child.fell(now)
        self.say(child.program.name, f"ended with {_how(code)}; starting again in {delay:g} s")

    def _drain(self, child: Child) -> None:
        """Show what is left of a process that ended, end what it left behind, and forget it."""
        if child.process is None:
            return
        _kill_group(child)
        while self._pass_on(child):
            pass
        output = _output(child.process)
        with suppress(KeyError):
            self._selector.unregister(output)
        output.close()
        child.process, child.rest = None, b""

    def _end(self, children: list[Child]) -> None:
        for child in children:
            if child.process is not None and child.process.poll() is None:
                child.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and any(c.process is not None and c.process.poll() is None for c in children):
            self._read(0.05)
        for child in children:
            if child.process is not None:
                _kill_group(child)
                child.process.wait()


def _output(process: subprocess.Popen[bytes]) -> IO[bytes]:
    if process.stdout is None:
        raise RuntimeError("a child is always started with a pipe for its output")
    return process.stdout


def _kill_group(child: Child) -> None:
    """SIGKILL for the child's own session: it is the leader, so the group's id is its process id."""
    if child.process is not None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.process.pid, signal.SIGKILL)


def _how(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
