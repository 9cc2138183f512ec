"""Bodies that are too large to be written down: `gen` of bad_inputs.yaml, by kind."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

Body = dict[str, Any]
COLUMNS = ("title", "category", "likelihood", "impact")


def built(gen: dict[str, Any], valid: Body) -> bytes:
    return KINDS[gen["kind"]](gen, valid)


def _json_with(gen: dict[str, Any], valid: Body, value: str) -> bytes:
    """The valid body with one field as raw JSON, which no encoder of ours could write."""
    rest = {name: given for name, given in valid.items() if name != gen["field"]}
    head = json.dumps(rest).removesuffix("}")
    return f'{head}{", " if rest else ""}"{gen["field"]}": {value}}}'.encode()


def _csv(rows: list[tuple[Any, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *rows])
    return text.getvalue().encode()


def _rows(gen: dict[str, Any], _valid: Body) -> bytes:
    bad = gen["bad_row"]
    return _csv(
        [(f"Risk {number}", "technical", 9 if number == bad else 2, 3) for number in range(1, gen["count"] + 1)]
    )


def _zip(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


KINDS: dict[str, Callable[[dict[str, Any], Body], bytes]] = {
    "json_big_string": lambda gen, valid: _json_with(gen, valid, '"' + "x" * gen["bytes"] + '"'),
    "json_nested": lambda gen, valid: _json_with(gen, valid, "[" * gen["depth"] + "]" * gen["depth"]),
    "json_big_int": lambda gen, valid: _json_with(gen, valid, "9" * gen["digits"]),
    "form_fields": lambda gen, _valid: "&".join(f"f{number}=1" for number in range(gen["count"])).encode(),
    "bytes": lambda gen, _valid: (gen["unit"] * gen["times"]).encode(),
    "text_repeat": lambda gen, _valid: (gen["prefix"] + gen["unit"] * gen["times"]).encode(),
    "encode": lambda gen, _valid: gen["text"].encode(gen["encoding"]),
    "csv_long_field": lambda gen, _valid: _csv([("x" * gen["bytes"], "technical", 2, 3)]),
    "csv_rows": _rows,
    "zip": lambda gen, _valid: _zip({name: text.encode() for name, text in gen["members"].items()}),
    "zip_bomb": lambda gen, _valid: _zip({"xl/worksheets/sheet1.xml": b"\0" * gen["bytes"]}),
}
