"""The tick: each kind, each person's own morning, nothing lost and nothing doubled."""

import time as stopwatch
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import User
from journal.models import Notice
from lifecycle.models import Check, GateReview, Stage
from lifecycle.services import attach_link
from overview.models import Clockwork
from overview.selectors.due import KINDS
from overview.services import tick
from projects.models import Action, HoldPeriod, Membership, Project, ProjectState

pytestmark = [pytest.mark.django_db, pytest.mark.core]
Owe = Callable[..., Action]
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def reminders(**filters: Any) -> list[tuple[str, str, int]]:
    """(kind, user name, offset) of every reminder there is."""
    names = dict(User.objects.values_list("pk", "username"))
    rows = Notice.objects.filter(kind__in=KINDS, **filters).order_by("kind", "payload__offset", "recipient_id")
    return [(row.kind, names[row.recipient_id], row.payload["offset"]) for row in rows]


def tick_through(start: datetime, days: int) -> None:
    """A tick each hour; the mark is set first."""
    Clockwork.objects.update_or_create(name="tick", defaults={"ticked_to": start, "ran_at": start})
    for hour in range(1, days * 24 + 1):
        tick(start + timedelta(hours=hour))


@pytest.fixture
def midnight(now: datetime) -> datetime:
    return now.replace(hour=0)


def test_an_action_is_told_before_on_and_after_its_day(
    project: Project, contributor: User, owe_action: Owe, midnight: datetime
) -> None:
    owe_action(project, contributor, midnight.date() + 7 * DAY)

    tick_through(midnight, 22)

    assert reminders(recipient_id=contributor.pk) == [
        ("action_due", "contributor", offset) for offset in (-7, -1, 0, 1, 3, 10)
    ]


def test_the_key_names_kind_object_day_offset_and_person(
    project: Project, contributor: User, owe_action: Owe, now: datetime
) -> None:
    action = owe_action(project, contributor, date(2026, 3, 3))

    tick(now, start_from=now - DAY)

    notice = Notice.objects.get(kind="action_due")
    assert notice.dedupe_key == f"action_due:action:{action.pk}:2026-03-03:-1:{contributor.pk}"
    assert (notice.object, notice.project_id, notice.reason) == (f"action:{action.pk}", project.pk, "assignee")
    assert notice.next_at == datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
    assert "text" not in notice.payload


def test_each_person_is_told_on_their_own_morning(
    project: Project, owner: User, contributor: User, owe_action: Owe, midnight: datetime
) -> None:
    User.objects.filter(pk=owner.pk).update(timezone="America/New_York", mail_at=time(8, 0))
    User.objects.filter(pk=contributor.pk).update(timezone="Asia/Shanghai")
    for person in (owner, contributor):
        owe_action(project, person, midnight.date())

    tick_through(midnight - DAY, 2)

    morning = dict(Notice.objects.filter(payload__offset=0).values_list("recipient_id", "next_at"))
    assert morning[owner.pk] == datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
    assert morning[contributor.pk] == datetime(2026, 3, 1, 23, 30, tzinfo=UTC)


def test_in_a_gap_of_the_clock_the_first_valid_instant_counts(
    project: Project, contributor: User, owe_action: Owe
) -> None:
    User.objects.filter(pk=contributor.pk).update(
        timezone="Europe/Berlin", mail_at=time(2, 30), working_days=[1, 2, 3, 4, 5, 6, 7]
    )
    owe_action(project, contributor, date(2026, 3, 29))

    tick_through(datetime(2026, 3, 27, 12, tzinfo=UTC), 3)

    moments = dict(Notice.objects.filter(kind="action_due").values_list("payload__offset", "next_at"))
    assert moments[0] == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert moments[1] == datetime(2026, 3, 30, 0, 30, tzinfo=UTC)
    assert sorted(moments) == [-1, 0, 1]


def test_mail_waits_for_a_working_day_and_the_inbox_does_not(
    project: Project, contributor: User, owe_action: Owe
) -> None:
    saturday = datetime(2026, 3, 7, 8, 0, tzinfo=UTC)
    owe_action(project, contributor, saturday.date())

    tick(saturday, start_from=saturday - timedelta(hours=1))

    notice = Notice.objects.get(kind="action_due")
    assert notice.created_at == saturday
    assert notice.next_at == datetime(2026, 3, 9, 7, 30, tzinfo=UTC)


def test_after_three_days_of_silence_each_reminder_is_there_once(
    project: Project, contributor: User, owe_action: Owe, midnight: datetime
) -> None:
    for days in range(-4, 8):
        owe_action(project, contributor, midnight.date() + days * DAY)
    later = midnight + 3 * DAY + timedelta(hours=9)
    Clockwork.objects.create(name="tick", ticked_to=midnight, ran_at=midnight)

    tick(later)
    caught_up = set(Notice.objects.filter(kind="action_due").values_list("dedupe_key", flat=True))
    Notice.objects.all().delete()
    tick_through(midnight, 3)
    for hour in range(10):
        tick(midnight + 3 * DAY + timedelta(hours=hour))

    assert caught_up == set(Notice.objects.values_list("dedupe_key", flat=True))
    assert len(caught_up) > 10


def test_of_what_was_missed_only_the_latest_about_a_thing_is_unread(
    project: Project, contributor: User, owe_action: Owe, now: datetime
) -> None:
    owe_action(project, contributor, now.date() - DAY)

    tick(now, start_from=now - 4 * DAY)

    assert reminders(read_at=None) == [("action_due", "contributor", 1)]
    assert reminders() == [("action_due", "contributor", offset) for offset in (-1, 0, 1)]


def test_no_tick_looks_back_further_than_a_week(
    project: Project, contributor: User, owe_action: Owe, now: datetime
) -> None:
    owe_action(project, contributor, now.date() - 10 * DAY)

    tick(now, start_from=now - 30 * DAY)

    assert reminders(recipient_id=contributor.pk) == [("action_due", "contributor", 10)]
    assert Clockwork.objects.get(name="tick").ticked_to == now


def test_a_tick_again_adds_nothing(project: Project, contributor: User, owe_action: Owe, now: datetime) -> None:
    owe_action(project, contributor, now.date())

    first = tick(now, start_from=now - DAY)

    assert first == 1
    assert tick(now, start_from=now - DAY) == 0
    assert tick(now + MINUTE) == 0


def test_a_clock_that_goes_back_repeats_nothing(
    project: Project, contributor: User, owe_action: Owe, now: datetime
) -> None:
    owe_action(project, contributor, now.date())
    tick(now, start_from=now - DAY)

    assert tick(now - timedelta(hours=2)) == 0
    assert Clockwork.objects.get(name="tick").ticked_to == now


def test_the_mark_stays_when_the_insert_fails(
    project: Project, contributor: User, owe_action: Owe, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    owe_action(project, contributor, now.date())
    Clockwork.objects.create(name="tick", ticked_to=now - DAY, ran_at=now - DAY)

    monkeypatch.setattr("overview.services.reminders.insertion.add_notices", Mock(side_effect=DatabaseError))
    with pytest.raises(DatabaseError):
        tick(now)
    monkeypatch.undo()

    assert Clockwork.objects.get(name="tick").ticked_to == now - DAY
    assert tick(now) == 1


def test_what_is_three_days_late_goes_to_the_owners_and_after_ten_to_the_sponsor(
    project: Project, owner: User, contributor: User, gatekeeper: User, owe_action: Owe, midnight: datetime
) -> None:
    owe_action(project, contributor, midnight.date())

    tick_through(midnight + DAY, 10)

    assert reminders(reason="escalation") == [
        ("action_due", "founder", 3),
        ("action_due", "owner", 3),
        ("action_due", "founder", 10),
        ("action_due", "owner", 10),
        ("action_due", "gatekeeper", 10),
    ]


def test_a_stage_reminds_its_owners(
    project: Project, owner: User, contributor: User, plan_stage: Callable[..., Stage], now: datetime
) -> None:
    plan_stage(project, now.date() + DAY)

    tick(now, start_from=now - DAY)

    assert reminders() == [("stage_deadline", "founder", -1), ("stage_deadline", "owner", -1)]


def test_a_recurring_stage_reminds_its_gatekeepers_too(
    make_project: Callable[..., Project], now: datetime, plan_stage: Callable[..., Stage], add_member: Any
) -> None:
    project = make_project("KEEP", adopt_at="maintenance", level="lean")
    add_member(project, "gate", ["decide"])
    plan_stage(project, now.date() + 7 * DAY)

    tick(now, start_from=now - DAY)

    assert reminders() == [("maintenance_review", "founder", -7), ("maintenance_review", "gate", -7)]


def test_a_check_reminds_its_assignee_and_without_one_the_owners(
    project: Project, contributor: User, plan_check: Callable[..., Check], now: datetime
) -> None:
    keys = (
        Check.objects.filter(stage__process__project=project, kind="manual")
        .order_by("pk")
        .values_list("key", flat=True)
    )
    plan_check(project, keys[0], now.date(), contributor)
    plan_check(project, keys[1], now.date())

    tick(now, start_from=now - DAY)

    assert reminders() == [("check_due", "founder", 0), ("check_due", "contributor", 0)]


def test_a_settled_check_reminds_nobody(
    project: Project, contributor: User, plan_check: Callable[..., Check], now: datetime
) -> None:
    checks = Check.objects.filter(stage__process__project=project, kind__in=["manual", "evidence"])
    for check in checks:
        plan_check(project, check.key, now.date(), contributor)
    told = len(checks)
    manual, proven = checks.filter(kind="manual")[0], checks.filter(kind="evidence")[0]

    Check.objects.filter(pk=manual.pk).update(answer="met", answered_by=contributor, answered_at=now)
    actor = Actor.for_user(contributor)
    attach_link(check=proven, actor=actor, url="https://docs.example.org/proof", title="Proof", now=now)
    tick(now, start_from=now - DAY)

    assert len(reminders(kind="check_due")) == told - 2


def test_an_open_round_reminds_who_has_not_voted(
    project: Project, owner: User, holder: Any, stage_of: Any, ask: Any, vote: Any, now: datetime
) -> None:
    voted, silent = holder(project, "sponsor"), holder(project, "finance_partner")
    review: GateReview = ask(stage_of(project), by=owner, despite_blockers=True)
    vote(review, voted, "recycle")

    tick(now + 2 * DAY, start_from=now)
    early = reminders()
    tick(now + 5 * DAY)

    assert early == [("review_waiting", silent.username, 1)]
    assert ("vote_missing", silent.username, 0) in reminders()
    assert ("vote_missing", "owner", 0) in reminders()
    assert ("vote_missing", voted.username, 0) not in reminders()


def test_who_supplied_proof_of_a_round_is_not_asked_to_vote_in_it(
    project: Project, owner: User, holder: Any, stage_of: Any, ask: Any, check_of: Any, now: datetime
) -> None:
    author, other = holder(project, "sponsor"), holder(project, "finance_partner")
    proof = {"check": check_of(project, "charter"), "url": "https://x.example/c", "title": "c"}
    attach_link(actor=Actor.for_user(author), now=now, **proof)
    ask(stage_of(project), by=owner, despite_blockers=True)
    asked = Notice.objects.filter(kind="review.requested").values_list("recipient_id", flat=True)

    tick(now + 2 * DAY, start_from=now)

    assert list(asked) == [other.pk]
    assert [user for kind, user, _offset in reminders() if kind == "review_waiting"] == [other.username]


def test_a_pause_that_ends_reminds_the_owners(project: Project, now: datetime) -> None:
    Project.objects.filter(pk=project.pk).update(state=ProjectState.ON_HOLD)
    HoldPeriod.objects.create(project=project, started_on=now.date() - 30 * DAY, until=now.date() + DAY)

    tick(now, start_from=now - DAY)

    assert reminders() == [("hold_ending", "founder", -1)]


@pytest.mark.parametrize("state", [ProjectState.KILLED, ProjectState.ARCHIVED, ProjectState.RETIRED])
def test_what_has_ended_reminds_nobody(
    project: Project,
    contributor: User,
    owe_action: Owe,
    plan_stage: Callable[..., Stage],
    now: datetime,
    state: ProjectState,
) -> None:
    owe_action(project, contributor, now.date())
    plan_stage(project, now.date())
    before = "active" if state == ProjectState.ARCHIVED else ""
    Project.objects.filter(pk=project.pk).update(state=state, state_before_archive=before)

    tick(now, start_from=now - DAY)

    assert reminders() == []


def test_the_deactivated_are_told_nothing(project: Project, contributor: User, owe_action: Owe, now: datetime) -> None:
    owe_action(project, contributor, now.date())
    User.objects.filter(pk=contributor.pk).update(is_active=False)

    tick(now, start_from=now - DAY)

    assert reminders() == []


def test_a_minute_in_which_nobody_has_mail_asks_almost_nothing(
    project: Project, contributor: User, owe_action: Owe, now: datetime
) -> None:
    owe_action(project, contributor, now.date())
    tick(now)

    with CaptureQueriesContext(connection) as asked:
        tick(now + MINUTE)

    assert len(asked) <= 5


def test_the_questions_do_not_grow_with_what_is_due(
    make_project: Callable[..., Project], owe_action: Owe, plan_check: Any, plan_stage: Any, now: datetime
) -> None:
    def asked(project: Project, count: int) -> int:
        person = Membership.objects.filter(project=project).first()
        assert person is not None
        for _ in range(count):
            owe_action(project, person.user, now.date())
        plan_stage(project, now.date())
        keys = Check.objects.filter(stage__process__project=project).values_list("key", flat=True)[:count]
        for key in keys:
            plan_check(project, key, now.date())
        with CaptureQueriesContext(connection) as queries:
            tick(now, start_from=now - DAY)
        return len(queries)

    few = asked(make_project("FEW"), 2)
    many = asked(make_project("MANY"), 20)

    assert many <= few


@pytest.mark.bench
def test_ten_thousand_reminders_are_there_within_five_seconds(
    make_project: Callable[..., Project], make_user: Callable[..., User], owe_action: Owe, now: datetime
) -> None:
    projects = [make_project(f"P{number}") for number in range(10)]
    people = User.objects.bulk_create(
        User(username=f"u{n}", email=f"u{n}@example.org", password="!") for n in range(2000)
    )
    planned = now - 60 * DAY
    Action.objects.bulk_create(
        Action(project=projects[n % 10], text="x", owner=people[n % 2000], due_on=now.date(), created_at=planned)
        for n in range(10_000)
    )

    began = stopwatch.monotonic()
    added = tick(now, start_from=now - DAY)

    print(f"10,000 rows in {stopwatch.monotonic() - began:.2f} s")  # noqa: T201
    assert added == 10_000
    assert stopwatch.monotonic() - began < 5


def test_a_change_that_waits_only_to_be_confirmed_is_told_by_the_tick(
    nothing_is_material, in_service, worker, open_change, meet_again, holder, now
):
    project = in_service("standard")
    gatekeeper = holder(project, "sponsor")
    meet_again(open_change(project, worker, prompt="p2"), by=worker)

    tick(now)

    assert Notice.objects.filter(recipient_id=gatekeeper.pk, kind="change.ready").count() == 1
