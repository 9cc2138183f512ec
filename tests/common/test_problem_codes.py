"""Whatever code the product sends stands on the page of codes."""

import ast
import re
from pathlib import Path

import pytest

from common.problem_codes import CODES
from common.problems import DRF_CODES, FIELD_CODES, STATUS_CODES, STRICTNESS

pytestmark = pytest.mark.core
ROOT = Path(__file__).parents[2]
ROOMS = ("accounts", "common", "journal", "library", "lifecycle", "overview", "projects", "records", "risks")
WORD = re.compile(r"[a-z]+(_[a-z0-9]+)*")
# Which argument of a call is the code.
CALLS = {"FieldError": 1, "at": 1, "_fail": 0, "ErrorDetail": 1, "_error": 1, "Flaw": 0}


def codes_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return {code for node in ast.walk(tree) for code in _class_codes(node) | _call_codes(node)}


def _class_codes(node: ast.AST) -> set[str]:
    """`code = "…"` in the body of a refusal."""
    if not isinstance(node, ast.ClassDef):
        return set()
    lines = [line for line in node.body if isinstance(line, ast.Assign)]
    return {
        str(line.value.value)
        for line in lines
        for target in line.targets
        if isinstance(target, ast.Name) and target.id == "code" and isinstance(line.value, ast.Constant)
    }


def _call_codes(node: ast.AST) -> set[str]:
    if not isinstance(node, ast.Call):
        return set()
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    place = CALLS.get(name)
    if place is None or len(node.args) <= place:
        return set()
    argument = node.args[place]
    is_code = isinstance(argument, ast.Constant) and isinstance(argument.value, str) and WORD.fullmatch(argument.value)
    return {str(argument.value)} if is_code and isinstance(argument, ast.Constant) else set()


FILES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_code_is_explained(path: Path) -> None:
    assert codes_in(path) <= CODES.keys()


def test_codes_of_libraries_are_explained() -> None:
    ours = {*FIELD_CODES.values(), *DRF_CODES.values(), *STATUS_CODES.values(), *STRICTNESS}

    assert ours <= CODES.keys()
