"""Reads that join people with the journal."""

from typing import Any

from accounts.models import User
from journal.models import Entry


def last_change(subject: str) -> dict[str, Any] | None:
    """Who changed `subject` (`risk:12`) last, when and how: part of the answer to a stale edit."""
    entry = Entry.objects.filter(object=subject).newest_first().first()
    if entry is None:
        return None
    by = User.objects.filter(pk=entry.actor_id).first() if entry.actor_id else None
    return {"at": entry.at, "verb": entry.verb, "by": by.username if by else None}
