"""The inbox of one person: what they were told, and still may know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.actor import Actor
from journal.models import SETTLED_BY, SETTLING, SIGNED, Entry, Notice, NoticeQuerySet
from projects.models import Action, Project
from projects.selectors.people import display_names
from projects.selectors.wording import notice_text, notice_url, outcome_text, people_of, reason_text


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One notice as it is shown."""

    id: int
    kind: str
    reason: str
    why: str
    text: str
    url: str
    project: str | None
    project_name: str
    object: str
    urgent: bool
    created_at: datetime
    read_at: datetime | None
    snoozed_until: datetime | None
    # What came of it, when it asks for something that has been done since.
    done: str


def notices_of(actor: Actor) -> NoticeQuerySet:
    """The actor's notices about projects they (still) see, and those about none."""
    seen = Project.objects.visible_to(actor).values("pk")
    return Notice.objects.of(actor.person.pk).filter(Q(project_id=None) | Q(project_id__in=seen))


def unread_count(actor: Actor, now: datetime) -> int:
    """The figure beside "Inbox"."""
    return notices_of(actor).unread(now).count()


def inbox_rows(notices: Sequence[Notice]) -> list[InboxRow]:
    """The notices in words: four queries, however many they are."""
    entries, settling = _entries(notices)
    names = display_names({person for entry in entries.values() for person in people_of(entry)})
    projects = Project.objects.in_bulk({notice.project_id for notice in notices if notice.project_id is not None})
    texts = _action_texts(notices)
    rows = []
    for notice in notices:
        entry, project = entries.get(notice.entry_seq or 0), projects.get(notice.project_id or 0)
        rows.append(
            InboxRow(
                id=notice.pk,
                kind=notice.kind,
                reason=notice.reason,
                why=reason_text(notice.reason),
                text=notice_text(notice, entry, {**names, notice.recipient_id: _("you")}, texts.get(notice.object, "")),
                url=notice_url(notice, project.key if project else None, entry),
                project=project.key if project else None,
                project_name=project.display_name if project else "",
                object=notice.object,
                urgent=notice.urgent,
                created_at=notice.created_at,
                read_at=notice.read_at,
                snoozed_until=notice.snoozed_until,
                done=_done(notice, settling.get(notice.object, ())),
            )
        )
    return rows


def _entries(notices: Sequence[Notice]) -> tuple[dict[int, Entry], dict[str, list[Entry]]]:
    """The entries that the notices tell of, by number, and those that may have settled them, by object."""
    told = {notice.entry_seq for notice in notices if notice.entry_seq is not None}
    objects = {notice.object for notice in notices if notice.kind in SETTLED_BY}
    entries: dict[int, Entry] = {}
    settling: dict[str, list[Entry]] = {}
    for entry in Entry.objects.filter(Q(seq__in=told) | Q(object__in=objects, verb__in=SETTLING)).order_by("seq"):
        entries[entry.seq] = entry
        if entry.verb in SETTLING:
            settling.setdefault(entry.object, []).append(entry)
    return entries, settling


def _done(notice: Notice, entries: Sequence[Entry]) -> str:
    """Says the same of a notice as `NoticeQuerySet.read` does."""
    verbs = SETTLED_BY.get(notice.kind, ())
    ends = [entry for entry in entries if entry.verb in verbs]
    if notice.kind == "assessment.submitted":
        ends += [entry for entry in entries if entry.verb == SIGNED and entry.actor_id == notice.recipient_id]
    return outcome_text(ends[0]) if ends else ""


def _action_texts(notices: Sequence[Notice]) -> dict[str, str]:
    """Reminders hold no text; an action's own words are read when shown."""
    ids = {notice.object.removeprefix("action:") for notice in notices if notice.object.startswith("action:")}
    found = Action.objects.in_bulk({int(pk) for pk in ids if pk.isdecimal()})
    return {f"action:{pk}": action.text for pk, action in found.items()}
