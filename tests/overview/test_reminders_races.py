"""Several ticks and sweeps at the same moment: a row a key, a mail a row."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from journal.models import Notice
from overview.services import sweep, tick
from projects.models import Action, Project
from tests.plugins.mail import SmtpServer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.core]
PEOPLE, EACH = 40, 3


def together(*works: Callable[[], Any]) -> list[Any]:
    """Run all at the same moment; what each returned."""
    barrier, results, errors = threading.Barrier(len(works)), [None] * len(works), []

    def run(place: int, work: Callable[[], Any]) -> None:
        try:
            barrier.wait(10)
            results[place] = work()
        except BaseException as error:  # noqa: BLE001 - told by the main thread
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if errors:
        raise errors[0]
    return results


@pytest.fixture
def much_due(project: Project, now: datetime) -> None:
    made = [User(username=f"u{n}", email=f"u{n}@example.org", password="!", digest=n % 2 == 0) for n in range(PEOPLE)]
    people, planned = User.objects.bulk_create(made), now - timedelta(days=60)
    Action.objects.bulk_create(
        Action(project=project, text=f"Task {number}", owner=person, due_on=now.date(), created_at=planned)
        for person in people
        for number in range(EACH)
    )
    Notice.objects.all().delete()


@pytest.mark.usefixtures("much_due")
def test_two_ticks_and_three_sweeps_at_once_send_each_reminder_once(
    smtp_server: SmtpServer, settings: Any, now: datetime
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = smtp_server.host, smtp_server.port
    start = now - timedelta(hours=3)

    together(*[lambda: tick(now, start_from=start)] * 2, *[lambda: sweep(now)] * 3)
    together(*[lambda: sweep(now)] * 3)
    sweep(now)

    rows = Notice.objects.filter(kind="action_due")
    assert rows.count() == PEOPLE * EACH
    assert set(rows.values_list("state", "outcome", "attempts")) == {("done", "sent", 1)}
    told = Counter(
        line.strip() + str(message["To"])
        for message in smtp_server.messages
        for line in message.get_body(("plain",)).get_content().splitlines()  # type: ignore[union-attr]
        if "Task" in line
    )
    assert len(told) == PEOPLE * EACH
    assert set(told.values()) == {1}


@pytest.mark.usefixtures("much_due")
def test_a_digest_is_never_split_between_workers(smtp_server: SmtpServer, settings: Any, now: datetime) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = smtp_server.host, smtp_server.port
    User.objects.update(digest=True)
    tick(now, start_from=now - timedelta(hours=3))

    together(*[lambda: sweep(now)] * 4)
    sweep(now)

    assert len(smtp_server.messages) == PEOPLE
