"""YAML is read strictly and written in one spelling."""

import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from common import content, strict_yaml
from common.errors import DomainError

pytestmark = pytest.mark.core

AWKWARD = (
    "no", "yes", "on", "012", "1e5", "1:30", "2027-02-30", "2027-02-01", "~", "null", "true", "1.0", "-", "- a", "a: b",
    "#x", "a #b", "'", '"', "<<", "=", "! a", "&a", "*a", "?", "| x", "> y", "\n", "a\nb", "a\n\nb", " a\n b", "a\n",
    "\ta", "a\r\nb", "\ufeffa", "a\x85b", "a\u2028b", "\x7f", "0x10", "0o7", "1_000", ".inf", "-0.0", "数据：一、二",
)  # fmt: skip
TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0")) | st.sampled_from(AWKWARD)
NUMBERS = st.integers(-(10**15), 10**15) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    TEXTS | NUMBERS | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def refusal(text: str | bytes) -> DomainError:
    with pytest.raises(DomainError) as refused:
        strict_yaml.loads(text if isinstance(text, bytes) else text.encode())
    return refused.value


@given(VALUES)
def test_what_is_written_reads_back_as_it_was_and_is_written_the_same_again(value: object) -> None:
    text = strict_yaml.dumps(value)

    again = strict_yaml.loads(text.encode())

    assert repr(again) == repr(value)
    assert strict_yaml.dumps(again) == text


@pytest.mark.parametrize("name", ["eight-stage", "six-step", "catalog"])
def test_the_built_in_content_reads_as_every_reader_reads_it(name: str) -> None:
    document = content.document(name)

    assert yaml.safe_load(strict_yaml.dumps(document)) == document
    assert strict_yaml.loads(strict_yaml.dumps(document).encode()) == document


@pytest.mark.parametrize("word", ["no", "Yes", "on", "1:30", "012", "+5", "0x1F", ".inf", "2027-02-01", "1_000"])
def test_nothing_is_guessed(word: str) -> None:
    assert strict_yaml.loads(f"v: {word}".encode()) == {"v": word}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: &a [x]\nb: *a", "yaml_aliases_not_allowed"),
        ("&a [*a]", "yaml_aliases_not_allowed"),
        ("a: &a x", "yaml_aliases_not_allowed"),
        ('v: !!python/object/apply:os.system ["id"]', "malformed_yaml"),
        ("v: !!str 1", "malformed_yaml"),
        ("due: 2027-02-30", "malformed_yaml"),
        ("v: " + "9" * 5000, "malformed_yaml"),
        ("v: 1e999", "malformed_yaml"),
        ("a\n---\nb", "malformed_yaml"),
        ("? [a]\n: b", "malformed_yaml"),
        ("a: b: c", "malformed_yaml"),
        ("a: \x07", "malformed_yaml"),
        ("[" * 100_000, "yaml_too_deep"),
        ("- " * 100_000, "yaml_too_deep"),
        ("[" + "a," * 200_000 + "]", "body_too_large"),
        ("x" * (strict_yaml.MAX_BYTES + 1), "body_too_large"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_no_document_of_ours_needs_is_refused(text: str, code: str) -> None:
    started = time.thread_time()

    assert refusal(text).code == code
    assert time.thread_time() - started < 1


@pytest.mark.parametrize(
    ("text", "code", "pointer"),
    [
        ("a: 1\nb: {c: 1, c: 2}", "duplicate_key", "/b/c"),
        ('a: ["x", "\\0"]', "null_character", "/a/1"),
        (b"a: \xff", "invalid_unicode", ""),
        ("{" + ", ".join(f"k{n}: 1" for n in range(1002)) + "}", "too_many_keys", ""),
    ],
)
def test_a_flaw_names_its_place(text: str | bytes, code: str, pointer: str) -> None:
    errors = refusal(text).errors

    assert (errors[0].code, errors[0].pointer) == (code, pointer)


def test_a_refusal_names_line_and_column() -> None:
    assert str(refusal("a: 1\nb: *x")) == "Write each value where it belongs."
    assert str(refusal("a: 1\nb: 2027-02-30")) == "Line 2, column 4: there is no such day."
