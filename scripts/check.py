"""All that can be said about the code without running it: linters, types, contracts, schema, deployment, lock files.

    .venv/bin/python scripts/check.py [word …]     only the steps whose title contains one of the words

Every step runs, whatever the others say; the exit code is 1 when any of them failed.
"""

import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import repository

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
AT_ONCE = 2


@dataclass(frozen=True)
class Step:
    title: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    step: Step
    failed: bool
    seconds: float
    output: str


def embedded(folder: str) -> dict[str, str]:
    return {"EIGHTGATE_DATA": folder, "PYTHONWARNINGS": "ignore::RuntimeWarning"}


def production(folder: str) -> dict[str, str]:
    """A server's settings, as docs/deploy.md asks for them."""
    return {
        "EIGHTGATE_DATA": folder,
        "DATABASE_URL": "postgres://eightgate:unused@127.0.0.1:1/eightgate",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "TOKEN_PEPPER": secrets.token_urlsafe(48),
        "BASE_URL": "https://eightgate.example.org",
        "ALLOWED_HOSTS": "eightgate.example.org",
        "HOST": "0.0.0.0",  # noqa: S104 - as in a container; nothing is bound here
        "SMTP_HOST": "mail.example.org",
        "STATIC_MANIFEST": "1",
    }


def steps(folder: str) -> list[Step]:
    python, manage = str(BIN / "python"), (str(BIN / "python"), "manage.py")
    templates = ("templates", "--configuration", "pyproject.toml")
    return [
        Step("Types (mypy)", (str(BIN / "mypy"),), embedded(folder)),
        Step(
            "Python style and security (ruff)",
            (str(BIN / "ruff"), "check", "--quiet", "--output-format", "concise", "."),
        ),
        Step("Python layout (ruff format)", (str(BIN / "ruff"), "format", "--check", "--quiet", ".")),
        Step("Floors and furniture (import-linter)", (str(BIN / "lint-imports"), "--no-cache")),
        Step("Template layout (djlint)", (str(BIN / "djlint"), "--check", *templates)),
        Step("Template faults (djlint)", (str(BIN / "djlint"), "--lint", *templates)),
        Step("Migrations complete", (*manage, "makemigrations", "--check", "--dry-run"), embedded(folder)),
        Step("Deployment", (*manage, "check", "--deploy", "--fail-level", "WARNING"), production(folder)),
        Step(
            "API description",
            (*manage, "spectacular", "--validate", "--fail-on-warn", "--file", os.devnull),
            embedded(folder),
        ),
        Step("Dockerfile (hadolint)", (str(BIN / "hadolint"), "Dockerfile")),
        Step("Compose file (compose-lint)", (str(BIN / "compose-lint"), "check", "docker-compose.yml")),
        Step("Repository: lock files, third-party files", (python, repository.__file__)),
    ]


def run(step: Step) -> Outcome:
    inherited = {name: value for name, value in os.environ.items() if name not in CLEARED}
    began = time.monotonic()
    done = subprocess.run(
        step.argv,
        cwd=ROOT,
        env=inherited | dict(step.environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Outcome(step, bool(done.returncode), time.monotonic() - began, done.stdout.strip())


# What a developer's shell may hold must not decide what is checked.
CLEARED = {
    "DATABASE_URL",
    "BASE_URL",
    "EIGHTGATE_DEMO",
    "DEBUG",
    "ALLOWED_HOSTS",
    "HOST",
    "PORT",
    "DJANGO_SETTINGS_MODULE",
}


def main(words: list[str]) -> int:
    failed = []
    with tempfile.TemporaryDirectory(prefix="eightgate-check-") as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        chosen = [s for s in steps(folder) if not words or any(word.lower() in s.title.lower() for word in words)]
        for number, outcome in enumerate(pool.map(run, chosen), start=1):
            verdict = "FAILED" if outcome.failed else "ok"
            print(f"[{number}/{len(chosen)}] {outcome.step.title} … {verdict}, {outcome.seconds:.1f} s", flush=True)
            if outcome.failed:
                print(outcome.output, flush=True)
                failed.append(outcome.step.title)
    print("Failed: " + "; ".join(failed) if failed else "All checks passed.", flush=True)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
