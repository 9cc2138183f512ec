"""The form of a pack: sections, and a manifest with the SHA-256 of each and one over all."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from common.canonical import digest

SCHEMA = "eightgate/pack@1"
DICTS = ("gate", "project", "decision", "subject", "document", "basis")
LISTS = (
    "checks", "votes", "conditions", "recusals", "waivers", "limits", "evidence", "risks", "journal",
)  # fmt: skip
SECTIONS = (*DICTS, *LISTS)
DEEPEST = 40


class Unreadable(Exception):
    """What lies there is no pack that this release knows; the message says why."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """One thing that does not fit: where it stands (`votes[0].packet`) and what is wrong there."""

    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


def manifest_of(sections: dict[str, Any]) -> dict[str, Any]:
    """`{"sections": {name: {"sha256", "parts"}}, "digest"}`; parts are the digests of a section's rows or members."""
    told = {name: {"sha256": digest(section), "parts": _parts(section)} for name, section in sections.items()}
    return {"sections": told, "digest": _seal(told)}


def _seal(told: Any) -> str:
    return digest({"schema": SCHEMA, "sections": told})


def _parts(section: Any) -> Any:
    if isinstance(section, dict):
        return {key: digest(value) for key, value in section.items()}
    return [digest(row) for row in section]


def read_pack(content: bytes) -> dict[str, Any]:
    """The pack in a file. Raises Unreadable for what is not JSON, names a key twice, or is no pack of this schema."""
    try:
        pack = json.loads(content.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as broken:
        raise Unreadable(f"it is not JSON: {broken}") from broken
    if not isinstance(pack, dict) or not str(pack.get("schema", "")).startswith("eightgate/pack@"):
        raise Unreadable("it is no gate pack")
    if pack["schema"] != SCHEMA:
        raise Unreadable(f"it is a {pack['schema']}, and this release knows {SCHEMA}")
    if _depth(pack) > DEEPEST:
        raise Unreadable(f"it is nested more than {DEEPEST} levels deep")
    return pack


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a key that stands twice other readers might take the other value."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _depth(value: Any) -> int:
    deepest, layer = 0, [value]
    while layer and deepest <= DEEPEST:
        deepest += 1
        inner = [one.values() if isinstance(one, dict) else one for one in layer if isinstance(one, dict | list)]
        layer = [item for group in inner for item in group]
    return deepest


def manifest_flaws(pack: dict[str, Any]) -> Iterator[Misfit]:
    """Sections that lack, are too many, or are not what the manifest says; named by row where the manifest knows it."""
    yield from _form_flaws(pack)
    manifest = pack.get("manifest")
    told = manifest.get("sections") if isinstance(manifest, dict) else None
    if not isinstance(manifest, dict) or not isinstance(told, dict) or manifest.keys() != {"sections", "digest"}:
        yield Misfit("manifest", "it lacks or has another form")
        return
    if manifest.get("digest") != _seal(told):
        yield Misfit("manifest.digest", "it is not the SHA-256 of the manifest")
    for name in sorted(told.keys() ^ set(SECTIONS)):
        yield Misfit(f"manifest.sections.{name}", "it lacks" if name in SECTIONS else "no pack has this section")
    for name in SECTIONS:
        if name in pack and name in told:
            yield from _section_flaws(name, pack[name], told[name])


def _form_flaws(pack: dict[str, Any]) -> Iterator[Misfit]:
    for name in sorted(pack.keys() - {"schema", "manifest", *SECTIONS}):
        yield Misfit(name, "no pack has this section")
    for name in SECTIONS:
        if not isinstance(pack.get(name), dict if name in DICTS else list):
            yield Misfit(name, "the section lacks" if name not in pack else "the section has another form")


def _section_flaws(name: str, section: Any, told: Any) -> Iterator[Misfit]:
    if not isinstance(told, dict) or told.keys() != {"sha256", "parts"}:
        yield Misfit(f"manifest.sections.{name}", "it has another form")
        return
    if not isinstance(section, dict | list):
        return
    parts = _parts(section)
    if told["sha256"] == digest(section) and told["parts"] == parts:
        return
    if told["sha256"] != digest(section):
        yield Misfit(name, "the section is not what the manifest says")
    yield from (Misfit(f"{name}{place}", what) for place, what in _other_parts(parts, told["parts"]))


def _other_parts(here: Any, told: Any) -> Iterator[tuple[str, str]]:
    if isinstance(here, dict) and isinstance(told, dict):
        for key in sorted(here.keys() | told.keys()):
            if here.get(key) != told.get(key):
                yield f".{key}", _how(key in here, key in told)
    elif isinstance(here, list) and isinstance(told, list):
        for place in range(max(len(here), len(told))):
            if here[place : place + 1] != told[place : place + 1]:
                yield f"[{place}]", _how(place < len(here), place < len(told))
    else:
        yield "", "the manifest describes it in another form"


def _how(is_here: bool, is_told: bool) -> str:  # noqa: FBT001 - two facts of one kind
    if is_here and is_told:
        return "it was changed"
    return "it was added" if is_here else "it was taken out"
