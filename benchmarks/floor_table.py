"""The finished answers that the floor reads."""

from collections.abc import Sequence

import psycopg

from benchmarks.paths import against_the_floor
from benchmarks.server import Client

STORED = {"status": "project_status", "check": "gate_check"}


def store(url: str, client: Client, keys: Sequence[str]) -> None:
    """Ask the product once for every answer and keep its text, as one row a project and question."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS benchmark_answer")
        connection.execute("CREATE TABLE benchmark_answer (key text, about text, body text, PRIMARY KEY (key, about))")
        for about, name in STORED.items():
            for key, path in zip(keys, against_the_floor()[name].of(keys), strict=True):
                body = client.get(path).body.decode()
                connection.execute("INSERT INTO benchmark_answer VALUES (%s, %s, %s)", [key, about, body])
        connection.execute("ANALYZE benchmark_answer")
