"""Measure the figures of docs/benchmarks.md against a floor in the same run; writes benchmarks/latest.json.

    .venv/bin/python benchmarks/run.py --scale 0.1          1 is the full volume: 10,000 projects
    .venv/bin/python benchmarks/run.py --keep --only gate   keep the databases, measure what has this in its name

PostgreSQL is found through DATABASE_URL (`make bench` starts one); databases are made beside the one it names.
"""

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import orjson
import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.floor_table import store
from benchmarks.paths import Asked, against_a_tenth, against_the_floor
from benchmarks.server import ROOT, Client, Failed, database, manage, server

FULL, TENTH = 10_000, 0.1
WARM_UP, ROUNDS, FEWEST = 40, 400, 60
# A figure of seconds each needs no hundreds of rounds.
ENOUGH_SECONDS = 20
LATEST = Path(__file__).resolve().parent / "latest.json"
# Ratio and p95 (ms) to hold, design §9; what has neither is shown beside them.
GOALS: dict[str, tuple[float | None, float | None]] = {
    "project_list": (3, None),
    "project_status": (3, None),
    "gate_check": (3, None),
    "portfolio": (1.5, 250),
    "portfolio_summary": (1.5, 250),
    "portfolio_all": (None, 250),
    "portfolio_summary_all": (None, 250),
    "status_growth": (1.2, None),
    "gate_page": (None, 150),
}
MOST_QUERIES = {"project_list": 8, "project_status": 8, "gate_check": 8, "gate_page": 20}


@dataclass(frozen=True)
class Figure:
    """One line of latest.json: medians in milliseconds, and the most queries that one request needed."""

    name: str
    floor_ms: float
    ours_ms: float
    ratio: float
    queries: int
    scale: float


@dataclass(frozen=True)
class Place:
    """A server over its database, and what is needed to ask it."""

    port: int
    token: str
    session: str
    keys: list[str]
    queries: dict[str, int]

    def client(self, asked: Asked) -> Client:
        if asked.by_browser:
            return Client(self.port, {"Cookie": f"sessionid={self.session}", "Accept": "text/html"})
        return Client(self.port, {"Authorization": f"Bearer {self.token}", "Accept": "application/json"})


@contextmanager
def place(url: str, name: str, projects: int, folder: Path, *, keep: bool) -> Iterator[Place]:
    """A filled database with a server in front of it."""
    with database(url, name, keep=keep) as own:
        environment = {
            "DATABASE_URL": own,
            "EIGHTGATE_DATA": str(folder),
            "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
            "PYTHONPATH": str(ROOT),
        }
        manage("prepare", "--verbosity", "0", environment=environment)
        manage("seed_volume", "--projects", str(projects), environment=environment)
        large_gate = [sys.executable, "-m", "benchmarks.large_gate"]
        subprocess.run(large_gate, cwd=ROOT, env={**os.environ, **environment}, check=True)
        with psycopg.connect(own, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
        inside = [sys.executable, "-m", "benchmarks.inside"]
        told: dict[str, Any] = orjson.loads(
            subprocess.run(
                inside, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, check=True
            ).stdout
        )
        with server(environment, folder) as port:
            found = Place(port=port, **told)
            store(own, found.client(Asked("")), found.keys)
            yield found


def compare(asked: Asked, ours: Place, other: Place) -> tuple[list[float], list[float]]:
    """Seconds of both, request for request in turn, so that what else the machine does befalls both alike."""
    first = ours.client(asked), asked.of(ours.keys)
    second = other.client(asked), asked.floor_of(other.keys) if asked.floor else asked.of(other.keys)
    seconds: tuple[list[float], list[float]] = ([], [])
    until = time.monotonic() + ENOUGH_SECONDS
    for number in range(-WARM_UP, ROUNDS):
        if number >= FEWEST and time.monotonic() > until:
            break
        pair = list(zip((first, second), seconds, strict=True))
        for (client, paths), taken in reversed(pair) if number % 2 else pair:
            answer = client.get(paths[number % len(paths)])
            if answer.status != 200:
                raise Failed(f"{paths[number % len(paths)]} answered {answer.status}")
            if number >= 0:
                taken.append(answer.seconds)
    return seconds


def is_same(asked: Asked, here: Place) -> bool:
    """Whether the floor answers what we answer, wherever it is asked."""
    client, pairs = here.client(asked), zip(asked.of(here.keys), asked.floor_of(here.keys), strict=True)
    return all(orjson.loads(client.get(ours).body) == orjson.loads(client.get(floor).body) for ours, floor in pairs)


def measure(name: str, asked: Asked, ours: Place, other: Place, scale: float) -> tuple[Figure, float] | None:
    """The figure and our p95 in ms; None when there is no such address yet."""
    if ours.client(asked).get(asked.of(ours.keys)[0]).status == 404:
        return None
    if asked.floor and not is_same(asked, ours):
        raise Failed(f"{name}: the floor gives another answer than ours")
    mine, floors = compare(asked, ours, other)
    figure = Figure(
        name=name,
        floor_ms=round(median(floors) * 1000, 3),
        ours_ms=round(median(mine) * 1000, 3),
        ratio=round(median(mine) / median(floors), 2),
        queries=ours.queries[name],
        scale=scale,
    )
    return figure, quantiles(mine, n=20)[-1] * 1000


def line(figure: Figure, p95: float) -> tuple[str, bool]:
    """A row of the table, and whether its goals are held."""
    ratio, limit = GOALS[figure.name]
    most = MOST_QUERIES.get(figure.name)
    held = [
        ratio is None or figure.ratio <= ratio,
        limit is None or p95 <= limit,
        most is None or figure.queries <= most,
    ]
    goals = [f"≤ {ratio:g} ×"] if ratio else []
    goals += [f"p95 ≤ {limit:g} ms"] if limit else []
    goals += [f"≤ {most} queries"] if most else []
    numbers = f"{figure.floor_ms:9.2f} {figure.ours_ms:9.2f} {p95:9.2f} {figure.ratio:6.2f} {figure.queries:8}"
    mark = "" if not goals else "pass" if all(held) else "FAIL"
    return f"{figure.name:22} {numbers}  {mark:5} {', '.join(goals)}", all(held)


def run(scale: float, only: str, *, keep: bool, url: str) -> bool:
    """Both places at once, so that growth too is compared within one run; whether every goal is held."""
    projects = max(round(FULL * scale), 100)
    small = max(round(projects * TENTH), 100)
    run_id = "kept" if keep else secrets.token_hex(4)
    found: list[Figure] = []
    all_held = True
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="eightgate-bench-")))
        (folder / "static").mkdir()
        tenth = stack.enter_context(place(url, f"bench_{run_id}_{small}", small, folder, keep=keep))
        whole = stack.enter_context(place(url, f"bench_{run_id}_{projects}", projects, folder, keep=keep))
        print(f"\n{projects} projects; floor and ours in turn, {FEWEST} to {ROUNDS} rounds, medians in ms", flush=True)
        print(f"{'':22} {'floor':>9} {'ours':>9} {'our p95':>9} {'ratio':>6} {'queries':>8}", flush=True)
        wanted = [(name, asked, whole) for name, asked in against_the_floor().items()]
        wanted += [(name, asked, tenth) for name, asked in against_a_tenth().items()]
        for name, asked, other in wanted:
            if only not in name:
                continue
            measured = measure(name, asked, whole, other, scale)
            if measured is None:
                print(f"{name:22} not there yet", flush=True)
                continue
            text, held = line(*measured)
            print(text, flush=True)
            found.append(measured[0])
            all_held = all_held and held
    if not only:
        LATEST.write_bytes(orjson.dumps([asdict(figure) for figure in found], option=orjson.OPT_INDENT_2) + b"\n")
    return all_held


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=0.1, help="of 10,000 projects (default 0.1)")
    parser.add_argument("--only", default="", metavar="WORD", help="figures with WORD in their name; writes nothing")
    parser.add_argument("--keep", action="store_true", help="keep the databases and use them again")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a goal is missed")
    options = parser.parse_args()
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        parser.error("DATABASE_URL must name a PostgreSQL server: use make bench")
    if not 0 < options.scale <= 10:
        parser.error("--scale is above 0 and at most 10")
    for name in ("SECRET_KEY", "TOKEN_PEPPER"):
        os.environ.setdefault(name, secrets.token_urlsafe(48))
    began = time.monotonic()
    try:
        held = run(options.scale, options.only, keep=options.keep, url=url)
    except Failed as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    print(f"{time.monotonic() - began:.0f} s", flush=True)
    return 0 if held or not options.strict else 1


if __name__ == "__main__":
    sys.exit(main())
