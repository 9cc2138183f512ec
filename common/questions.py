"""Questions whose SQL is written once a process.

Measured: most of a project's status was Django's writing the same eight statements again for every request. A
`Question` lets a queryset write its SQL once for each shape of what it is given, and runs that text with the values of
the day. The queryset stays the one place where the question stands (docs/decisions/0003).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable

M = TypeVar("M", bound=Model)
# Values that no row holds: where one of them comes out of a written statement, the caller's value goes in.
INTEGERS, WIDTH, YEARS = 7_000_000_000_000_000_000, 1_000_000, 9000


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a given value goes: its name, and its place in a list."""

    name: str
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A statement with slots among its parameters, and the compiler that wrote it and knows how to read its rows."""

    sql: str
    parameters: tuple[Any, ...]
    compiler: Any


class Question(Generic[M]):
    """`build(**given)` is a queryset of rows of one model, annotated and joined (`select_related`) as one likes.

    Given are whole numbers, days, moments, texts and lists, which are bound anew each time, and True, False or None,
    which make it another statement. The rows of several lists do not depend on how often a value stands in one of them.
    """

    def __init__(self, build: Callable[..., "QuerySet[M]"]) -> None:
        self.build = build
        self.written: dict[tuple[Any, ...], Written] = {}

    def __call__(self, **given: Any) -> list[M]:
        """The rows, by one query."""
        given = {name: _padded(value) if isinstance(value, list) else value for name, value in given.items()}
        shape = (connection.vendor, *map(_shape, given.items()))
        if shape not in self.written:
            self.written[shape] = _write(self.build, given)
        written = self.written[shape]
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                _let_prepare(cursor)
            cursor.execute(written.sql, [_bound(parameter, given) for parameter in written.parameters])
            rows = cursor.fetchall()
        return list(ModelIterable(_Answered(written.compiler, rows)))  # type: ignore[arg-type]  # it asks for no more


class _Answered:
    """What ModelIterable asks of a queryset, its query and its compiler, of rows that have been fetched already."""

    def __init__(self, compiler: Any, rows: Iterable[Sequence[Any]]) -> None:
        self.query = self
        self.db = compiler.using
        self.rows = rows
        self.compiler = compiler
        self.select, self.klass_info = compiler.select, compiler.klass_info
        self.annotation_col_map = compiler.annotation_col_map
        self._known_related_objects: dict[Any, Any] = {}

    def get_compiler(self, using: str) -> "_Answered":
        return self

    def execute_sql(self, **_chunks: Any) -> Iterable[Sequence[Any]]:
        return self.rows

    def results_iter(self, rows: Iterable[Sequence[Any]]) -> Iterable[Sequence[Any]]:
        return self.compiler.results_iter([rows])  # type: ignore[no-any-return]  # Django's compiler has no types


def _let_prepare(cursor: Any) -> None:
    """Values go beside the statement, not into it: then PostgreSQL plans it once a connection: 3.4 of 4.0 ms.

    Whether it does is the connection's `prepare_threshold`; Django's own cursors never do.
    """
    from django.db.backends.postgresql.base import ServerBindingCursor  # noqa: PLC0415 - needs PostgreSQL's driver

    binding: Any = ServerBindingCursor
    cursor.cursor = binding(cursor.cursor.connection)


def _padded(values: list[Any]) -> list[Any]:
    """Repeated up to a power of two, so that a process meets a dozen lengths at most; an empty list finds nothing."""
    values = values or [0]
    return values + values[-1:] * ((1 << (len(values) - 1).bit_length()) - len(values))


def _shape(given: tuple[str, Any]) -> tuple[str, Any]:
    name, value = given
    if value is None or isinstance(value, bool):
        return name, value
    return name, len(value) if isinstance(value, list) else type(value)


def _bound(parameter: Any, given: Mapping[str, Any]) -> Any:
    if not isinstance(parameter, Slot):
        return parameter
    value = given[parameter.name]
    return _adapted(value if parameter.place is None else value[parameter.place])


def _adapted(value: Any) -> Any:
    """As the database takes it: SQLite has no days, and PostgreSQL would prepare anew for each width of a number."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    if isinstance(value, int):
        return connection.ops.adapt_integerfield_value(value, "BigIntegerField")
    return value


def _write(build: Callable[..., "QuerySet[Any]"], given: Mapping[str, Any]) -> Written:
    slots: dict[Any, Slot] = {}
    stand_ins = {name: _stand_in(number, name, value, slots) for number, (name, value) in enumerate(given.items())}
    queryset = build(**stand_ins)
    compiler = queryset.query.get_compiler(using=queryset.db)
    sql, parameters = compiler.as_sql()
    placed = tuple(slots.get(value, value) if isinstance(value, int | str | date) else value for value in parameters)
    if missing := set(slots.values()) - {value for value in placed if isinstance(value, Slot)}:
        raise TypeError(f"The question does not ask for {missing}.")
    return Written(sql, placed, compiler)


def _stand_in(number: int, name: str, value: Any, slots: dict[Any, Slot]) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, list):
        found = [_like(one, number, place) for place, one in enumerate(value)]
        slots.update({_adapted(one): Slot(name, place) for place, one in enumerate(found)})
        return found
    found = _like(value, number, 0)
    slots[_adapted(found)] = Slot(name)
    return found


def _like(value: Any, number: int, place: int) -> Any:
    if isinstance(value, datetime):
        return datetime(YEARS + number, 1 + place, 1, 12, tzinfo=UTC)
    if isinstance(value, date):
        return date(YEARS + number, 1 + place, 1)
    mark = INTEGERS + number * WIDTH + place
    return f"slot {mark}" if isinstance(value, str) else mark
