"""Reads of the journal that need no names: is the chain whole?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.db.models import QuerySet

from common.canonical import digest
from journal.models import Entry

BATCH = 2000
HASHED = ("seq", "verb", "actor_id", "via", "ip", "request_id", "project_id", "object", "data", "prev_hash")


@dataclass(frozen=True, slots=True)
class ChainReport:
    """`bad_seq` is the first row that does not fit, and `flaw` says in what; both None while the chain is whole."""

    checked: int
    head: str
    bad_seq: int | None = None
    flaw: str | None = None


def chained_hash(entry: Entry) -> str:
    """SHA-256 over the canonical JSON of the row and the hash of the row before it."""
    return digest({name: getattr(entry, name) for name in HASHED} | {"at": entry.at.astimezone(UTC).isoformat()})


def was_told(verb: str, about: str, **data: Any) -> bool:
    """Whether an entry of this verb about this object carries these facts; asked under the project's lock."""
    facts = {f"data__{name}": value for name, value in data.items()}
    return Entry.objects.filter(object=about, verb=verb, **facts).exists()


def verify_chain() -> ChainReport:
    """Walk the whole journal: numbers without gaps, each row naming the hash before it, each hash that of its row.

    What a cut tail or a rewritten chain cannot show here, the last signed head does.
    """
    seq, head = 0, ""
    for entry in _all():
        flaw = _flaw(entry, seq + 1, head)
        if flaw:
            return ChainReport(seq, head, entry.seq, flaw)
        seq, head = entry.seq, entry.hash
    return ChainReport(seq, head)


def _flaw(entry: Entry, seq: int, head: str) -> str | None:
    if entry.seq != seq:
        return f"entry {seq} is missing"
    if entry.prev_hash != head:
        return "it does not follow the entry before it"
    if chained_hash(entry) != entry.hash:
        return "its content was changed"
    return None


def _all() -> Iterator[Entry]:
    """In pages by number: a long read that holds neither memory nor a cursor open."""
    rows: QuerySet[Entry] = Entry.objects.order_by("seq")
    page = list(rows[:BATCH])
    while page:
        yield from page
        page = list(rows.filter(seq__gt=page[-1].seq)[:BATCH])
