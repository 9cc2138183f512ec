"""What differs between two documents of a template, told by key: a pure comparison of valid documents."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lifecycle.models.format import Document

OF_TEMPLATE = ("name", "description", "seed_section", "not_for_tags")
OF_STAGE = ("name", "purpose", "deliverables", "duration_days", "recurring", "cycle_days", "cycle_from", "raci")
OF_GATE = ("key", "name", "question", "recurring", "decision_names", "return_to")


@dataclass(frozen=True, slots=True)
class Field:
    """One value that became another; None stands for nothing there."""

    name: str
    before: Any
    after: Any

    def as_dict(self) -> dict[str, Any]:
        return {"field": self.name, "from": self.before, "to": self.after}


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a difference.

    `what` is template_changed, level_changed, decision_changed, rule_changed, stage_added, stage_removed, stage_moved,
    stage_changed, gate_changed (at one `level`, or at all of them), check_added, check_removed, check_moved (to another
    stage), check_reordered or check_changed. `text` is the stage's name or the check's text, new or else old.
    """

    what: str
    stage: str = ""
    check: str = ""
    level: str = ""
    key: str = ""
    text: Any = None
    fields: tuple[Field, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        named = {name: getattr(self, name) for name in ("stage", "check", "level", "key", "text")}
        return {
            "change": self.what,
            **{name: value for name, value in named.items() if value},
            "values": [field.as_dict() for field in self.fields],
        }


def changes_between(before: Document | None, after: Document) -> list[Change]:
    """From `before` (nothing for a new template) to `after`, in the order of the new document; what is gone last."""
    old: Document = before or {"stages": [], "levels": [], "decisions": [], "separation_rules": []}
    found = [*_of_template(old, after)] if before else []
    for section, what in (("levels", "level"), ("decisions", "decision"), ("separation_rules", "rule")):
        found += _of_words(section, f"{what}_changed", old, after) if before else []
    return [*found, *_of_stages(old, after), *_of_checks(old, after)]


def _of_template(old: Document, new: Document) -> Iterator[Change]:
    if fields := _fields(old, new, OF_TEMPLATE):
        yield Change("template_changed", key=new["key"], text=new["name"], fields=fields)


def _of_words(section: str, what: str, old: Document, new: Document) -> list[Change]:
    """Levels, decisions and rules of separation: rows that come and go with their words."""
    before, after = ({row["key"]: row for row in document[section]} for document in (old, new))
    found = []
    for key in {**after, **before}:
        here, there = before.get(key, {}), after.get(key, {})
        if fields := _fields(here, there, {**there, **here}):
            found.append(Change(what, key=key, text=(there or here)["name"], fields=fields))
    return found


def _of_stages(old: Document, new: Document) -> Iterator[Change]:
    before, after = ({stage["key"]: stage for stage in document["stages"]} for document in (old, new))
    moved = out_of_order(list(before), list(after))
    places = list(before), list(after)
    for key, stage in after.items():
        named: dict[str, Any] = {"stage": key, "text": stage["name"]}
        if key not in before:
            yield Change("stage_added", **named)
            continue
        if key in moved:
            yield Change("stage_moved", fields=(Field("order", *(place.index(key) + 1 for place in places)),), **named)
        if fields := _fields(before[key], stage, OF_STAGE):
            yield Change("stage_changed", fields=fields, **named)
        yield from _of_gate(before[key]["gate"], stage["gate"], named)
    for key, stage in before.items():
        if key not in after:
            yield Change("stage_removed", stage=key, text=stage["name"])


def _of_gate(old: Document, new: Document, named: Mapping[str, Any]) -> Iterator[Change]:
    if fields := _fields(old, new, OF_GATE):
        yield Change("gate_changed", fields=fields, **named)
    for level in {**new["levels"], **old["levels"]}:
        before, after = old["levels"].get(level, {}), new["levels"].get(level, {})
        if fields := _fields(before, after, {**after, **before}):
            yield Change("gate_changed", level=level, fields=fields, **named)


def _of_checks(old: Document, new: Document) -> Iterator[Change]:
    before, after = _checks(old), _checks(new)
    for stage in new["stages"]:
        stood = [key for key, (home, _item) in before.items() if home == stage["key"]]
        moved = out_of_order(stood, [item["key"] for item in stage["items"]])
        for item in stage["items"]:
            yield from _of_check(before.get(item["key"]), stage["key"], item, reordered=item["key"] in moved)
    for key, (home, item) in before.items():
        if key not in after:
            yield Change("check_removed", stage=home, check=key, text=item["text"])


def _of_check(stood: tuple[str, Any] | None, stage: str, item: Document, *, reordered: bool) -> Iterator[Change]:
    named: dict[str, Any] = {"stage": stage, "check": item["key"], "text": item["text"]}
    if stood is None:
        yield Change("check_added", **named)
        return
    home, was = stood
    if home != stage:
        yield Change("check_moved", fields=(Field("stage", home, stage),), **named)
    elif reordered:
        yield Change("check_reordered", **named)
    if fields := _fields(was, item, {**item, **was}):
        yield Change("check_changed", fields=fields, **named)


def _checks(document: Document) -> dict[str, tuple[str, Document]]:
    return {item["key"]: (stage["key"], item) for stage in document["stages"] for item in stage["items"]}


def _fields(old: Mapping[str, Any], new: Mapping[str, Any], names: Any) -> tuple[Field, ...]:
    return tuple(Field(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name))


def out_of_order(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """The fewest keys of both that have to move to get from one order to the other.

    What stays is a longest run of keys that come in the same order in both.
    """
    places = {key: number for number, key in enumerate(before)}
    common = [key for key in after if key in places]
    runs: list[list[str]] = []
    for key in common:
        fitting = [run for run in runs if places[run[-1]] < places[key]]
        runs.append([*_longest(fitting), key])
    return set(common) - set(_longest(runs))


def _longest(runs: list[list[str]]) -> list[str]:
    return max(runs, key=len) if runs else []
