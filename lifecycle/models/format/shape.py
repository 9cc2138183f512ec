"""The shape of a document, by its JSON Schema: what is wrong with one, and the one order of its keys."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, cast

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from jsonschema import Draft202012Validator, FormatChecker, validators
from jsonschema.exceptions import ValidationError as SchemaError
from jsonschema.protocols import Validator

from common.errors import FieldError, escape
from common.text_rules import MESSAGES, Flaw, is_blank, line_flaw, text_flaw

Document = dict[str, Any]
NAME = "eightgate/template@1"
FILE = Path(__file__).with_name("schema.json")
MOST = 100
TEXTS = {"line": line_flaw, "text": text_flaw}
# Codes and sentences of what JSON Schema calls by its own keywords.
WORDS: dict[str, tuple[str, str | Promise]] = {
    "type": ("invalid_type", _("This must be %(type)s.")),
    "enum": ("invalid_choice", _("One of: %(words)s.")),
    "const": ("invalid_choice", _("This must be “%(word)s”.")),
    "anyOf": ("invalid_choice", _("This must be “any” or a list with one key at least.")),
    "pattern": ("invalid_key", _("Small letters, digits and underscores, a letter first.")),
    "maxLength": ("too_long", _("At most %(limit)s characters.")),
    "minLength": ("blank", MESSAGES["blank"]),
    "minimum": ("out_of_range", _("At least %(limit)s.")),
    "maximum": ("out_of_range", _("At most %(limit)s.")),
    "minItems": ("too_short", _("At least %(limit)s.")),
    "maxItems": ("too_long", _("At most %(limit)s.")),
    "minProperties": ("required", _("This needs an entry; a text one of the languages en and zh.")),
    "uniqueItems": ("not_unique", _("An entry stands twice.")),
}
TYPES: dict[str, str | Promise] = {
    "object": _("a mapping"),
    "array": _("a list"),
    "string": _("a text"),
    "integer": _("a whole number"),
    "number": _("a number"),
    "boolean": _("true or false"),
}


@cache
def schema_text() -> str:
    """The schema as its file has it."""
    return FILE.read_text("utf-8")


@cache
def schema() -> Document:
    found: Document = json.loads(schema_text())
    return found


def _all_different(_validator: Validator, asked: bool, found: Any, _schema: Any) -> Iterator[SchemaError]:  # noqa: FBT001 - jsonschema's protocol
    """The library's own compares each entry with each other; lists of ours hold texts."""
    texts = [entry for entry in found if isinstance(entry, str)] if isinstance(found, list) else []
    if asked and len(set(texts)) < len(texts):
        yield SchemaError("not unique")


def _whole_match(_validator: Validator, pattern: str, found: Any, _schema: Any) -> Iterator[SchemaError]:
    """Python's `$` would let a line break follow."""
    if isinstance(found, str) and not re.fullmatch(pattern, found):
        yield SchemaError("no match")


@cache
def _validator() -> Validator:
    formats = FormatChecker(formats=())
    for name in TEXTS:
        formats.checks(name)(lambda found, name=name: not isinstance(found, str) or _text_flaw(found, name) is None)
    extend: Any = validators.extend  # has no types
    strict: Validator = extend(Draft202012Validator, {"uniqueItems": _all_different, "pattern": _whole_match})(
        schema(), format_checker=formats
    )
    return strict


def _text_flaw(text: str, name: str) -> Flaw | None:
    if text and is_blank(text):
        return Flaw("blank", MESSAGES["blank"])
    return TEXTS[name](text)


def flaws(document: Any) -> list[FieldError]:
    """What of `document` is not in the format, each with its place; a hundred at most."""
    found = (flaw for error in _validator().iter_errors(document) for flaw in _flaws_of(error))
    return sorted(islice(found, MOST), key=lambda flaw: flaw.pointer)


def _flaws_of(error: SchemaError) -> Iterator[FieldError]:
    place = "".join(f"/{escape(str(part))}" for part in error.absolute_path)
    keyword, asked, found = str(error.validator), cast("Any", error.validator_value), cast("Any", error.instance)
    if keyword == "required":
        # jsonschema reports one missing name an error, in a sentence of its own.
        yield from _missing(place, str(error.message))
    elif keyword == "additionalProperties":
        known = cast("Any", error.schema)["properties"]
        for name in islice(set(found) - set(known), MOST):
            yield FieldError(f"{place}/{escape(name)}", "unknown_field", _("There is no such field."))
    elif keyword == "not":
        yield FieldError(
            f"{place}/{asked['required'][0]}", "unknown_field", _("A check of this kind has no such field.")
        )
    elif keyword == "format":
        if flaw := _text_flaw(found, asked):
            yield FieldError(place, flaw.code, flaw.detail)
    else:
        code, words = WORDS[keyword]
        yield FieldError(place, code, words % _blanks(keyword, asked))


def _missing(place: str, message: str) -> Iterator[FieldError]:
    if match := re.match(r"'(\w+)'", message):
        yield FieldError(f"{place}/{match[1]}", "required", _("This is missing."))


def _blanks(keyword: str, asked: Any) -> dict[str, Any]:
    if keyword == "type":
        return {"type": TYPES[asked]}
    if keyword == "enum":
        return {"words": ", ".join(map(str, asked))}
    return {"limit": asked, "word": asked}


def canonical(document: Document) -> Document:
    """A valid document in its one spelling: keys in the schema's order, whole numbers without a point."""
    ordered: Document = _ordered(document, schema())
    return ordered


def _ordered(value: Any, rule: Mapping[str, Any]) -> Any:
    rule = _resolved(rule)
    if isinstance(value, dict):
        known = rule.get("properties", {})
        return {key: _ordered(value[key], known[key]) for key in known if key in value}
    if isinstance(value, list):
        return [_ordered(entry, rule.get("items", {})) for entry in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _resolved(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a `$ref` stands for; every reference of ours names one definition of the same file."""
    found: Mapping[str, Any] = schema()["$defs"][rule["$ref"].rpartition("/")[2]] if "$ref" in rule else rule
    return found
