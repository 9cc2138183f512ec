"""Mails in the reader's words. The caller has switched to the reader's language."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import sanitize_address
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from accounts.models import User
from common.canonical import digest
from journal.models import Notice
from lifecycle.criteria import wording
from lifecycle.models import GateReview, Stage
from lifecycle.selectors import readiness
from lifecycle.selectors.answers import decided_sentence
from overview.services.reminders.post import Envelope
from projects.selectors.inbox import inbox_rows

LINES_SHOWN = 50
SUBJECT_LENGTH = 250
# Their mail says in its subject how the gate stands: the sentence of the gate page.
ABOUT_GATES = {"review_waiting", "vote_missing", "review.requested", "review.packet_changed", "review.decided"}


@dataclass(frozen=True, slots=True)
class Line:
    """One notice in words; `sentence` is the gate's, where it is about one."""

    project: str
    project_name: str
    text: str
    sentence: str
    why: str
    url: str


def lines_of(notices: Sequence[Notice], now: datetime) -> dict[int, Line]:
    """The words of each notice, by its id."""
    return {
        row.id: Line(
            project=row.project or "",
            project_name=row.project_name,
            text=row.text,
            sentence=_gate_sentence(row.object, now) if row.kind in ABOUT_GATES else "",
            why=row.why,
            url=f"{settings.BASE_URL}{row.url}",
        )
        for row in inbox_rows(notices)
    }


def letter(person: User, notices: Sequence[Notice], lines: Mapping[int, Line], *, ids: Sequence[int]) -> Envelope:
    """One mail that tells `notices`: a single one in full, several as a list.

    Its Message-ID follows from the `ids` it settles: after a crash a receiver recognises the mail that comes again.
    """
    told = [lines[notice.pk] for notice in notices]
    context = {
        "person": person,
        "lines": told[:LINES_SHOWN],
        "more": max(len(told) - LINES_SHOWN, 0),
        "one": told[0] if len(told) == 1 else None,
        "base_url": settings.BASE_URL,
    }
    message = EmailMultiAlternatives(
        subject=plain(_subject(told)),
        body=render_to_string("mail/letter.txt", context),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[person.email],
        headers={"Message-ID": message_id(ids), "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string("mail/letter.html", context), "text/html")
    return Envelope(
        sender=sanitize_address(message.from_email, "utf-8"),
        recipient=sanitize_address(person.email, "utf-8"),
        content=b"\r\n".join([*message.message().as_bytes().splitlines(), b""]),
        message=message,
    )


def message_id(ids: Sequence[int]) -> str:
    """The same for the same notices, whoever sends them and however often."""
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    known = sorted(ids)
    name = str(known[0]) if len(known) == 1 else f"{known[0]}-{digest(known).removeprefix('sha256:')[:16]}"
    return f"<notice-{name}@{host}>"


def plain(text: str) -> str:
    """One line without control characters: a name with a line break must not become a header of its own."""
    visible = "".join(" " if unicodedata.category(letter)[0] == "C" else letter for letter in text)
    line = " ".join(visible.split())
    return line if len(line) <= SUBJECT_LENGTH else f"{line[: SUBJECT_LENGTH - 1]}…"


def _subject(told: Sequence[Line]) -> str:
    first = told[0]
    text = first.sentence or (f"{first.project}: {first.text}" if first.project else first.text)
    if len(told) == 1:
        return text
    return _("%(count)d things wait for you: %(first)s") % {"count": len(told), "first": text}


def _gate_sentence(subject: str, now: datetime) -> str:
    """How the gate of a round stands; after the decision, how it was decided."""
    review = GateReview.objects.defer("document", "basis").filter(pk=int(subject.partition(":")[2])).first()
    if review is None:
        return ""
    stage = Stage.objects.with_process().get(pk=review.stage_id)
    answer = readiness(stage, today=now.date())
    return str(decided_sentence(review, stage, answer) if review.decision else wording.sentence(answer))
