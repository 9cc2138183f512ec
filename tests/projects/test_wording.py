"""Entries and notices read as sentences, in both languages."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from journal.models import Entry, Notice
from projects.selectors import entry_text, notice_text, notice_url, reason_text
from projects.selectors.phrases import ENTRIES, REMINDERS

pytestmark = pytest.mark.core
ROOT = Path(__file__).parents[2]
NAMES = {1: "Ann", 2: "Ben"}


def entry(verb: str, actor: int | None = 1, **data: Any) -> Entry:
    return Entry(seq=1, at=datetime(2026, 3, 2, tzinfo=UTC), verb=verb, actor_id=actor, data=data)


def notice(kind: str, object: str = "", **payload: Any) -> Notice:  # noqa: A002 - the journal's word
    return Notice(kind=kind, object=object, payload=payload)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (entry("project.created"), "Ann started the project"),
        (entry("project.created", None), "Eightgate started the project"),
        (entry("member.added", member=2, after={"access": ["owner", "decide"]}), "Ann added Ben: owner, decides"),
        (
            entry("progress.logged", before={"health": "on_track"}, after={"health": "at_risk"}),
            "Ann logged progress: At risk",
        ),
        (entry("project.updated", before={"name": "A"}, after={"name": "B"}), "Ann changed the project: name"),
        (entry("project.held", until="2026-07-06", reason=""), "Ann put the project on hold until 6 Jul"),
        (entry("review.requested", stage="evaluation"), "Ann asked for the gate of Model evaluation"),
        (
            entry("review.voted", stage="my_stage", vote="conditional_go"),
            "Ann voted conditional go at the gate of my stage",
        ),
        (entry("check.answered", key="my_check", after={"state": "met"}), "Ann answered “my check”: met"),
        (entry("budget.spent", name="Team", amount="12000.50"), "Ann booked 12,000.50 on Team"),
        (
            entry("budget.line_updated", name="Team", before={"planned": "1"}, after={"planned": "2"}),
            "Ann changed the budget line Team: planned",
        ),
        (entry("risk.updated", title="Drift", before={"owner": None}, after={"owner": 2}), "Ann changed a risk: Drift"),
        (entry("user.deactivated", user=2), "Ann deactivated Ben"),
        (entry("from.tomorrow"), "from.tomorrow"),
    ],
)
def test_an_entry_reads_as_a_sentence(told: Entry, sentence: str) -> None:
    assert entry_text(told, NAMES) == sentence


def test_a_reminder_reads_with_its_dates() -> None:
    assert notice_text(notice("action_due", due="2026-07-06"), text="Fix it") == "Due on 6 Jul: Fix it"
    assert notice_text(notice("hold_ending", due="2026-07-06")) == "The hold ends on 6 Jul"
    assert notice_text(notice("action_due", due="2026-07-06", offset=1), text="Fix it") == "Was due on 6 Jul: Fix it"


def test_who_asked_for_a_gate_is_not_told_that_their_own_vote_is_missing() -> None:
    told = notice("vote_missing", stage="my_stage", since="2026-07-06")
    assert notice_text(told) == "Your vote at the gate of my stage is missing"

    told.reason = "requester"
    assert notice_text(told) == "The gate of my stage lacks votes since 6 Jul"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("verb", sorted(ENTRIES))
def test_no_sentence_breaks_on_missing_facts(verb: str, language: str) -> None:
    with translation.override(language):
        assert "%(" not in entry_text(entry(verb), {})


@pytest.mark.parametrize("kind", sorted(REMINDERS))
def test_no_reminder_breaks_on_missing_facts(kind: str) -> None:
    assert "%(" not in notice_text(notice(kind))


def test_the_verbs_that_services_record_are_those_that_have_a_sentence() -> None:
    quoted = re.compile(r'"([a-z_]+\.[a-z_]+)"')
    files = [
        path
        for room in ("accounts", "projects", "records", "risks", "lifecycle", "overview")
        for path in (ROOT / room).rglob("*.py")
    ]
    services = [path.read_text("utf-8") for path in files if "services" in path.as_posix()]
    verbs = {verb for text in services if "record(" in text for verb in quoted.findall(text)}

    assert verbs == set(ENTRIES), sorted(verbs ^ set(ENTRIES))


@pytest.mark.parametrize(
    ("told", "url"),
    [
        (notice("comment.added", "comment:4"), "/projects/RECO/log/#comment-4"),
        (notice("action_due", "action:4"), "/projects/RECO/log/#action-4"),
        (notice("vote_missing", "review:4", stage="design"), "/projects/RECO/gates/design/"),
        (notice("check_due", "check:4", stage="design"), "/projects/RECO/gates/design/#check-4"),
        (notice("risk.created", "risk:4"), "/projects/RECO/risks/"),
        (notice("member.added", "membership:4"), "/projects/RECO/"),
        (notice("hold_ending", "project:4"), "/projects/RECO/"),
    ],
)
def test_a_notice_leads_to_where_it_is_acted_upon(told: Notice, url: str) -> None:
    assert notice_url(told, "RECO") == url


def test_a_notice_about_no_project_leads_to_the_inbox() -> None:
    assert notice_url(notice("user.created"), None) == "/inbox/"


def test_an_unknown_reason_stands_for_itself() -> None:
    assert reason_text("assignee") == "It is yours to do."
    assert reason_text("tomorrow") == "tomorrow"
