"""The ledger of reminders, and the demo's mail read in the application."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from common import clock
from overview.selectors.due_ledger import outcome_words
from overview.services import sweep, tick
from projects.models import Action, Project

pytestmark = [pytest.mark.django_db]
Owe = Callable[..., Action]
HOUR = timedelta(hours=1)


@pytest.fixture
def browse(now: datetime) -> Callable[[User, str], Any]:
    def get(user: User, url: str) -> Any:
        client = Client()
        client.force_login(user)
        with clock.frozen(now):
            return client.get(url)

    return get


def test_the_ledger_shows_what_came_of_each_reminder(
    project: Project, owner: User, contributor: User, owe_action: Owe, browse: Any, now: datetime
) -> None:
    owe_action(project, contributor, now.date(), "Call them")
    owe_action(project, owner, now.date(), "Write it down")
    User.objects.filter(pk=owner.pk).update(email="")
    tick(now, start_from=now - 3 * HOUR)
    sweep(now)

    text = browse(owner, "/projects/RECO/reminders/").content.decode()

    assert "Due on 2 Mar: Call them" in text
    assert "on the day" in text
    assert "Sent" in text
    assert "No mail address" in text


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("broke_workers", "Its sending was broken off five times"),
        ("refused: 550 No such user", "The mail server refused it: 550 No such user"),
        ("later: 451 Greylisted", "The mail server asks to come again: 451 Greylisted"),
        ("unreachable: [Errno 111] Connection refused", "The mail server was away"),
        ("unsure: timed out", "The line broke while it was sent"),
        ("broken: ValueError: no-number", "It could not be put into words"),
    ],
)
def test_the_ledger_says_in_words_why_a_reminder_was_given_up(outcome: str, words: str) -> None:
    assert outcome_words(outcome) == words


def test_the_ledger_is_for_those_who_read_the_journal(
    project: Project, contributor: User, gatekeeper: User, auditor: User, browse: Any
) -> None:
    url = "/projects/RECO/reminders/"

    assert browse(contributor, url).status_code == 403
    assert browse(gatekeeper, url).status_code == 200
    assert browse(auditor, url).status_code == 200


def test_a_longer_ledger_asks_no_more_questions(
    project: Project, owner: User, contributor: User, owe_action: Owe, browse: Any, now: datetime
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            browse(owner, "/projects/RECO/reminders/")
        return len(queries)

    owe_action(project, contributor, now.date())
    tick(now, start_from=now - 3 * HOUR)
    few = asked()
    for _ in range(45):
        owe_action(project, contributor, now.date())
    tick(now, start_from=now - 3 * HOUR)

    assert asked() <= few


@pytest.fixture
def in_demo(settings: Any) -> None:
    settings.DEMO = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"


@pytest.mark.usefixtures("in_demo")
def test_mail_of_the_demo_is_read_by_whom_it_is_for(
    project: Project, owner: User, contributor: User, admin: User, owe_action: Owe, browse: Any, now: datetime
) -> None:
    owe_action(project, contributor, now.date(), "Frag die Ärztin 问医生")
    tick(now, start_from=now - 3 * HOUR)
    sweep(now)

    listed = browse(contributor, "/demo/mail/").content.decode()
    name = listed.partition("/demo/mail/2")[2].partition("/")[0]
    letter = browse(contributor, f"/demo/mail/2{name}/").content.decode()

    assert "Frag die Ärztin 问医生" in listed
    assert "It is yours to do." in letter
    assert "/projects/RECO/" in letter
    assert "Frag die Ärztin" not in browse(owner, "/demo/mail/").content.decode()
    assert browse(owner, f"/demo/mail/2{name}/").status_code == 404
    assert "Frag die Ärztin" in browse(admin, "/demo/mail/").content.decode()


@pytest.mark.usefixtures("in_demo")
@pytest.mark.parametrize("name", ["..", "20260101-000000-1", "..%2F..%2Fsecret", "x"])
def test_no_other_file_is_a_mail(admin: User, browse: Any, name: str) -> None:
    assert browse(admin, f"/demo/mail/{name}/").status_code == 404


@pytest.mark.usefixtures("in_demo")
def test_several_mails_are_several_files(
    project: Project, contributor: User, owner: User, owe_action: Owe, browse: Any, now: datetime, admin: User
) -> None:
    for person in (contributor, owner):
        owe_action(project, person, now.date())
    tick(now, start_from=now - 3 * HOUR)
    sweep(now)

    assert browse(admin, "/demo/mail/").content.decode().count('href="/demo/mail/2') == 2


def test_outside_the_demo_there_is_no_such_page(contributor: User, browse: Any) -> None:
    assert browse(contributor, "/demo/mail/").status_code == 404
    assert mail.outbox == []
