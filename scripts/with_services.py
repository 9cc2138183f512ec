"""Run a command with a throw-away PostgreSQL and Redis on free ports, and end both by process id afterwards.

    .venv/bin/python scripts/with_services.py -- pytest

The command finds them through DATABASE_URL and REDIS_URL, the browser through CHROMIUM. Nothing is kept, so nothing is
flushed to disk either. As root, PostgreSQL runs as an unprivileged user, because it refuses root.
"""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))
import system_packages

from common.processes import start

READY_SECONDS = 30
FAST = "fsync=off synchronous_commit=off full_page_writes=off max_connections=200 listen_addresses=127.0.0.1".split()


class NotStarted(Exception):
    """A service did not come up; the message names it and its log's last lines."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def unprivileged() -> dict[str, Any]:
    """What Popen needs to run a program as someone who is not root."""
    if os.geteuid():
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    entry = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


@contextlib.contextmanager
def running(
    name: str, argv: list[str], *, folder: Path, ready: Callable[[], bool], stop: signal.Signals, **popen: Any
) -> Iterator[int]:
    """Keep `argv` running; yields its process id. Ended by `stop`, after ten seconds by SIGKILL."""
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = start(
            argv, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, **popen
        )
    try:
        deadline = time.monotonic() + READY_SECONDS
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise NotStarted(f"{name} did not start:\n{log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)
        yield process.pid
    finally:
        process.send_signal(stop)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    binaries = system_packages.postgresql()
    if binaries is None:
        raise NotStarted("PostgreSQL is not installed: run make install-dev.")
    rights, data, port = unprivileged(), folder / "postgresql", free_port()
    data.mkdir(mode=0o700)
    if rights:
        os.chown(data, rights["user"], rights["group"])
    options = "-U eightgate -A trust -E UTF8 --locale=C.UTF-8 --no-sync".split()
    initdb = [str(binaries / "initdb"), "-D", str(data), *options]
    made = subprocess.run(initdb, cwd=data, capture_output=True, text=True, check=False, **rights)
    if made.returncode:
        raise NotStarted(f"initdb failed:\n{made.stdout}{made.stderr}")
    options = [word for option in (*FAST, f"port={port}", "unix_socket_directories=") for word in ("-c", option)]

    def ready() -> bool:
        probe = [str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port), "-t", "1"]
        return subprocess.run(probe, check=False).returncode == 0

    server = [str(binaries / "postgres"), "-D", str(data), *options]
    # SIGINT: end sessions that a test left open instead of waiting for them.
    with running("PostgreSQL", server, folder=folder, ready=ready, stop=signal.SIGINT, **rights):
        url = f"postgres://eightgate@127.0.0.1:{port}/eightgate"
        subprocess.run(
            [str(binaries / "createdb"), *f"-h 127.0.0.1 -p {port} -U eightgate eightgate".split()], check=True
        )
        yield url


@contextlib.contextmanager
def redis(folder: Path) -> Iterator[str]:
    server, port = system_packages.first(("redis-server", "valkey-server")), free_port()
    if server is None:
        raise NotStarted("Redis is not installed: run make install-dev.")
    options = [
        *"--bind 127.0.0.1 --appendonly no --databases 64 --save".split(),
        "",
        "--port",
        str(port),
        "--dir",
        str(folder),
    ]

    def ready() -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        return False

    with running("Redis", [str(server), *options], folder=folder, ready=ready, stop=signal.SIGTERM):
        yield f"redis://127.0.0.1:{port}/0"


@contextlib.contextmanager
def services() -> Iterator[dict[str, str]]:
    """Both services; yields the environment through which they are found."""
    folder = Path(tempfile.mkdtemp(prefix="eightgate-services-"))
    folder.chmod(0o711)
    try:
        with contextlib.ExitStack() as stack:
            found = {
                "DATABASE_URL": stack.enter_context(postgresql(folder)),
                "REDIS_URL": stack.enter_context(redis(folder)),
            }
            browser = os.environ.get("CHROMIUM") or system_packages.first(system_packages.CHROMIUM)
            yield found | ({"CHROMIUM": str(browser)} if browser else {})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(command: list[str], environment: dict[str, str]) -> int:
    """Run `command` to its end, passing signals on; its exit code, or 128 + the signal that ended it."""
    process = start(command, env=os.environ | environment)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: process.send_signal(received))
    # A terminal sends SIGINT to the command too: here it is only waited for.
    signal.signal(signal.SIGINT, lambda *_: None)
    code = process.wait()
    return code if code >= 0 else 128 - code


def main() -> int:
    command = sys.argv[1:]
    if command[:1] == ["--"]:
        command = command[1:]
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    keys = {name: secrets.token_urlsafe(48) for name in ("SECRET_KEY", "TOKEN_PEPPER")}
    try:
        with services() as found:
            return run(command, found | keys)
    except NotStarted as error:
        print(f"eightgate: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    # SIGTERM before the command runs must still end what was started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
