"""Reminders of what holds until a day: proof that expires, waivers that end."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from journal.models import Notice
from lifecycle.models import Check
from lifecycle.services import attach_link, revise_with_link, waive_check
from overview.selectors.due import KINDS, still_due
from overview.services import tick
from projects.models import Project
from projects.selectors import notice_text, notice_url, short_day
from records.models import Evidence
from records.services import withdraw_evidence

pytestmark = [pytest.mark.django_db, pytest.mark.core]
DAY = timedelta(days=1)


def reminders() -> list[tuple[str, str, int]]:
    """(kind, user name, offset) of every reminder there is."""
    names = dict(User.objects.values_list("pk", "username"))
    rows = Notice.objects.filter(kind__in=KINDS)
    return [(row.kind, names[row.recipient_id], row.payload["offset"]) for row in rows]


@pytest.fixture
def prove(check_of: Any, now: datetime) -> Callable[..., Evidence]:
    """`prove(project, "charter", by=user, until=day)`: a link that holds until a day, supplied two months ago."""

    def attach(project: Project, key: str, *, by: User, until: date | None) -> Evidence:
        return attach_link(
            check=check_of(project, key),
            actor=Actor.for_user(by),
            url=f"https://x.example/{key}",
            title=key,
            valid_until=until,
            now=now - 60 * DAY,
        )

    return attach


def test_proof_that_expires_reminds_its_supplier_and_who_works_on_the_check(
    project: Project, contributor: User, owner: User, plan_check: Any, prove: Any, no_notices: Any, now: datetime
) -> None:
    prove(project, "charter", by=contributor, until=now.date() + 7 * DAY)
    Check.objects.filter(stage__process__project=project, key="charter").update(assignee=owner)
    no_notices()

    tick(now, start_from=now - DAY)

    assert sorted(reminders()) == [("evidence_expiring", "contributor", -7), ("evidence_expiring", "owner", -7)]
    notice = Notice.objects.filter(recipient_id=contributor.pk).get()
    assert notice_url(notice, "RECO") == f"/evidence/{Evidence.objects.get().pk}/"
    assert notice_text(notice).endswith(f"holds until {short_day(now.date() + 7 * DAY)}")


def test_proof_that_expires_reminds_nobody_where_other_proof_lasts_longer(
    project: Project, contributor: User, prove: Any, no_notices: Any, now: datetime
) -> None:
    prove(project, "charter", by=contributor, until=now.date() + DAY)
    prove(project, "charter", by=contributor, until=None)
    prove(project, "positioning", by=contributor, until=now.date() + DAY)
    prove(project, "positioning", by=contributor, until=now.date() + 2 * DAY)
    no_notices()

    tick(now, start_from=now - DAY)

    assert reminders() == []


def test_a_revision_or_a_withdrawal_ends_the_reminder(
    project: Project, contributor: User, prove: Any, no_notices: Any, now: datetime
) -> None:
    actor = Actor.for_user(contributor)
    revised = prove(project, "charter", by=contributor, until=now.date() + DAY)
    withdrawn = prove(project, "positioning", by=contributor, until=now.date() + DAY)
    no_notices()
    tick(now, start_from=now - DAY)
    assert len(reminders()) == 2

    revise_with_link(evidence=revised, actor=actor, url="https://x.example/2", now=now)
    withdraw_evidence(evidence=withdrawn, actor=actor, reason="x", version=1, now=now)

    assert still_due(list(Notice.objects.filter(kind="evidence_expiring")), now) == set()


def test_proof_of_a_decided_gate_reminds_nobody(
    project: Project, owner: User, pass_gate: Any, prove: Any, no_notices: Any, now: datetime
) -> None:
    prove(project, "charter", by=owner, until=now.date() + DAY)
    pass_gate(project, by=owner)
    no_notices()

    tick(now, start_from=now - DAY)

    assert [kind for kind, _user, _offset in reminders() if kind == "evidence_expiring"] == []


def test_a_waiver_that_ends_reminds_who_asked_for_it_and_the_owners(
    project: Project, holder: Any, check_of: Any, no_notices: Any, now: datetime
) -> None:
    first, second = holder(project, "sponsor"), holder(project, "finance_partner")
    given = {"check": check_of(project, "charter"), "reason": "Later", "until": now.date() + 7 * DAY}
    for person in (first, second):
        waive_check(actor=Actor.for_user(person), now=now - 9 * DAY, **given)
    no_notices()

    tick(now, start_from=now - DAY)

    assert sorted(reminders()) == [("waiver_ending", "founder", -7), ("waiver_ending", first.username, -7)]
    tick(now + 20 * DAY)
    late = [offset for kind, _user, offset in reminders() if kind == "waiver_ending" and offset > 0]
    assert late == []
