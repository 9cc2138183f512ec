"""Many rows at once: by PostgreSQL's COPY where there is one (twenty times as fast), else by bulk_create."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection, models

Row = Sequence[Any]
BATCH = 500


def reserve(model: type[models.Model], count: int) -> Iterator[int]:
    """`count` primary keys that nobody else will get, so that rows which belong together are written in any order."""
    column = model._meta.pk.column
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [model._meta.db_table, column, count],
            )
            return iter([number for (number,) in cursor.fetchall()])
    # SQLite lets one writer in at a time.
    last = model._default_manager.aggregate(last=models.Max("pk"))["last"] or 0
    return iter(range(last + 1, last + 1 + count))


def insert(model: type[models.Model], columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Insert `rows`, their values in the order of `columns` (attribute names); other columns get their defaults."""
    if connection.vendor == "postgresql":
        # Made before the COPY begins: making them may ask a question, and the connection cannot do both at once.
        _copy(model, columns, list(rows))
    else:
        objects = (model(**dict(zip(columns, row, strict=True))) for row in rows)
        model._default_manager.bulk_create(objects, batch_size=BATCH)


def _copy(model: type[models.Model], columns: Sequence[str], rows: Sequence[Row]) -> None:
    from psycopg.types.json import Jsonb  # noqa: PLC0415 - the embedded edition has no driver for PostgreSQL loaded

    fields = {field.attname: field for field in model._meta.concrete_fields}
    left = [
        field
        for field in fields.values()
        if field.attname not in columns and not field.has_db_default() and not isinstance(field, models.AutoField)
    ]
    as_json = [isinstance(fields[name], models.JSONField) for name in columns]
    same = tuple(_plain(field, Jsonb) for field in left)
    written = (*(fields[name] for name in columns), *left)
    names = [connection.ops.quote_name(str(field.column)) for field in written]
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
        for row in rows:
            values = (Jsonb(value) if json else value for value, json in zip(row, as_json, strict=True))
            copy.write_row((*values, *same))


def _plain(field: "models.Field[Any, Any]", wrap: Any) -> Any:
    value = field.get_default()
    return wrap(value) if isinstance(field, models.JSONField) else field.get_prep_value(value)
