"""The sweep: what leaves, to whom, in which words, and what stays."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from smtplib import SMTP
from typing import Any
from unittest.mock import patch

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import User
from journal.models import Notice
from journal.services import claim_notices
from lifecycle.models import GateReview
from overview.services import sweep, tick
from projects.models import Action, Membership, Project, Visibility
from projects.services import add_comment, complete_action
from tests.plugins.mail import SmtpServer

pytestmark = [pytest.mark.django_db, pytest.mark.core]
Owe = Callable[..., Action]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def due(
    project: Project, contributor: User, owe_action: Owe, no_notices: Callable[[], None], now: datetime
) -> Callable[..., list[Notice]]:
    """`due("Call them", "Write it down")`: the contributor's reminders of today, one an action."""

    def make(*texts: str, person: User | None = None) -> list[Notice]:
        no_notices()
        for text in texts:
            owe_action(project, person or contributor, now.date(), text)
        tick(now, start_from=now - HOUR * 3)
        return list(Notice.objects.order_by("pk"))

    return make


def outcome_of(notice: Notice) -> tuple[str, str]:
    notice.refresh_from_db()
    return notice.state, notice.outcome


def text_of(message: EmailMessage) -> str:
    return str(message.body)


def test_one_mail_a_day_holds_what_is_due(due: Callable[..., Any], contributor: User, now: datetime) -> None:
    notices = due("Call them", "Write it down")

    sweep(now)

    [message] = mail.outbox
    assert message.to == [contributor.email]
    assert message.subject == "2 things wait for you: RECO: Due on 2 Mar: Call them"
    assert "Call them" in text_of(message)
    assert "Write it down" in text_of(message)
    assert [outcome_of(notice) for notice in notices] == [("done", "sent")] * 2
    assert notices[0].sent_at == now


def test_who_wants_no_digest_gets_a_mail_each(due: Callable[..., Any], contributor: User, now: datetime) -> None:
    User.objects.filter(pk=contributor.pk).update(digest=False)
    due("Call them", "Write it down")

    sweep(now)

    assert [message.subject for message in mail.outbox] == [
        "RECO: Due on 2 Mar: Call them",
        "RECO: Due on 2 Mar: Write it down",
    ]


def test_a_mail_says_why_and_where(due: Callable[..., Any], now: datetime, settings: Any) -> None:
    settings.BASE_URL = "https://gates.example.org"
    notices = due("Call them")

    sweep(now)

    [message] = mail.outbox
    assert "It is yours to do." in text_of(message)
    assert "https://gates.example.org/projects/RECO/" in text_of(message)
    assert "https://gates.example.org/profile/" in text_of(message)
    assert message.extra_headers["Message-ID"] == f"<notice-{notices[0].pk}@gates.example.org>"
    [alternative] = message.alternatives  # type: ignore[attr-defined]
    assert alternative[1] == "text/html"
    assert 'href="https://gates.example.org/projects/RECO/' in alternative[0]


def test_a_mail_speaks_the_readers_language(due: Callable[..., Any], contributor: User, now: datetime) -> None:
    User.objects.filter(pk=contributor.pk).update(language="zh-hans")
    due("Call them")

    sweep(now)

    [message] = mail.outbox
    assert 'lang="zh-Hans"' in message.alternatives[0][0]  # type: ignore[attr-defined]


def test_an_urgent_event_leaves_at_once_and_names_the_gates_state(
    project: Project, owner: User, holder: Any, stage_of: Any, ask: Any, no_notices: Any, now: datetime
) -> None:
    sponsor = holder(project, "sponsor")
    no_notices()
    ask(stage_of(project), by=owner, despite_blockers=True)

    sweep(now)

    [message] = mail.outbox
    assert message.to == [sponsor.email]
    assert message.subject.startswith(("No go.", "Waiting for", "Not yet.", "Go is possible."))
    assert "/projects/RECO/gates/initiation/" in text_of(message)


def test_an_event_that_is_not_urgent_waits_for_the_next_mail_time(
    project: Project, contributor: User, owner: User, no_notices: Any, now: datetime
) -> None:
    no_notices()
    add_comment(project=project, actor=Actor.for_user(owner), now=now, text="Look, @contributor")

    sweep(now)
    assert mail.outbox == []
    sweep(now + 22 * HOUR)
    assert mail.outbox == []
    sweep(now + 22 * HOUR + timedelta(minutes=30))

    [message] = mail.outbox
    assert message.to == [contributor.email]


def test_quiet_hours_hold_back_what_is_not_urgent(
    project: Project, contributor: User, owner: User, no_notices: Any, now: datetime
) -> None:
    User.objects.filter(pk=contributor.pk).update(digest=False, quiet_from=time(8, 0), quiet_to=time(12, 0))
    no_notices()
    add_comment(project=project, actor=Actor.for_user(owner), now=now, text="Look, @contributor")

    sweep(now)
    assert mail.outbox == []
    sweep(now + 3 * HOUR)

    assert len(mail.outbox) == 1


def test_what_was_snoozed_waits(due: Callable[..., Any], now: datetime) -> None:
    [notice] = due("Call them")
    Notice.objects.filter(pk=notice.pk).update(snoozed_until=now + 2 * DAY)

    sweep(now)
    assert mail.outbox == []
    sweep(now + 2 * DAY)

    assert len(mail.outbox) == 1


def test_what_was_missed_about_one_thing_comes_as_one_line(
    project: Project, contributor: User, owe_action: Owe, no_notices: Any, now: datetime
) -> None:
    no_notices()
    owe_action(project, contributor, now.date() - DAY)
    tick(now, start_from=now - 4 * DAY)

    sweep(now)

    [message] = mail.outbox
    assert text_of(message).count("Write it down") == 1
    assert sorted(Notice.objects.values_list("payload__offset", "outcome")) == [
        (-1, "folded"),
        (0, "folded"),
        (1, "sent"),
    ]


def test_what_was_done_meanwhile_is_not_sent(due: Callable[..., Any], contributor: User, now: datetime) -> None:
    [notice] = due("Call them")
    action = Action.objects.get()
    complete_action(action=action, actor=Actor.for_user(contributor), now=now, version=action.version)

    sweep(now)

    assert [message for message in mail.outbox if message.to == [contributor.email]] == []
    assert outcome_of(notice) == ("done", "obsolete")


def test_what_moved_to_another_day_is_not_sent(due: Callable[..., Any], now: datetime) -> None:
    [notice] = due("Call them")
    Action.objects.update(due_on=date(2026, 4, 1))

    sweep(now)

    assert mail.outbox == []
    assert outcome_of(notice) == ("done", "obsolete")


def test_who_lost_sight_of_the_project_a_moment_ago_is_told_nothing(
    due: Callable[..., Any], project: Project, contributor: User, now: datetime
) -> None:
    [notice] = due("Call them")
    Project.objects.filter(pk=project.pk).update(visibility=Visibility.PRIVATE)
    Membership.objects.filter(user=contributor).delete()

    sweep(now)

    assert mail.outbox == []
    assert outcome_of(notice) == ("done", "not_visible")


@pytest.mark.parametrize(("change", "outcome"), [({"is_active": False}, "inactive"), ({"email": ""}, "no_address")])
def test_who_cannot_be_reached_is_told_nothing(
    due: Callable[..., Any], contributor: User, now: datetime, change: dict[str, Any], outcome: str
) -> None:
    [notice] = due("Call them")
    User.objects.filter(pk=contributor.pk).update(**change)

    sweep(now)

    assert mail.outbox == []
    assert outcome_of(notice) == ("done", outcome)


def test_who_has_voted_is_not_asked_again(
    project: Project, owner: User, holder: Any, stage_of: Any, ask: Any, vote: Any, no_notices: Any, now: datetime
) -> None:
    sponsor, finance = holder(project, "sponsor"), holder(project, "finance_partner")
    no_notices()
    review: GateReview = ask(stage_of(project), by=owner, despite_blockers=True)
    vote(review, sponsor, "recycle")

    sweep(now)

    assert [message.to for message in mail.outbox] == [[finance.email]]
    told = Notice.objects.filter(kind="review.requested").values_list("recipient_id", "outcome")
    assert dict(told) == {sponsor.pk: "obsolete", finance.pk: "sent"}


def test_a_name_with_a_line_break_makes_no_header(due: Callable[..., Any], now: datetime) -> None:
    due("Call\r\nBcc: everyone@example.org\u202e now")

    sweep(now)

    [message] = mail.outbox
    assert message.subject == "RECO: Due on 2 Mar: Call Bcc: everyone@example.org now"


def test_what_cannot_be_put_into_words_is_dead_after_five_tries_and_stops_nobody(
    due: Callable[..., Any], now: datetime
) -> None:
    poison, well = due("Call them", "Write it down")
    Notice.objects.filter(pk=poison.pk).update(object="action:no-number")

    for hour in range(10):
        sweep(now + hour * HOUR)

    assert [text_of(message).count("Write it down") for message in mail.outbox] == [1]
    assert outcome_of(well) == ("done", "sent")
    state, outcome = outcome_of(poison)
    assert state == "dead"
    assert outcome.startswith("broken: ValueError")
    assert poison.attempts == 5


def test_a_bad_address_stops_nobody(due: Callable[..., Any], contributor: User, owner: User, now: datetime) -> None:
    due("Call them")
    User.objects.filter(pk=contributor.pk).update(email="a@example.org\r\nBcc: b@example.org")
    [other] = [notice for notice in due("Call them", person=owner) if notice.recipient_id == owner.pk]

    sweep(now)

    assert [message.to for message in mail.outbox] == [[owner.email]]
    assert outcome_of(other) == ("done", "sent")


def test_a_claimed_notice_is_nobody_elses_until_its_lease_runs_out(due: Callable[..., Any], now: datetime) -> None:
    [notice] = due("Call them")
    claim_notices(limit=1, lease_seconds=60, now=now)

    sweep(now)
    assert mail.outbox == []
    Notice.objects.filter(pk=notice.pk).update(lease_until=datetime(2020, 1, 1, tzinfo=UTC))
    sweep(now)

    assert len(mail.outbox) == 1


def test_what_ended_its_worker_five_times_is_dead(due: Callable[..., Any], now: datetime) -> None:
    poison, _well = due("Call them", "Write it down")
    Notice.objects.filter(pk=poison.pk).update(
        state="sending", attempts=5, lease_until=datetime(2020, 1, 1, tzinfo=UTC)
    )

    sweep(now)

    assert outcome_of(poison) == ("dead", "broke_workers")
    assert len(mail.outbox) == 1


def test_what_was_begun_before_a_crash_goes_again_as_the_same_mail(
    due: Callable[..., Any], project: Project, contributor: User, owe_action: Owe, now: datetime
) -> None:
    notices = due("Call them", "Write it down")
    sweep(now)
    Notice.objects.update(state="sending", lease_until=datetime(2020, 1, 1, tzinfo=UTC), outcome="", sent_at=None)
    owe_action(project, contributor, now.date(), "Came later")
    tick(now, start_from=now - 3 * HOUR)

    sweep(now)

    first, again, rest = mail.outbox
    assert again.extra_headers["Message-ID"] == first.extra_headers["Message-ID"]
    assert text_of(again) == text_of(first)
    assert "Came later" in text_of(rest)
    assert outcome_of(notices[0]) == ("done", "sent")


def test_a_thousand_lines_make_no_endless_mail(due: Callable[..., Any], now: datetime) -> None:
    due(*[f"Task {number}" for number in range(60)])

    sweep(now)

    [message] = mail.outbox
    assert text_of(message).count("\n* ") == 50
    assert "And 10 more in your inbox." in text_of(message)


def test_a_longer_mail_asks_no_more_questions(due: Callable[..., Any], now: datetime) -> None:
    due("One")
    with CaptureQueriesContext(connection) as few:
        sweep(now)
    Action.objects.all().delete()
    due(*[f"Task {number}" for number in range(30)])
    with CaptureQueriesContext(connection) as many:
        sweep(now)

    assert len(many) <= len(few) + 1


@pytest.fixture
def server(smtp_server: SmtpServer, settings: Any) -> SmtpServer:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = smtp_server.host, smtp_server.port
    return smtp_server


def subjects(server: SmtpServer) -> Sequence[str]:
    return [str(message["Subject"]) for message in server.messages]


def test_a_mail_arrives_whole(due: Callable[..., Any], contributor: User, server: SmtpServer, now: datetime) -> None:
    due("Frag die Ärztin 问医生")

    sweep(now)

    [message] = server.to(contributor.email)
    assert message["Subject"].strip() == "RECO: Due on 2 Mar: Frag die Ärztin 问医生"
    assert message["To"] == contributor.email
    assert message["Auto-Submitted"] == "auto-generated"
    body = message.get_body(("plain",))
    assert body is not None
    assert "Frag die Ärztin 问医生" in body.get_content()


def test_a_refused_recipient_is_final_and_the_others_get_theirs(
    due: Callable[..., Any], owner: User, contributor: User, server: SmtpServer, now: datetime
) -> None:
    server.answers[contributor.email] = "550 No such user"
    due("Call them")
    due_of_owner = due("Call them", person=owner)

    sweep(now)
    sweep(now + 5 * HOUR)

    assert {message["To"] for message in server.messages} == {owner.email}
    states = {n.recipient_id: outcome_of(n) for n in due_of_owner}
    assert states[owner.pk] == ("done", "sent")
    assert states[contributor.pk] == ("dead", "refused: 550 No such user")


def test_later_means_later_and_does_not_count_as_an_attempt(
    due: Callable[..., Any], contributor: User, server: SmtpServer, now: datetime
) -> None:
    [notice] = due("Call them")
    server.answers[contributor.email] = "451 Greylisted"
    for minutes in (0, 1, 2, 4, 8, 16, 32):
        sweep(now + timedelta(minutes=minutes))
    assert outcome_of(notice) == ("pending", "later: 451 Greylisted")
    assert notice.attempts == 0
    server.answers.clear()

    sweep(now + timedelta(minutes=64))

    assert len(server.messages) == 1
    assert outcome_of(notice) == ("done", "sent")
    assert notice.failing_since is None


def test_after_two_days_of_later_it_is_dead(
    due: Callable[..., Any], contributor: User, server: SmtpServer, now: datetime
) -> None:
    [notice] = due("Call them")
    server.answers[contributor.email] = "451 Greylisted"

    for hours in range(60):
        sweep(now + hours * HOUR)

    assert outcome_of(notice) == ("dead", "later: 451 Greylisted")


def test_while_the_server_is_away_nothing_counts_and_nothing_is_lost(
    due: Callable[..., Any], server: SmtpServer, now: datetime, settings: Any
) -> None:
    [notice] = due("Call them")
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    for minutes in range(60):
        sweep(now + timedelta(minutes=minutes))
    assert outcome_of(notice)[0] == "pending"
    assert notice.attempts == 0
    settings.EMAIL_PORT = port

    sweep(now + timedelta(minutes=66))

    assert len(server.messages) == 1


def test_one_connection_serves_many(
    due: Callable[..., Any],
    make_user: Any,
    project: Project,
    owe_action: Owe,
    server: SmtpServer,
    now: datetime,
) -> None:
    for number in range(30):
        owe_action(project, make_user(f"person{number}"), now.date())
    due("Call them")

    with patch.object(SMTP, "connect", autospec=True, side_effect=SMTP.connect) as opened:
        outcomes = sweep(now)

    assert outcomes["sent"] == 31
    assert len(server.messages) == 31
    assert opened.call_count == 1
