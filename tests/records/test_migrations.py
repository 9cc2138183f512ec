"""Databases that hold rows already come along: what a migration asks of old rows, it gives them."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.models import User
from projects.models import Project
from records.models import Evidence

pytestmark = [pytest.mark.core, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def before_first(db: None) -> Iterator[Any]:
    """The tables as they were before a revision named its first; the newest again afterwards."""
    yield migrated("0002_evidence_has_revisions")
    migrated()


def migrated(name: str | None = None) -> Any:
    """The apps as they are once the database is at this migration of the room, or at its newest."""
    executor = MigrationExecutor(connection)
    newest = [node for node in executor.loader.graph.leaf_nodes() if node[0] == "records"]
    target = [("records", name)] if name else newest
    return executor.migrate(target).apps


def test_revisions_from_before_name_their_first(before_first: Any, project: Project, owner: User, now: Any) -> None:
    rows = before_first.get_model("records", "Evidence").objects

    def made(revises: int | None, revision: int) -> int:
        row = rows.create(
            project_id=project.pk, title="x", url="https://x.example/", revises_id=revises, revision=revision,
            effective_at=now, supplied_by_id=owner.pk, supplied_at=now,
        )  # fmt: skip
        return int(row.pk)

    one = made(None, 1)
    other = made(None, 1)
    two = made(one, 2)
    three = made(two, 1)

    migrated()

    found = Evidence.objects.in_bulk([one, other, two, three])
    assert [(row.first_id, row.revision) for row in (found[one], found[other], found[two], found[three])] == [
        (None, 1),
        (None, 1),
        (one, 2),
        (one, 3),
    ]


def test_indexes_of_large_tables_keep_no_writer_out(before_first: Any, django_assert_max_num_queries: Any) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time.")

    with django_assert_max_num_queries(1000) as asked:
        migrated()

    built = [query["sql"] for query in asked.captured_queries if "result_of_a_candidate" in query["sql"]]
    assert [sql.split('"')[0].strip() for sql in built] == [
        "DROP INDEX CONCURRENTLY IF EXISTS",
        "CREATE INDEX CONCURRENTLY",
    ]
    assert [query["sql"] for query in asked.captured_queries if query["sql"].startswith("RESET")]
