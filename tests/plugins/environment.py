"""What every test stands on: one instant, English, a data folder that starts empty, and the way to it for processes."""

import os
import shutil
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import translation

from common import clock

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    """Monday, 2 March 2026, 09:00 UTC. `frozen` holds the product's clock there."""
    return NOW


@pytest.fixture
def frozen(now: datetime) -> Iterator[clock.Frozen]:
    """The product's clock, standing at `now`; it moves when the test moves it."""
    with clock.frozen(now) as time:
        yield time


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def empty_data_folder() -> Iterator[None]:
    """Files and mail of one test are gone before the next; the folder itself is the process's own."""
    Path(str(django_settings.FILE_UPLOAD_TEMP_DIR)).mkdir(parents=True, exist_ok=True)
    yield
    for folder in (django_settings.MEDIA_ROOT, django_settings.EMAIL_FILE_PATH):
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def database_url() -> str:
    """The address of the database that this test runs on."""
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite://{Path(values['NAME']).resolve()}"
    password = f":{values['PASSWORD']}" if values["PASSWORD"] else ""
    return f"postgres://{values['USER']}{password}@{values['HOST']}:{values['PORT']}/{values['NAME']}"


def redis_url() -> str:
    """A Redis database of this test process alone: 0 belongs to nobody's tests, 1 to the first process, and so on."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) + 1
    return f"{django_settings.REDIS_URL.rpartition('/')[0]}/{number}"


@pytest.fixture
def process_environment() -> dict[str, str]:
    """The variables with which a process of the product works on this test's database, files and Redis."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": database_url(),
        "REDIS_URL": redis_url(),
        "EIGHTGATE_DATA": str(django_settings.DATA_DIR),
        "PYTHONUNBUFFERED": "1",
    }
