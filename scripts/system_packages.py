"""What tests, and PDFs, need from the system, and how Debian calls it."""

import ctypes.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

CHROMIUM = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FONTS = ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc")
# Library: its Debian package. WeasyPrint loads them when it makes a PDF.
PANGO = {
    "pango-1.0": "libpango-1.0-0",
    "pangoft2-1.0": "libpangoft2-1.0-0",
    "harfbuzz-subset": "libharfbuzz-subset0",
}


@dataclass(frozen=True)
class Program:
    """A program, its Debian package, and where it is found (None when it is not)."""

    name: str
    package: str
    path: Path | None


def postgresql() -> Path | None:
    """The newest PostgreSQL server's bin folder; distributions keep it off PATH."""
    folders = [p.parent for p in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if folders:
        return max(folders, key=lambda p: int(p.parent.name))
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


def first(names: tuple[str, ...]) -> Path | None:
    return next((Path(path) for name in names if (path := shutil.which(name))), None)


def programs() -> list[Program]:
    chromium = os.environ.get("CHROMIUM")
    font = next((Path(p) for p in FONTS if Path(p).exists()), None)
    return [
        Program("PostgreSQL", "postgresql", postgresql()),
        Program("Redis", "redis-server", first(("redis-server", "valkey-server"))),
        Program("Chromium", "chromium", Path(chromium) if chromium else first(CHROMIUM)),
        Program("Chinese fonts", "fonts-noto-cjk", font),
    ]


def found() -> tuple[Path, ...]:
    """The paths of all programs, as outputs of the step that installs them: one that vanishes is installed again."""
    return tuple(p.path or Path("/nonexistent") / p.package for p in programs())


def ensure_services(failure: type[Exception]) -> None:
    missing = [p for p in programs() if p.path is None]
    if missing:
        apt_install([p.package for p in missing])
    # Fonts are wanted for pictures; everything else is needed.
    left = [p for p in programs() if p.path is None and p.package != "fonts-noto-cjk"]
    if left:
        names = ", ".join(f"{p.name} (Debian: {p.package})" for p in left)
        raise failure(f"{names} not found and not installable here: install with root rights and run again.")


def ensure_paper() -> bool:
    """Pango with its parts, and Chinese fonts; False where they lack and cannot be installed."""
    wanted = [package for library, package in PANGO.items() if not ctypes.util.find_library(library)]
    wanted += [] if any(Path(font).exists() for font in FONTS) else ["fonts-noto-cjk"]
    return not wanted or apt_install(wanted)


def ensure(name: str, package: str, failure: type[Exception]) -> None:
    if not apt_install([package]):
        raise failure(f"Python's {name} module not found and not installable here: install {package} and run again.")


def apt_install(packages: list[str]) -> bool:
    """Install Debian packages as root or through sudo; False where that is not possible."""
    if not shutil.which("apt-get"):
        return False
    rights: list[str] = []
    if os.geteuid():
        # -n: never ask for a password in the middle of a build.
        rights = ["sudo", "-n"]
        if not shutil.which("sudo") or subprocess.run([*rights, "true"], capture_output=True, check=False).returncode:
            return False
    options = "env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120"
    apt = [*rights, *options.split()]
    subprocess.run([*apt, "update"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    command = [*apt, "install", "--yes", "--no-install-recommends", *packages]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        print("\n" + (done.stdout + done.stderr).strip()[-2000:], flush=True)
    return done.returncode == 0
