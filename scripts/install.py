"""Install what Eightgate needs, showing steps and times. Runs on a bare Python 3.11; nothing is done twice.

    python3 scripts/install.py [--dev]

Each step has a stamp in .venv/stamps/, the digest of its inputs: a step whose stamp is right says and costs nothing.
Packages come from the registries that this machine's pip, uv and npm are configured for.
"""

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import system_packages

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
STAMPS = VENV / "stamps"
NODE_MAJOR = 20
REGISTRY = "A registry of {} packages must be reachable."


class Missing(Exception):
    """Something that this script cannot install; the message is the one line for the user."""


@dataclass(frozen=True)
class Step:
    title: str
    inputs: tuple[Path, ...]
    outputs: tuple[Path, ...]
    run: Callable[[], None]

    @property
    def stamp(self) -> Path:
        return STAMPS / self.run.__name__

    def digest(self) -> str:
        # Not the interpreter of this run: "python3" and "python3.11" are the same to the environment once it is made.
        sha = hashlib.sha256()
        for path in self.inputs:
            content = path.read_bytes() if path.is_file() else b""
            sha.update(f"{path.relative_to(ROOT)} {len(content)} ".encode() + content)
        return sha.hexdigest()

    def is_done(self) -> bool:
        stamped = self.stamp.is_file() and self.stamp.read_text() == self.digest()
        return stamped and all(path.exists() for path in self.outputs)

    def mark(self) -> None:
        STAMPS.mkdir(parents=True, exist_ok=True)
        self.stamp.write_text(self.digest())


def run(*argv: str | Path) -> subprocess.CompletedProcess[str]:
    command = [str(word) for word in argv]
    return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def call(*argv: str | Path, failing: str) -> None:
    """Run a command quietly; when it fails show what it said and raise Missing with `failing`."""
    done = run(*argv)
    if done.returncode:
        sys.stderr.write("\n" + (done.stdout + done.stderr).strip()[-4000:] + "\n")
        raise Missing(failing)


def virtual_environment() -> None:
    if (BIN / "python").exists() and not works(BIN / "python", "import pip"):
        shutil.rmtree(VENV)
    if not works(Path(sys.executable), "import ensurepip"):
        system_packages.ensure("venv", f"python{sys.version_info.major}.{sys.version_info.minor}-venv", Missing)
    call(sys.executable, "-m", "venv", VENV, failing="The virtual environment .venv could not be made: see above.")


def works(python: Path, code: str) -> bool:
    return run(python, "-c", code).returncode == 0


def python_packages() -> None:
    install_locked("requirements.txt")


def development_packages() -> None:
    install_locked("requirements-dev.txt")


def install_locked(lock: str) -> None:
    """Install a lock file with uv; where only pip knows the way to the registry, with pip."""
    pip = (BIN / "python", "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    if not (BIN / "uv").exists():
        call(*pip, "uv", failing=f"uv could not be installed: see above. {REGISTRY.format('Python')}")
    # Compiled now: where PYTHONDONTWRITEBYTECODE is set every later start would compile Django again.
    uv = (BIN / "uv", "pip", "install", "--quiet", "--compile-bytecode", "--python", BIN / "python")
    if run(*uv, "--require-hashes", "-r", lock).returncode:
        failing = f"The packages of {lock} could not be installed: see above. {REGISTRY.format('Python')}"
        call(*pip, "--require-hashes", "-r", lock, failing=failing)


def node() -> tuple[str, str]:
    """The directory to put first on PATH and the npm to call: the machine's own, else the one of the wheel."""
    found = shutil.which("npm")
    version = run("node", "--version").stdout if shutil.which("node") else ""
    if found and version.startswith("v") and int(version[1:].split(".")[0]) >= NODE_MAJOR:
        return str(Path(found).parent), found
    if not (BIN / "npm").exists():
        install_locked("requirements-node.txt")
    return str(BIN), str(BIN / "npm")


def npm(*argv: str, failing: str) -> None:
    folder, command = node()
    os.environ["PATH"] = os.pathsep.join([folder, os.environ.get("PATH", "")])
    call(command, *argv, failing=failing)


def browser_packages() -> None:
    failing = f"The npm packages could not be installed: see above. {REGISTRY.format('npm')}"
    npm("ci", "--no-audit", "--no-fund", failing=failing)


def browser_files() -> None:
    npm("run", "build", failing="The browser's files could not be built: see above.")


def translations() -> None:
    call(BIN / "python", "scripts/messages.py", failing="The translations could not be compiled: see above.")


def paper() -> None:
    """Pango and Chinese fonts, of which WeasyPrint makes PDFs; without them all else works, and packs are JSON."""
    if not system_packages.ensure_paper():
        print("(not installable here: gate packs come as JSON and print from the browser) ", end="", flush=True)


def services_for_tests() -> None:
    system_packages.ensure_services(Missing)


def plan(*, dev: bool) -> list[Step]:
    manifest, lock = ROOT / "package.json", ROOT / "package-lock.json"
    catalogues = tuple(sorted((ROOT / "locale").glob("*/LC_MESSAGES/*.po")))
    sources = tuple(sorted(p for p in (ROOT / "frontend").rglob("*") if p.is_file()))
    runtime = Step("Python packages", (ROOT / "requirements.txt",), (BIN / "django-admin",), python_packages)
    lint = ROOT / "requirements-dev.txt"
    everything = Step("Python packages for tests and linters", (lint,), (BIN / "pytest",), development_packages)
    steps = [Step("Virtual environment", (), (BIN / "python", BIN / "pip"), virtual_environment)]
    # The lock for development holds all of the other one.
    steps += [everything] if dev or everything.is_done() else [runtime]
    if manifest.is_file():
        steps += [
            Step("Browser packages", (manifest, lock, ROOT / ".npmrc"), (ROOT / "node_modules",), browser_packages),
            Step("Browser files", (manifest, lock, *sources), (ROOT / "static" / "dist",), browser_files),
        ]
    steps += [Step("Translations", catalogues, tuple(p.with_suffix(".mo") for p in catalogues), translations)]
    programs = (Path(system_packages.__file__),)
    steps += [Step("Pango and Chinese fonts for PDFs", programs, (), paper)]
    if dev:
        steps += [Step("PostgreSQL, Redis, Chromium", programs, system_packages.found(), services_for_tests)]
    return steps


def install(steps: list[Step]) -> None:
    for number, step in enumerate(steps, start=1):
        if step.is_done():
            continue
        print(f"[{number}/{len(steps)}] {step.title} … ", end="", flush=True)
        began = time.monotonic()
        step.run()
        step.mark()
        print(f"{time.monotonic() - began:.1f} s", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--dev", action="store_true", help="also what tests and linters need")
    arguments = parser.parse_args()
    folder = os.open(ROOT, os.O_RDONLY)
    # Two makes at once must not install into each other; the lock ends with this process.
    fcntl.flock(folder, fcntl.LOCK_EX)
    try:
        install(plan(dev=arguments.dev))
    except Missing as error:
        print(f"\neightgate: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
