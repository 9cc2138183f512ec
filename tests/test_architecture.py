"""The floors are kept by import-linter; here is what it cannot see."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("journal", "accounts", "projects", "library", "records", "risks", "lifecycle", "overview")
WRITES = {"save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "delete"}
MODULES = [
    path
    for room in ROOMS
    for path in (ROOT / room).rglob("*.py")
    if "migrations" not in path.parts
    and "services" not in {*path.parts, path.stem}
    # Django's own protocol: a user manager has create_user, which accounts.services calls.
    and path.relative_to(ROOT).as_posix() != "accounts/models.py"
]
EVERY = [
    path
    for room in ("common", "config", *ROOMS)
    for path in (ROOT / room).rglob("*.py")
    if "migrations" not in path.parts
]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_only_services_write(path):
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    writes = [
        call.lineno
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr in WRITES and _is_of_the_orm(call.func)
    ]

    assert not writes, f"{name(path)}: lines {writes} write; move them to a service"


def _is_of_the_orm(function: ast.Attribute) -> bool:
    """`X.objects.create(...)`, `row.save()`; not a dict's or a set's method of the same name."""
    source = ast.unparse(function.value)
    return "objects" in source or function.attr == "save"


@pytest.mark.parametrize("path", EVERY, ids=name)
def test_files_fit_on_a_few_screens(path):
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("path", [path for path in EVERY if name(path) != "common/days.py"], ids=name)
def test_days_are_counted_in_one_place(path):
    found = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "days" and isinstance(node.value, ast.BinOp)
    ]

    assert not found, f"{name(path)}: lines {found} count days; common.days does"


def test_few_functions_are_long():
    functions = [
        node
        for path in EVERY
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    long = [node for node in functions if (node.end_lineno or 0) - node.lineno >= 50]

    assert len(long) <= len(functions) * 0.02


@pytest.mark.parametrize("room", ROOMS)
def test_record_comes_last_in_a_service(room):
    """The journal's lock is held until the commit, so nothing may follow it but a return."""
    late = []
    for path in (ROOT / room).rglob("*.py"):
        if "services" not in {*path.parts, path.stem}:
            continue
        for function in (n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.FunctionDef)):
            late += [f"{name(path)}:{line}" for line in _statements_after_record(function)]

    assert not late


def _statements_after_record(function: ast.FunctionDef) -> list[int]:
    for place, statement in enumerate(function.body):
        call = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "record":
            return [after.lineno for after in function.body[place + 1 :] if not isinstance(after, ast.Return)]
    return []
