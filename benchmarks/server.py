"""What is measured, and with what: throw-away databases, a real web server over each, a client with one connection."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from common.processes import start

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 30


class Failed(Exception):
    """What was needed for measuring did not come about; the message says what."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def database(url: str, name: str, *, keep: bool) -> Iterator[str]:
    """An empty database of this name beside the one of `url`; with `keep` it stays, and the next run finds it full."""
    beside = urlsplit(url)
    with psycopg.connect(beside._replace(path="/postgres").geturl(), autocommit=True) as maintenance:
        there = maintenance.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        named = sql.Identifier(name)
        if there and not keep:
            maintenance.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(named))
        if not (there and keep):
            maintenance.execute(sql.SQL("CREATE DATABASE {}").format(named))
        try:
            yield beside._replace(path=f"/{name}").geturl()
        finally:
            if not keep:
                maintenance.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(named))


def manage(*words: str, environment: Mapping[str, str]) -> None:
    """Run one of the product's commands. Raises Failed with what it said."""
    argv = [sys.executable, str(ROOT / "manage.py"), *words]
    done = subprocess.run(argv, cwd=ROOT, env={**os.environ, **environment}, check=False)
    if done.returncode:
        raise Failed(f"manage.py {' '.join(words)} ended with {done.returncode}")


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    seconds: float


class Client:
    """One caller with one connection: one request after the other, timed from the first byte sent to the last read."""

    def __init__(self, port: int, headers: Mapping[str, str]) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = dict(headers)

    def get(self, path: str) -> Answer:
        began = time.perf_counter()
        self.connection.request("GET", path, headers=self.headers)
        response = self.connection.getresponse()
        body = response.read()
        return Answer(response.status, body, time.perf_counter() - began)


@contextlib.contextmanager
def server(environment: Mapping[str, str], folder: Path) -> Iterator[int]:
    """gunicorn as on a server, with the floor's addresses besides; yields its port."""
    port = free_port()
    variables = {**os.environ, **environment, "HOST": "127.0.0.1", "PORT": str(port)}
    log = folder / f"web-{port}.log"
    argv = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "deploy" / "gunicorn.conf.py")]
    with log.open("wb") as output:
        process = start(argv, cwd=ROOT, env=variables, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        _wait(process, port, log)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        with contextlib.suppress(OSError):
            if Client(port, {}).get("/livez").status == 200:
                return
        if process.poll() is not None or time.monotonic() > deadline:
            raise Failed(f"the web server did not start:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.1)
