"""The database itself refuses to change or delete what the journal holds."""

from typing import Any

from django.db import connections

POSTGRESQL = """
CREATE OR REPLACE FUNCTION journal_entry_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'journal entries are never changed or deleted'; END $$;
DROP TRIGGER IF EXISTS journal_entry_is_final ON journal_entry;
CREATE TRIGGER journal_entry_is_final BEFORE UPDATE OR DELETE ON journal_entry
FOR EACH ROW EXECUTE FUNCTION journal_entry_is_final();
"""
SQLITE = [
    f"CREATE TRIGGER IF NOT EXISTS journal_entry_refuses_{event} BEFORE {event} ON journal_entry "
    "BEGIN SELECT RAISE(ABORT, 'journal entries are never changed or deleted'); END"
    for event in ("update", "delete")
]
SQLITE_REMOVE = [f"DROP TRIGGER IF EXISTS journal_entry_refuses_{event}" for event in ("update", "delete")]


def install(using: str = "default", **_: Any) -> None:
    """Put the triggers in place; harmless when they are there already."""
    connection = connections[using]
    if "journal_entry" not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        for statement in [POSTGRESQL] if connection.vendor == "postgresql" else SQLITE:
            cursor.execute(statement)


def remove(using: str = "default") -> None:
    """Take them away on SQLite, where emptying a table is a DELETE. For tests that flush."""
    connection = connections[using]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for statement in SQLITE_REMOVE:
                cursor.execute(statement)
