"""What must not be in the repository: registries' addresses in lock files, third-party files, locks that disagree."""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = re.compile(
    r"(^|/)(requirements[^/]*\.(txt|in)|package-lock\.json|package\.json|\.npmrc|pip\.conf|uv\.toml|pyproject\.toml)$"
)
REGISTRY = re.compile(
    r'"resolved":\s*"https?:|^\s*(--)?(extra-)?(index|find)-(url|links)\b|^\s*(registry|url)\s*=|@https?://|^-f ',
    re.MULTILINE,
)
VENDORED = re.compile(r"\.min\.(js|css|mjs)$|(^|/)(node_modules|\.venv|dist)/|\.(js|css)\.map$|\.mo$")
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\\n]+)", re.MULTILINE)
HASHED = re.compile(r"^[A-Za-z0-9._-]+(?:\[[^]]*\])?==[^\n]*(?<!\\)$", re.MULTILINE)


def files() -> list[str]:
    """The files of the repository, also those that wait for their first commit."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def text(name: str) -> str:
    return (ROOT / name).read_text(errors="replace")


def registries(names: list[str]) -> list[str]:
    return [
        f"{name}: names a registry's address" for name in names if LOCKS.search(name) and REGISTRY.search(text(name))
    ]


def third_party(names: list[str]) -> list[str]:
    return [f"{name}: made by others or by the build; git must not hold it" for name in names if VENDORED.search(name)]


def locks() -> list[str]:
    """The lock for development must hold the one for production, each line with its hashes."""
    found = [
        f"{p.name}: a line without a hash"
        for p in sorted(ROOT.glob("requirements*.txt"))
        if HASHED.search(p.read_text())
    ]
    ours, theirs = (dict(PINNED.findall(text(f"requirements{kind}.txt"))) for kind in ("", "-dev"))
    found += [
        f"requirements-dev.txt: {name} is {theirs.get(name)}, but {version} in requirements.txt (make lock)"
        for name, version in ours.items()
        if theirs.get(name) != version
    ]
    return found


def browser_lock() -> list[str]:
    """package-lock.json is the lock of this package.json: npm ci would refuse it otherwise."""
    manifest, lock = ROOT / "package.json", ROOT / "package-lock.json"
    if not manifest.is_file():
        return []
    if not lock.is_file():
        return ["package-lock.json: missing (npm install --package-lock-only)"]
    wanted, root = json.loads(manifest.read_text()), json.loads(lock.read_text())["packages"][""]
    kinds = ("dependencies", "devDependencies")
    return [
        f"package-lock.json: {kind} differ from package.json" for kind in kinds if wanted.get(kind) != root.get(kind)
    ]


def main() -> int:
    names = files()
    found = [*registries(names), *third_party(names), *locks(), *browser_lock()]
    if found:
        print("\n".join(found))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
