"""One piece of a draft changed: functions that make an edit, which `save_draft` applies to the document as it stands.

An edit raises NotFound where somebody removed its piece meanwhile, ValidationFailed for a key that stands there
already.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.errors import NotFound, ValidationFailed
from lifecycle.models.format import Document
from lifecycle.services.templates import skeleton

Edit = Callable[[Document], None]
Fields = Mapping[str, Any]
# How a document says in so many words what it says by leaving a field out.
NOTHING: tuple[Any, ...] = ([], {}, False)


def write(place: Document, fields: Fields) -> None:
    """Each field as given; None takes it away, unless it says there is nothing already."""
    for name, value in fields.items():
        if value is None and place.get(name) not in NOTHING:
            place.pop(name, None)
        elif value is not None:
            place[name] = in_order(value, place.get(name))


def in_order(value: Any, before: Any) -> Any:
    """`value` with keys in the order that they had `before`: lists of keys are sets, and one who ticks boxes again has
    changed nothing."""
    if isinstance(value, dict) and isinstance(before, dict):
        return {name: one if name == "refs" else in_order(one, before.get(name)) for name, one in value.items()}
    if isinstance(value, list) and isinstance(before, list) and all(isinstance(one, str) for one in [*value, *before]):
        return sorted(value, key=lambda one: before.index(one) if one in before else len(before))
    return value


def change_template(fields: Fields) -> Edit:
    return lambda document: write(document, fields)


def change_default_level(level: str) -> Edit:
    def edit(document: Document) -> None:
        for one in document["levels"]:
            one["default"] = one["key"] == level

    return edit


def both(*edits: Edit) -> Edit:
    """Several edits that one form asks for."""

    def edit(document: Document) -> None:
        for one in edits:
            one(document)

    return edit


def change_words(section: str, key: str, fields: Fields) -> Edit:
    """The words of a level, a decision or a rule of separation."""
    return lambda document: write(_row(document[section], key), fields)


def add_stage(key: str, name: dict[str, str], fields: Fields) -> Edit:
    """At the end; before the last stage when that recurs, for go never leaves it."""

    def edit(document: Document) -> None:
        stages = document["stages"]
        if any(stage["key"] == key for stage in stages):
            raise ValidationFailed.at("key", "not_unique", _("Another stage has this key."))
        added = skeleton.stage(key, name, levels=[level["key"] for level in document["levels"]])
        write(added, fields)
        at = len(stages) - 1 if stages and _recurs(stages[-1]) else len(stages)
        stages.insert(at, added)
        _count(stages)

    return edit


def change_stage(key: str, fields: Fields) -> Edit:
    return lambda document: write(_row(document["stages"], key), fields)


def change_gate(key: str, fields: Fields) -> Edit:
    return lambda document: write(_row(document["stages"], key)["gate"], fields)


def change_gate_if_said(key: str, field: str, value: Any) -> Edit:
    """One field of the gate, where the gate has it: what its stage says too must not differ."""

    def edit(document: Document) -> None:
        gate = _row(document["stages"], key)["gate"]
        if field in gate:
            write(gate, {field: value})

    return edit


def change_rules(key: str, level: str, rules: Document) -> Edit:
    def edit(document: Document) -> None:
        write(_row(document["stages"], key)["gate"]["levels"], {level: rules})

    return edit


def move_stage(key: str, step: int) -> Edit:
    """Change places with the neighbour: the one before (-1) or after (1); at the end nothing happens."""

    def edit(document: Document) -> None:
        _swap(document["stages"], key, step)
        _count(document["stages"])

    return edit


def remove_stage(key: str) -> Edit:
    """With its checks; other gates no longer send anybody back to it."""

    def edit(document: Document) -> None:
        stages = document["stages"]
        stages.remove(_row(stages, key))
        for stage in stages:
            gate = stage["gate"]
            write(gate, {"return_to": [one for one in gate.get("return_to", ()) if one != key] or None})
        _count(stages)

    return edit


def add_check(stage: str, item: Document) -> Edit:
    def edit(document: Document) -> None:
        if any(item["key"] == one["key"] for home in document["stages"] for one in home["items"]):
            raise ValidationFailed.at("key", "not_unique", _("Another check of this template has this key."))
        _row(document["stages"], stage)["items"].append(item)

    return edit


def change_check(key: str, item: Document) -> Edit:
    """The whole check; its key stays."""

    def edit(document: Document) -> None:
        items = home_of(document, key)["items"]
        was = _row(items, key)
        nothing = {name: was[name] for name in ("required_when", "refs", "guidance") if was.get(name) in NOTHING}
        items[items.index(was)] = in_order({**nothing, **item, "key": key}, was)

    return edit


def move_check(key: str, step: int) -> Edit:
    return lambda document: _swap(home_of(document, key)["items"], key, step)


def send_check(key: str, stage: str) -> Edit:
    """To the end of another stage's checks."""

    def edit(document: Document) -> None:
        items = home_of(document, key)["items"]
        item = _row(items, key)
        items.remove(item)
        _row(document["stages"], stage)["items"].append(item)

    return edit


def remove_check(key: str) -> Edit:
    def edit(document: Document) -> None:
        items = home_of(document, key)["items"]
        items.remove(_row(items, key))

    return edit


def home_of(document: Document, check: str) -> Document:
    """The stage that a check stands in. Raises NotFound."""
    found = (stage for stage in document["stages"] if any(item["key"] == check for item in stage["items"]))
    return _found(next(found, None))


def _row(rows: list[Document], key: str) -> Document:
    return _found(next((row for row in rows if row["key"] == key), None))


def _found(row: Document | None) -> Document:
    if row is None:
        raise NotFound
    return row


def _recurs(stage: Document) -> bool:
    return bool(stage.get("recurring") or stage["gate"].get("recurring"))


def _swap(rows: list[Document], key: str, step: int) -> None:
    at = rows.index(_row(rows, key))
    if 0 <= at + step < len(rows):
        rows[at], rows[at + step] = rows[at + step], rows[at]


def _count(stages: list[Document]) -> None:
    for number, stage in enumerate(stages, 1):
        stage["order"] = number
