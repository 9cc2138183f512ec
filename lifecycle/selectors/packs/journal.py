"""The journal's entries of a round, from the request to the decision, as their hashes are made of."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any

from django.db.models import QuerySet

from journal.models import Entry
from journal.selectors import HASHED
from lifecycle.models import GateReview

DECIDED = "review.decided"


def entries_of(review: GateReview) -> list[Entry]:
    """By number; what happened about the round after its decision is not the decision's."""
    rows: QuerySet[Entry] = Entry.objects.filter(object=f"review:{review.pk}", verb__startswith="review.")
    entries = list(rows.order_by("seq"))
    last = next((place for place, entry in enumerate(entries) if entry.verb == DECIDED), len(entries))
    return entries[: last + 1]


def shown(entries: Sequence[Entry], *, whole: bool) -> list[dict[str, Any]]:
    """Not `whole`: number, moment, verb and hashes only, for readers without the right to the journal."""
    return [_entry(entry, whole=whole) for entry in entries]


def _entry(entry: Entry, *, whole: bool) -> dict[str, Any]:
    # As `journal.selectors.chained_hash` spells it.
    shown_: dict[str, Any] = {"at": entry.at.astimezone(UTC).isoformat(), "hash": entry.hash, "withheld": not whole}
    names = HASHED if whole else ("seq", "verb", "prev_hash")
    return shown_ | {name: getattr(entry, name) for name in names}
