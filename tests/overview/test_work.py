"""My work: what waits for me, what I do on the row, what the sidebar counts."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import User
from lifecycle.models import Check, GateReview, Stage
from overview.context import shell
from overview.selectors.work import owed_counts, seats_of, work_of
from overview.services.outlooks import refresh_outlooks
from projects.models import Action, Membership, Project
from projects.selectors import unread_count
from projects.services import add_action
from tests.fixtures.people import Browse

pytestmark = [pytest.mark.django_db, pytest.mark.core, pytest.mark.usefixtures("frozen")]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def manual(project: Project, contributor: User) -> Check:
    """A check to be ticked, with the contributor's name on it."""
    return given_to(contributor, project, "manual")


@pytest.fixture
def proven(project: Project, contributor: User) -> Check:
    """A check to be proved, with the contributor's name on it."""
    return given_to(contributor, project, "evidence")


def given_to(user: User, project: Project, kind: str) -> Check:
    check = Check.objects.filter(stage__process__project=project, stage__state="active", kind=kind).first()
    assert check
    Check.objects.filter(pk=check.pk).update(assignee=user)
    return check


def texts(user: User, now: datetime) -> list[str]:
    return [row.id for row in work_of(Actor.for_user(user), now=now).rows]


def test_a_check_is_the_work_of_whose_name_is_on_it(
    proven: Check, contributor: User, owner: User, now: datetime
) -> None:
    assert f"check-{proven.pk}" in texts(contributor, now)
    assert f"check-{proven.pk}" not in texts(owner, now)


def test_work_of_a_role_that_nobody_holds_is_the_owners(
    project: Project, add_member: Callable[..., Membership], now: datetime
) -> None:
    founder = User.objects.get(username="founder")
    found = Check.objects.get(stage__process__project=project, key="charter")
    assert f"check-{found.pk}" in texts(founder, now)

    add_member(project, "mona", ["contribute"], ["project_manager"])

    assert f"check-{found.pk}" not in texts(founder, now)
    assert f"check-{found.pk}" in texts(User.objects.get(username="mona"), now)


def test_a_signature_is_the_work_of_the_role(
    make_project: Callable[..., Project],
    holder: Callable[[Project, str], User],
    add_member: Callable[..., Membership],
    now: datetime,
) -> None:
    project = make_project("LIVE", adopt_at="deployment")
    check = Check.objects.get(stage__process__project=project, stage__state="active", key="ops_signature")
    signer, other = holder(project, "ops_lead"), add_member(project, "other", ["contribute"], ["data_lead"]).user

    assert f"check-{check.pk}" in texts(signer, now)
    assert f"check-{check.pk}" not in texts(other, now)


def test_a_vote_waits_until_it_is_given(
    project: Project,
    owner: User,
    gatekeeper: User,
    ask: Callable[..., GateReview],
    stage_of: Callable[..., Stage],
    vote: Callable[..., GateReview],
    now: datetime,
) -> None:
    review = ask(stage_of(project), by=owner, despite_blockers=True)
    before = texts(gatekeeper, now)
    vote(review, gatekeeper, "hold", until=now.date() + timedelta(days=30))

    assert f"vote-{review.pk}" in before
    assert f"vote-{review.pk}" not in texts(gatekeeper, now)
    assert f"vote-{review.pk}" not in texts(owner, now)


def test_nothing_of_a_project_one_was_removed_from(
    proven: Check, project: Project, contributor: User, now: datetime
) -> None:
    Project.objects.filter(pk=project.pk).update(visibility="private")
    Membership.objects.filter(user=contributor).delete()

    assert texts(contributor, now) == []


def test_rows_are_grouped_by_when_they_are_due(project: Project, owner: User, contributor: User, now: datetime) -> None:
    for days in (-3, 0, 2, 40):
        add_action(
            project=project,
            actor=Actor.for_user(owner),
            now=now - timedelta(days=10),
            text=f"in {days} days",
            owner="contributor",
            due_on=now.date() + timedelta(days=days),
        )

    groups = {
        group.key: [row.text for row in group.rows] for group in work_of(Actor.for_user(contributor), now=now).groups
    }

    assert "in -3 days" in groups["late"]
    assert "in 0 days" in groups["today"]
    assert "in 2 days" in groups["week"]
    assert "in 40 days" in groups["later"]


def test_the_sidebar_counts_the_rows_of_the_page(
    proven: Check, project: Project, owner: User, contributor: User, now: datetime
) -> None:
    add_action(
        project=project, actor=Actor.for_user(owner), now=now, text="Ask", owner="contributor", due_on=now.date()
    )
    refresh_outlooks(projects=Project.objects.all(), now=now)
    actor = Actor.for_user(contributor)

    assert owed_counts(actor, seats_of(actor), now).work == len(work_of(actor, now=now).rows) > 1


def test_the_sidebar_counts_no_notice_that_the_inbox_hides(
    project: Project, owner: User, contributor: User, now: datetime
) -> None:
    add_action(
        project=project, actor=Actor.for_user(owner), now=now, text="Ask", owner="contributor", due_on=now.date()
    )
    actor = Actor.for_user(contributor)
    before = owed_counts(actor, seats_of(actor), now).unread

    Project.objects.update(visibility="private")
    Membership.objects.filter(user=contributor).delete()

    assert before > 0
    assert owed_counts(actor, seats_of(actor), now).unread == unread_count(actor, now) == 0


def test_a_link_on_the_row_meets_the_check(browse: Browse, proven: Check, contributor: User) -> None:
    answer = browse(contributor).post(
        f"/work/checks/{proven.pk}/evidence/", {"url": "https://docs.example.org/1"}, headers=HTMX
    )

    assert answer.status_code == 200
    assert "eg-done" in answer.content.decode()
    link = proven.evidence_links.get()
    assert f'href="/evidence/{link.evidence_id}/#withdraw"' in answer.content.decode()


def test_without_a_script_the_row_leads_back_to_the_list(browse: Browse, proven: Check, contributor: User) -> None:
    answer = browse(contributor).post(f"/work/checks/{proven.pk}/evidence/", {"url": "https://docs.example.org/1"})

    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_a_refused_link_says_why_on_the_row(browse: Browse, proven: Check, contributor: User) -> None:
    answer = browse(contributor).post(f"/work/checks/{proven.pk}/evidence/", {"url": "javascript:1"}, headers=HTMX)

    assert answer.status_code == 422
    assert "is-refused" in answer.content.decode()
    assert 'value="javascript:1"' in answer.content.decode()
    assert not proven.evidence_links.exists()


def test_a_tick_is_undone_from_the_row(browse: Browse, manual: Check, contributor: User) -> None:
    client, url = browse(contributor), f"/work/checks/{manual.pk}/answer/"

    done = client.post(url, {"state": "met", "version": manual.version}, headers=HTMX)
    manual.refresh_from_db()
    ticked = manual.answer
    stale = client.post(url, {"state": "open", "version": 1}, headers=HTMX)
    undone = client.post(url, {"state": "open", "version": manual.version}, headers=HTMX)
    manual.refresh_from_db()

    assert (done.status_code, stale.status_code, undone.status_code) == (200, 412, 200)
    assert (ticked, manual.answer) == ("met", "open")


def test_a_viewer_cannot_tick(browse: Browse, manual: Check, viewer: User) -> None:
    answer = browse(viewer).post(f"/work/checks/{manual.pk}/answer/", {"state": "met", "version": 1}, headers=HTMX)

    assert answer.status_code == 403


def test_a_stranger_finds_no_row_of_a_private_project(browse: Browse, manual: Check, stranger: User) -> None:
    Project.objects.update(visibility="private")

    answer = browse(stranger).post(f"/work/checks/{manual.pk}/answer/", {"state": "met", "version": 1})

    assert answer.status_code == 404


def test_an_action_is_finished_and_taken_back(
    browse: Browse, project: Project, owner: User, contributor: User, now: datetime
) -> None:
    action = add_action(
        project=project, actor=Actor.for_user(owner), now=now, text="Ask", owner="contributor", due_on=now.date()
    )
    client, url = browse(contributor), f"/work/actions/{action.pk}/done/"

    done = client.post(url, {"version": action.version}, headers=HTMX)
    finished = Action.objects.get(pk=action.pk)
    client.post(url, {"version": finished.version, "state": "open"}, headers=HTMX)

    assert done.status_code == 200
    assert finished.done_on == now.date()
    assert Action.objects.get(pk=action.pk).done_on is None


def test_somebody_who_owes_nothing_is_told_so(browse: Browse, stranger: User) -> None:
    body = browse(stranger).get("/").content.decode()

    assert "Nothing is owed." in body
    assert "If you have a minute" in body


def test_queries_stay_the_same_with_ten_times_the_work(
    browse: Browse, make_project: Callable[..., Project], make_user: Callable[..., User]
) -> None:
    worker = make_user("worker")
    client = browse(worker)

    def queries() -> int:
        client.get("/")
        with CaptureQueriesContext(connection) as found:
            assert client.get("/").status_code == 200
        return len(found)

    make_project("P0", creator=worker)
    few = queries()
    for number in range(1, 10):
        make_project(f"P{number}", creator=worker)

    assert queries() == few


def test_the_frame_costs_at_most_four_queries(
    browse: Browse, make_project: Callable[..., Project], make_user: Callable[..., User], rf: Any
) -> None:
    worker = make_user("worker")
    for number in range(7):
        make_project(f"P{number}", creator=worker)
    request = rf.get("/inbox/")
    request.user = worker

    with CaptureQueriesContext(connection) as found:
        frame = shell(request)["shell"]
        pins = len(frame.pinned), frame.counts.work

    assert pins[0] == 5
    assert len(found) <= 4


def test_a_visitor_costs_no_query(client: Client) -> None:
    with CaptureQueriesContext(connection) as found:
        client.get("/accounts/login/")

    assert [query["sql"] for query in found if "lifecycle" in query["sql"] or "projects" in query["sql"]] == []
