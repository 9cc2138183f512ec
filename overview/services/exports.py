from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from journal.services import record


@transaction.atomic
def note_export(*, what: str, form: str, rows: int, asked: str, actor: Actor, now: datetime) -> None:
    """Tell the journal who took which list away: its name, the query string that filtered it, format and rows."""
    record("list.exported", actor=actor, at=now, list=what, format=form, rows=rows, asked=asked)
