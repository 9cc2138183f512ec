"""The ledger of a project's reminders: what was due, who was told, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from journal.models import Notice, NoticeState
from overview.selectors.due import KINDS
from projects.models import Project
from projects.selectors.inbox import inbox_rows
from projects.selectors.people import display_names

KIND_WORDS: dict[str, str | Promise] = {
    "stage_deadline": gettext_lazy("Stage deadline"),
    "maintenance_review": gettext_lazy("Maintenance review"),
    "check_due": gettext_lazy("Check due"),
    "review_waiting": gettext_lazy("Review waiting"),
    "vote_missing": gettext_lazy("Vote missing"),
    "action_due": gettext_lazy("Action due"),
    "hold_ending": gettext_lazy("Hold ending"),
    "evidence_expiring": gettext_lazy("Evidence expiring"),
    "waiver_ending": gettext_lazy("Waiver ending"),
}
# Tone and words of a state.
STATES: dict[str, tuple[str, str | Promise]] = {
    NoticeState.PENDING: ("waiting", gettext_lazy("Waiting")),
    NoticeState.SENDING: ("waiting", gettext_lazy("Being sent")),
    NoticeState.DONE: ("none", gettext_lazy("Done")),
    NoticeState.DEAD: ("fail", gettext_lazy("Given up")),
}
OUTCOMES: dict[str, str | Promise] = {
    "sent": gettext_lazy("Sent"),
    "folded": gettext_lazy("Told with a later one"),
    "obsolete": gettext_lazy("No longer due"),
    "not_visible": gettext_lazy("May no longer see it"),
    "inactive": gettext_lazy("Account deactivated"),
    "no_address": gettext_lazy("No mail address"),
    "replayed": gettext_lazy("Past of the demo"),
    "unreachable": gettext_lazy("The mail server was away"),
    "later": gettext_lazy("The mail server asks to come again"),
    "refused": gettext_lazy("The mail server refused it"),
    "unsure": gettext_lazy("The line broke while it was sent"),
    "broken": gettext_lazy("It could not be put into words"),
    "broke_workers": gettext_lazy("Its sending was broken off five times"),
}
# Where the mail server's own words say why.
QUOTED = frozenset({"later", "refused"})


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One reminder in words."""

    id: int
    kind: str
    text: str
    url: str
    due: date | None
    offset: str
    recipient: str
    tone: str
    state: str
    next_at: datetime | None
    sent_at: datetime | None
    outcome: str


def ledger_of(project: Project) -> QuerySet[Notice]:
    """The project's reminders, latest first."""
    return Notice.objects.filter(project_id=project.pk, kind__in=KINDS).order_by("-pk")


def ledger_rows(notices: Sequence[Notice]) -> list[LedgerRow]:
    """In words: as many questions as the inbox asks, and one for the names."""
    names = display_names(notice.recipient_id for notice in notices)
    rows = []
    for notice, told in zip(notices, inbox_rows(notices), strict=True):
        tone, state = STATES[notice.state]
        due, pending = notice.payload.get("due"), notice.state == NoticeState.PENDING
        rows.append(
            LedgerRow(
                id=notice.pk,
                kind=str(KIND_WORDS[notice.kind]),
                text=told.text,
                url=told.url,
                due=date.fromisoformat(due) if due else None,
                offset=offset_words(notice.payload.get("offset", 0)),
                recipient=names.get(notice.recipient_id, _("somebody")),
                tone=tone,
                state=str(state),
                next_at=notice.next_at if pending else None,
                sent_at=notice.sent_at,
                outcome=outcome_words(notice.outcome),
            )
        )
    return rows


def outcome_words(outcome: str) -> str:
    """What came of a reminder; a refusal with the mail server's reason as it gave it."""
    code, _colon, detail = outcome.partition(": ")
    words = str(OUTCOMES.get(code, code))
    return _("%(what)s: %(said)s") % {"what": words, "said": detail} if detail and code in QUOTED else words


def offset_words(days: int) -> str:
    """As "7 days before", "on the day", "3 days after"."""
    if not days:
        return _("on the day")
    if days < 0:
        return ngettext("%(n)s day before", "%(n)s days before", -days) % {"n": -days}
    return ngettext("%(n)s day after", "%(n)s days after", days) % {"n": days}
