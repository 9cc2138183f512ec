"""Every command of the Dockerfile and the compose file, run here because there may be no container engine."""

import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
import yaml
from django.conf import settings
from psycopg import sql

from tests.plugins.environment import free_port, redis_url
from tests.plugins.processes import Process

ROOT = settings.BASE_DIR
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
GIVEN = {
    "SECRET_KEY": "kX9vQ2mR7tY4uI1oP6aS3dF8gH5jK0lZ",
    "TOKEN_PEPPER": "zL0kJ5hG8fD3sA6pO1iU4yT7rM2qV9xK",
    "POSTGRES_PASSWORD": "unused",
    "BASE_URL": "https://eightgate.example.org",
}
pytestmark = pytest.mark.xdist_group("deployment")  # one prepared database for all tests of this file
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<text>[^}]*))?\}")


def filled(value: Any) -> str:
    """A value of the compose file with its ${VARIABLES} filled from GIVEN or their defaults."""
    return VARIABLE.sub(lambda m: GIVEN.get(m["name"], (m["text"] or "") if m["kind"] == "-" else ""), str(value))


def command(service: str) -> tuple[str, ...]:
    return tuple(COMPOSE["services"][service]["command"])


def health_check(service: str) -> tuple[str, ...]:
    kind, *argv = COMPOSE["services"][service]["healthcheck"]["test"]
    assert kind == "CMD"
    return tuple(argv)


def instruction(name: str) -> list[str]:
    """The arguments of the last such instruction of the Dockerfile."""
    found = re.findall(rf"^{name} .*?(\[.*\])$", DOCKERFILE, re.MULTILINE)
    return list(json.loads(found[-1]))


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """An empty PostgreSQL database beside the one of the tests."""
    url = os.environ.get("DATABASE_URL", "")
    assert url.startswith("postgres"), "these tests need PostgreSQL: run them by make test"
    name = f"deployment_{uuid4().hex}"
    with psycopg.connect(urlsplit(url)._replace(path="/postgres").geturl(), autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield urlsplit(url)._replace(path=f"/{name}").geturl()
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def container(database: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of the image and of each service, with this machine's addresses in place of a container's."""
    image = dict(re.findall(r"^\s+([A-Z_]+)=(\S+?)(?: \\)?$", DOCKERFILE, re.MULTILINE))
    own = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "DATABASE_URL": database,
        "REDIS_URL": redis_url(),
        "EIGHTGATE_DATA": str(tmp_path_factory.mktemp("data")),
        "STATIC_ROOT": str(tmp_path_factory.mktemp("collected")),
        "HOST": "127.0.0.1",
        "PORT": str(free_port()),
        "HOME": "/tmp",  # noqa: S108 - nothing is written there
    }
    shared = {name: filled(value) for name, value in COMPOSE["x-environment"].items()}
    return image | shared | own


def environment(service: str, container: dict[str, str]) -> dict[str, str]:
    values = {name: filled(value) for name, value in COMPOSE["services"][service]["environment"].items()}
    return values | container


def run(argv: tuple[str, ...] | list[str], values: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, cwd=ROOT, env=values, capture_output=True, text=True, timeout=120, check=False)


def until_healthy(argv: tuple[str, ...], values: dict[str, str], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while (done := run(argv, values)).returncode:
        assert time.monotonic() < deadline, done.stdout + done.stderr
        time.sleep(0.2)


@pytest.fixture(scope="module")
def prepared(container: dict[str, str]) -> dict[str, str]:
    """The environment after the service `prepare` ended, started twice at once as two hosts might."""
    values = environment("prepare", container)
    both = [subprocess.Popen(command("prepare"), cwd=ROOT, env=values) for _ in range(2)]
    assert [process.wait(300) for process in both] == [0, 0]
    return container


@pytest.fixture(scope="module")
def collected(container: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment after the image's own RUN line compiled the translations and collected the static files."""
    folder = tmp_path_factory.mktemp("collect")
    line = re.findall(r"^RUN (python scripts/messages.py.*?)\n(?:[A-Z]|$)", DOCKERFILE, re.MULTILINE | re.DOTALL)[0]
    script = line.replace("\\\n", " ").replace("/tmp/collect", shlex.quote(str(folder / "in")))  # noqa: S108
    values = {name: container[name] for name in ("PATH", "STATIC_ROOT", "STATIC_MANIFEST", "HOME")}
    done = run(("sh", "-euc", script), values)
    assert done.returncode == 0, done.stdout + done.stderr
    return container


def test_the_image_starts_and_asks_as_the_compose_file_does():
    assert instruction("CMD") == list(command("web"))
    assert instruction("HEALTHCHECK") == list(health_check("web"))


def test_static_files_are_collected_under_hashed_names(collected: dict[str, str]):
    assert (Path(collected["STATIC_ROOT"]) / "staticfiles.json").is_file()


def test_web_answers_its_health_check_until_it_is_stopped(prepared: dict[str, str], collected: dict[str, str]):
    values = environment("web", prepared)
    web = Process(command("web"), values)

    until_healthy(health_check("web"), values)
    web.close()

    assert run(health_check("web"), values).returncode == 1


def test_worker_and_beat_answer_their_health_checks(prepared: dict[str, str]):
    worker, beat = (Process(command(name), environment(name, prepared)) for name in ("worker", "beat"))

    until_healthy(health_check("worker"), prepared)
    until_healthy(health_check("beat"), prepared)

    assert worker.stop() == 0
    assert beat.stop() == 0


def test_postgres_and_redis_answer_their_health_checks(database: str, tmp_path: Path):
    place, port = urlsplit(database), free_port()
    postgres = {"PATH": os.environ["PATH"], "PGHOST": str(place.hostname), "PGPORT": str(place.port)}
    redis = Process((*command("redis"), "--port", str(port), "--dir", str(tmp_path)), dict(os.environ))
    name, *rest = health_check("redis")

    until_healthy(health_check("postgres"), postgres)
    until_healthy((name, "-p", str(port), *rest), dict(os.environ))

    redis.close()


@pytest.mark.parametrize(
    ("variable", "value", "code"),
    [
        ("SECRET_KEY", "change-me-change-me-change-me-change-me", "SECRET_KEY is the one of an example"),
        ("SECRET_KEY", "short", "SECRET_KEY is too short"),
        ("DEBUG", "true", "DEBUG is on"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS is *"),
        ("BASE_URL", "http://eightgate.example.org", "BASE_URL is http"),
    ],
)
@pytest.mark.parametrize("service", ["web", "prepare"])
def test_unsafe_settings_are_refused(container, service: str, variable: str, value: str, code: str):
    done = run(command(service), environment(service, container) | {variable: value})

    assert done.returncode
    assert code in done.stdout + done.stderr


def test_every_secret_must_be_given():
    text = (ROOT / "docker-compose.yml").read_text()

    required = {match["name"] for match in VARIABLE.finditer(text) if match["kind"] == "?"}

    assert required == set(GIVEN)


def test_every_variable_that_is_passed_is_read():
    code = "".join(
        path.read_text() for folder in ("config", "deploy", "common") for path in (ROOT / folder).rglob("*.py")
    )
    passed = {
        name for service in ("web", "worker", "beat", "prepare") for name in COMPOSE["services"][service]["environment"]
    }

    assert [name for name in sorted(passed) if not re.search(rf"""['"]{name}['"]""", code)] == []
