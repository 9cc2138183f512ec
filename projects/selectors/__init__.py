"""Reads across nouns: people to tell, the inbox, the journal in words, money."""

from projects.selectors.inbox import InboxRow, inbox_rows, notices_of, unread_count
from projects.selectors.journal import JournalRow, journal_rows
from projects.selectors.money import BudgetFigures, budget_of
from projects.selectors.people import (
    deputies_possible,
    display_names,
    may_serve,
    mentioned,
    owners_of,
    person_who_sees,
)
from projects.selectors.wording import entry_text, notice_text, notice_url, people_of, reason_text, short_day

__all__ = [
    "BudgetFigures",
    "InboxRow",
    "JournalRow",
    "budget_of",
    "deputies_possible",
    "display_names",
    "entry_text",
    "inbox_rows",
    "journal_rows",
    "may_serve",
    "mentioned",
    "notice_text",
    "notice_url",
    "notices_of",
    "owners_of",
    "people_of",
    "person_who_sees",
    "reason_text",
    "short_day",
    "unread_count",
]
