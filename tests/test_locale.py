"""Everything a person reads is in their language."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.utils.translation.template import templatize

ROOT = Path(__file__).parent.parent
CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
ROOMS = (
    *("config", "common", "journal", "accounts", "projects", "library", "records", "risks", "lifecycle", "overview"),
)
# What makemessages extracts: the name of the function, and how many of its first arguments are a context and texts.
EXTRACTED = {
    **dict.fromkeys(("gettext", "gettext_lazy", "gettext_noop"), (0, 1)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (0, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), (1, 1)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), (1, 2)),
}
CALL = re.compile(r"(?<![\w.])(_|n?p?gettext)\(")
ENTRIES = list(polib.pofile(str(CATALOGUE)))
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


def words(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


KNOWN = {(entry.msgctxt or "", entry.msgid) for entry in ENTRIES}


def imported(tree: ast.Module) -> dict[str, str]:
    """The translating functions of a module: how it calls them, and what they are."""
    return {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.name in EXTRACTED
    }


def literals(tree: ast.AST, functions: dict[str, str]) -> Iterator[tuple[str, str]]:
    """(context, text) of each call that translates a text written out in the code."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions):
            continue
        contexts, texts = EXTRACTED[functions[node.func.id]]
        words = [part.value for part in node.args[: contexts + texts] if isinstance(part, ast.Constant)]
        if len(words) == contexts + texts:
            yield words[0] if contexts else "", words[contexts]


def of_a_template(path: Path) -> Iterator[tuple[str, str]]:
    source = templatize(path.read_text())
    for found in CALL.finditer(source):
        closing = (mark.end() for mark in re.finditer(r"\)", source[found.start() :]))
        tree = next(tree for end in closing if (tree := parsed(source[found.start() : found.start() + end])))
        yield from literals(tree, {"_": "gettext", **{name: name for name in EXTRACTED}})


def parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except SyntaxError:
        return None


SOURCES = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")) if "migrations" not in path.parts]
TEMPLATES = sorted([*(ROOT / "templates").rglob("*.html"), *(ROOT / "templates").rglob("*.txt")])


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_catalogue_holds_the_whole_product():
    assert len(ENTRIES) > 1500


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_each_text_of_the_code_is_in_the_catalogue(path):
    tree = ast.parse(path.read_text())
    functions = imported(tree)

    unknown = [called for called, real in functions.items() if called not in {"_", real}]
    assert not unknown, f"makemessages does not know {unknown}: import the function under its own name, or as _"
    assert [text for text in literals(tree, functions) if text not in KNOWN] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_each_text_of_a_template_is_in_the_catalogue(path):
    assert [text for text in of_a_template(path) if text not in KNOWN] == []


def test_the_catalogue_holds_no_text_that_nobody_says():
    said = {text for path in TEMPLATES for text in of_a_template(path)}
    for path in SOURCES:
        tree = ast.parse(path.read_text())
        said.update(literals(tree, imported(tree)))

    assert KNOWN - said == set()


def test_every_text_has_its_chinese():
    missing = [entry.msgid for entry in ENTRIES if entry.fuzzy or not all(words(entry))]

    assert not missing


def test_a_translation_fills_only_the_blanks_that_its_text_has():
    wrong = [
        entry.msgid
        for entry in ENTRIES
        for text in words(entry)
        if not set(PLACEHOLDER.findall(text)) <= set(PLACEHOLDER.findall(entry.msgid + entry.msgid_plural))
    ]

    assert not wrong


@pytest.mark.parametrize("mark", [",", ";", "!", "?", ":"])
def test_chinese_uses_full_width_marks_beside_its_characters(mark):
    beside = re.compile(rf"[\u4e00-\u9fff]\{mark}(?!\w)")
    wrong = [text for entry in ENTRIES for text in words(entry) if beside.search(text)]

    assert not wrong
