"""The pages of this room: who sees what, what a form does, and what a page costs."""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import User
from journal.models import Notice
from projects import services
from projects.models import BudgetLine, Comment, Goal, Membership, ProgressEntry, Project, Spend, Stakeholder
from tests.fixtures.people import Browse

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def text(response: Any) -> str:
    return str(response.content.decode())


PAGES = ["log", "budget", "settings"]


@pytest.mark.parametrize("page", PAGES)
def test_a_reader_sees_the_page_without_its_forms(
    page: str, owner: User, viewer: User, stranger: User, browse: Browse
) -> None:
    for person in (viewer, stranger):
        shown = browse(person).get(f"/projects/RECO/{page}/")
        assert shown.status_code == 200
        assert 'id="progress-form"' not in text(shown)
        assert 'id="line-form"' not in text(shown)
        assert 'id="project-form"' not in text(shown)


@pytest.mark.parametrize("page", [*PAGES, "journal"])
def test_a_private_project_does_not_exist_for_strangers(
    page: str, make_project: Callable[..., Project], owner: User, stranger: User, browse: Browse
) -> None:
    make_project("SECRET", creator=owner, visibility="private")

    assert browse(stranger).get(f"/projects/SECRET/{page}/").status_code == 404
    assert browse(owner).get(f"/projects/SECRET/{page}/").status_code == 200


@pytest.mark.parametrize("path", ["/projects/RECO/log/", "/inbox/", "/journal/"])
def test_nobody_is_asked_to_sign_in_first(path: str, project: Project) -> None:
    assert Client().get(path)["Location"].startswith("/accounts/login/")


# --- log


def test_progress_is_logged_from_the_page(project: Project, contributor: User, browse: Browse) -> None:
    client = browse(contributor)

    answer = client.post(
        "/projects/RECO/log/progress/",
        {"text": "Labels <b>late</b>", "health": "at_risk", "percent": "30"},
        follow=True,
    )

    assert "Labels &lt;b&gt;late&lt;/b&gt;" in text(answer)
    assert "At risk." in text(answer)
    assert ProgressEntry.objects.get().percent == 30


def test_a_wrong_entry_comes_back_with_what_was_typed(contributor: User, browse: Browse) -> None:
    answer = browse(contributor).post(
        "/projects/RECO/log/progress/", {"text": "Half done", "health": "at_risk", "percent": "130"}
    )

    assert answer.status_code == 422
    assert "Half done" in text(answer)
    assert not ProgressEntry.objects.exists()


def test_a_viewer_cannot_post_what_the_page_does_not_offer(viewer: User, browse: Browse) -> None:
    answer = browse(viewer).post("/projects/RECO/log/progress/", {"text": "x", "health": "at_risk"})

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "markdown",
    [
        "[x](javascript:alert(1))",
        "<img src=x onerror=alert(1)>",
        "![x](https://evil.example/p.png)",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    ],
)
def test_a_comment_is_shown_without_its_teeth(markdown: str, viewer: User, browse: Browse) -> None:
    client = browse(viewer)

    answer = client.post("/projects/RECO/log/comments/", {"text": markdown}, follow=True)

    # The author's own edit form holds the text again, escaped; what is rendered stands before it.
    shown = text(answer).split('class="eg-prose">')[1].split("</div>")[0]
    assert Comment.objects.get().text == markdown
    assert set(re.findall(r"<(\w+)", shown)) <= {"p", "a"}
    assert 'href="javascript' not in shown


def test_an_author_edits_on_the_page(viewer: User, browse: Browse) -> None:
    client = browse(viewer)
    client.post("/projects/RECO/log/comments/", {"text": "First"})
    comment = Comment.objects.get()

    client.post(f"/projects/RECO/log/comments/{comment.pk}/", {"text": "Second", "version": "1"})
    late = client.post(f"/projects/RECO/log/comments/{comment.pk}/", {"text": "Third", "version": "1"})

    comment.refresh_from_db()
    assert (comment.text, late.status_code) == ("Second", 422)


def test_an_action_is_done_and_verified_on_the_page(
    project: Project, owner: User, contributor: User, browse: Browse
) -> None:
    body = {"text": "Ask users", "owner": "contributor", "due_on": "2026-04-01"}
    browse(owner).post("/projects/RECO/log/actions/", body)
    action = project.actions.get()
    place = f"/projects/RECO/log/actions/{action.pk}/"

    browse(contributor).post(place, {"step": "done", "version": "1"})
    own = browse(contributor).post(place, {"step": "verify", "version": "2"})
    browse(owner).post(place, {"step": "verify", "version": "2"})

    action.refresh_from_db()
    assert (own.status_code, "Somebody else has to verify this" in text(own)) == (422, True)
    assert action.verified_by == owner


# --- budget


def test_money_is_planned_and_booked_on_the_page(owner: User, browse: Browse) -> None:
    client = browse(owner)

    client.post("/projects/RECO/budget/lines/", {"name": "Team", "category": "people", "planned": "1000"})
    line = BudgetLine.objects.get()
    answer = client.post("/projects/RECO/budget/spend/", {"line": line.pk, "amount": "1100"}, follow=True)

    assert "Over budget." in text(answer)
    assert "110% of the plan is spent: EUR 1,100 of 1,000." in text(answer)
    assert 'data-width="100" class="over"' in text(answer)


def test_a_line_of_another_project_cannot_be_booked_on(
    owner: User, make_project: Callable[..., Project], browse: Browse, now: datetime
) -> None:
    other = make_project("OTHER", creator=owner)
    foreign = services.add_budget_line(
        project=other, actor=Actor.for_user(owner), now=now, category="people", planned=Decimal(1)
    )

    answer = browse(owner).post("/projects/RECO/budget/spend/", {"line": foreign.pk, "amount": "1"})

    assert answer.status_code == 422
    assert not Spend.objects.exists()


def test_a_line_is_changed_from_the_version_that_was_seen(owner: User, browse: Browse) -> None:
    client = browse(owner)
    client.post("/projects/RECO/budget/lines/", {"name": "Team", "category": "people", "planned": "1000"})
    place = f"/projects/RECO/budget/lines/{BudgetLine.objects.get().pk}/"
    change = {"name": "Team", "category": "people", "planned": "2000", "version": "1"}

    assert client.post(place, change).status_code == 302
    assert client.post(place, {**change, "planned": "3000"}).status_code == 422

    assert BudgetLine.objects.get().planned == 2000


# --- settings


def settings_of(project: Project, **changes: Any) -> dict[str, Any]:
    data = {"name": project.name, "objective": project.objective, "visibility": "internal", "currency": "EUR"}
    return {**data, "version": str(project.version), **changes}


def test_an_owner_saves_the_project(project: Project, owner: User, browse: Browse) -> None:
    answer = browse(owner).post("/projects/RECO/settings/data/", settings_of(project, name="Better"), follow=True)

    assert "The project is saved." in text(answer)
    project.refresh_from_db()
    assert project.name == "Better"


def test_two_who_edit_see_both_texts(project: Project, owner: User, browse: Browse) -> None:
    client, stale = browse(owner), settings_of(project, name="Mine")
    client.post("/projects/RECO/settings/data/", settings_of(project, name="Theirs"))

    answer = client.post("/projects/RECO/settings/data/", stale)

    assert answer.status_code == 412
    assert "Mine" in text(answer)
    assert "Theirs" in text(answer)
    project.refresh_from_db()
    kept = client.post("/projects/RECO/settings/data/", {**stale, "version": str(project.version)})
    assert kept.status_code == 302
    project.refresh_from_db()
    assert project.name == "Mine"


def test_members_come_change_and_go_on_the_page(project: Project, owner: User, stranger: User, browse: Browse) -> None:
    client = browse(owner)

    body = {"user": "stranger", "access": ["contribute"], "functions": ["data_lead"], "team": "on"}
    client.post("/projects/RECO/settings/members/", body)
    member = Membership.objects.get(user=stranger)
    client.post(f"/projects/RECO/settings/members/{member.pk}/", {"access": ["decide"], "version": "1"})
    member.refresh_from_db()
    assert (member.access, member.roles, member.team) == (["decide"], [], False)

    client.post(f"/projects/RECO/settings/members/{member.pk}/remove/", {"version": "2"})
    assert not Membership.objects.filter(user=stranger).exists()


def test_an_unknown_person_is_refused_beside_the_field(owner: User, browse: Browse) -> None:
    answer = browse(owner).post("/projects/RECO/settings/members/", {"user": "nobody-here", "access": ["view"]})

    assert answer.status_code == 422
    assert "There is nobody of this name." in text(answer)


def test_the_last_owner_is_kept_with_a_sentence(project: Project, browse: Browse) -> None:
    founder = Membership.objects.get(project=project, owner=True)

    answer = browse(founder.user).post(f"/projects/RECO/settings/members/{founder.pk}/remove/", {"version": "1"})

    assert answer.status_code == 422
    assert "A project keeps at least one owner" in text(answer)


def test_goals_and_stakeholders_live_on_the_page(project: Project, owner: User, browse: Browse) -> None:
    client = browse(owner)

    client.post("/projects/RECO/settings/goals/", {"indicator": "Conversion", "target": "3.1", "unit": "%"})
    client.post("/projects/RECO/settings/stakeholders/", {"name": "Shoppers", "affected": "on"})
    goal, stakeholder = Goal.objects.get(), Stakeholder.objects.get()
    client.post(
        f"/projects/RECO/settings/goals/{goal.pk}/", {"indicator": "Conversion", "target": "3.3", "version": "1"}
    )
    client.post(f"/projects/RECO/settings/stakeholders/{stakeholder.pk}/remove/", {"version": "1"})

    goal.refresh_from_db()
    assert goal.target == 3.3
    assert not Stakeholder.objects.exists()


def test_a_project_goes_to_the_archive_and_back(project: Project, owner: User, browse: Browse) -> None:
    client = browse(owner)

    archived = client.post("/projects/RECO/settings/archive/", follow=True)
    assert "It is archived: nothing changes." in text(archived)
    client.post("/projects/RECO/settings/restore/")

    project.refresh_from_db()
    assert project.state == "active"


# --- inbox and journal


def test_the_inbox_tells_why_and_forgets_what_was_read(
    project: Project, owner: User, contributor: User, browse: Browse, now: datetime
) -> None:
    services.add_comment(project=project, actor=Actor.for_user(owner), now=now, text="@contributor look")
    client = browse(contributor)
    assert "Somebody called your name." in text(client.get("/inbox/"))

    notice = Notice.objects.of(contributor.pk).get(kind="comment.added")
    opened = client.post(f"/inbox/{notice.pk}/open/")
    assert opened["Location"] == f"/projects/RECO/log/#{notice.object.replace(':', '-')}"
    assert "Somebody called your name." not in text(client.get("/inbox/"))
    assert "Somebody called your name." in text(client.get("/inbox/?all"))


def test_a_notice_of_another_is_nobodys_business(
    project: Project, owner: User, contributor: User, stranger: User, browse: Browse, now: datetime
) -> None:
    services.add_comment(project=project, actor=Actor.for_user(owner), now=now, text="@contributor look")
    notice = Notice.objects.of(contributor.pk).get(kind="comment.added")

    assert browse(stranger).post(f"/inbox/{notice.pk}/open/").status_code == 404
    assert browse(stranger).post(f"/inbox/{notice.pk}/snooze/", {"days": "1"}).status_code == 404


def test_a_snoozed_notice_is_not_among_the_unread(
    project: Project, owner: User, contributor: User, browse: Browse, now: datetime
) -> None:
    services.add_comment(project=project, actor=Actor.for_user(owner), now=now, text="@contributor look")
    notice = Notice.objects.of(contributor.pk).get(kind="comment.added")
    client = browse(contributor)

    client.post(f"/inbox/{notice.pk}/snooze/", {"days": "3"})

    assert "Somebody called your name." not in text(client.get("/inbox/"))


@pytest.mark.parametrize(
    ("person", "instance", "of_project"),
    [("admin", 200, 403), ("auditor", 200, 200), ("owner", 403, 200), ("contributor", 403, 403)],
)
def test_the_journal_is_open_to_those_of_the_matrix(
    person: str, instance: int, of_project: int, project: Project, request: pytest.FixtureRequest, browse: Browse
) -> None:
    client = browse(request.getfixturevalue(person))

    assert client.get("/journal/").status_code == instance
    assert client.get("/projects/RECO/journal/").status_code == of_project


# --- cost


def fill(project: Project, person: User, now: datetime, times: int) -> None:
    actor = Actor.for_user(person)
    for number in range(times):
        services.log_progress(project=project, actor=actor, now=now, text="x", health="on_track")
        services.add_comment(project=project, actor=actor, now=now, text="x")
        services.add_goal(project=project, actor=actor, now=now, indicator=f"g{number}", target=1.0)
        services.add_stakeholder(project=project, actor=actor, now=now, name=f"s{number}")
        line = services.add_budget_line(project=project, actor=actor, now=now, category="x", planned=Decimal(9))
        services.add_spend(line=line, actor=actor, now=now, amount=Decimal(1))
        services.add_action(project=project, actor=actor, now=now, text="x", owner=person.username, due_on=now.date())
    names = [f"p{project.memberships.count()}x{number}" for number in range(times)]
    people = User.objects.bulk_create([User(username=name) for name in names])
    Membership.objects.bulk_create([Membership(project=project, user=user, view=True, since=now) for user in people])


@pytest.mark.parametrize("page", [*PAGES, "journal"])
def test_a_page_costs_the_same_with_ten_times_the_rows(
    page: str, project: Project, owner: User, browse: Browse, now: datetime
) -> None:
    client, costs = browse(owner), []
    for times in (2, 18):
        fill(project, owner, now, times)
        client.get(f"/projects/RECO/{page}/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/projects/RECO/{page}/").status_code == 200
        costs.append(len(queries))

    assert costs[0] == costs[1] <= 20
