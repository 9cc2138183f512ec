"""An index on a large table, built while others go on writing to it: the operation for migrations."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddIndex
from django.db.migrations.state import ProjectState

TIMEOUTS = ("statement_timeout", "lock_timeout")


class AddIndexConcurrently(AddIndex):
    """As `AddIndex`; on PostgreSQL without a lock that keeps writers out.

    For migrations with `atomic = False`. What a cut attempt left behind, an index that PostgreSQL calls invalid, is
    dropped first, so that running the migration again finishes it.
    """

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        with _unhurried(schema_editor):
            schema_editor.execute(self.index.remove_sql(model, schema_editor, concurrently=True), params=None)
            schema_editor.execute(self.index.create_sql(model, schema_editor, concurrently=True), params=None)


@contextmanager
def _unhurried(schema_editor: BaseDatabaseSchemaEditor) -> Iterator[None]:
    """It waits for those who write and reads the whole table: longer than a request's statement may take."""
    for name in TIMEOUTS:
        schema_editor.execute(f"SET {name} TO 0")
    yield
    for name in TIMEOUTS:
        schema_editor.execute(f"RESET {name}")
