"""The journal as people read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import User
from journal.models import Entry
from projects.models import Project
from projects.selectors.wording import entry_text, people_of


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One entry with its names."""

    seq: int
    at: datetime
    verb: str
    text: str
    actor: str | None
    actor_name: str
    via: str
    project: str | None
    object: str
    data: dict[str, Any]
    request_id: str
    prev_hash: str
    hash: str


def journal_rows(entries: Sequence[Entry]) -> list[JournalRow]:
    """The entries in words: two queries, however many they are."""
    people = User.objects.in_bulk({person for entry in entries for person in people_of(entry)})
    names = {pk: person.display_name for pk, person in people.items()}
    keys = dict(
        Project.objects.filter(pk__in={entry.project_id for entry in entries if entry.project_id}).values_list(
            "pk", "key"
        )
    )
    return [
        JournalRow(
            seq=entry.seq,
            at=entry.at,
            verb=entry.verb,
            text=entry_text(entry, names),
            actor=people[entry.actor_id].username if entry.actor_id in people else None,
            actor_name=names.get(entry.actor_id or 0, ""),
            via=entry.via,
            project=keys.get(entry.project_id or 0),
            object=entry.object,
            data=entry.data,
            request_id=entry.request_id,
            prev_hash=entry.prev_hash,
            hash=entry.hash,
        )
        for entry in entries
    ]
