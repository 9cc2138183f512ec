"""Guests see what they were let into, and nobody comes in after the last day of their account."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.actor import Actor
from accounts.errors import TokenInvalid
from accounts.models import User
from accounts.services import authenticate_token, change_account, create_token, end_accounts
from common import clock
from common.errors import PermissionDenied, ValidationFailed, VersionMismatch
from journal.models import Entry
from overview.services.reminders import tick
from projects import services
from projects.models import Membership, Portfolio, Project
from projects.permissions import Action, Standing, may, standing
from projects.selectors.people import mentioned

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
AddMember = Callable[..., Membership]
Browse = Callable[..., Any]


@pytest.fixture
def guest(make_user: Callable[..., User], now: datetime) -> User:
    """Of no project yet."""
    return make_user("guest", is_guest=True, active_until=now.date() + timedelta(days=30))


# --- what guests see


def test_a_guest_sees_only_projects_they_are_members_of(
    project: Project, guest: User, stranger: User, add_member: AddMember
) -> None:
    actor = Actor.for_user(guest)
    assert Project.objects.visible_to(Actor.for_user(stranger)).count() == 1
    assert (Project.objects.visible_to(actor).count(), standing(actor, project)) == (0, frozenset())

    add_member(project, guest, ["view"])

    assert Project.objects.visible_to(actor).count() == 1
    assert standing(actor, project) == {Standing.VIEW}


def test_a_guest_starts_no_project_and_runs_no_portfolio(guest: User, now: datetime) -> None:
    group = services.ensure_portfolio(actor=SYSTEM, now=now, name="Group")

    assert not may(Actor.for_user(guest), Action.CREATE_PROJECT)
    with pytest.raises(ValidationFailed):
        services.add_portfolio_manager(portfolio=group, user=guest, actor=SYSTEM, now=now)


def test_an_external_auditor_audits_the_projects_they_were_let_into(
    project: Project, make_project: Callable[..., Project], guest: User, add_member: AddMember
) -> None:
    User.objects.filter(pk=guest.pk).update(is_auditor=True)
    actor, other = Actor.for_user(User.objects.get(pk=guest.pk)), make_project("OTHER")
    add_member(project, guest, ["view"])

    assert may(actor, Action.READ_PROJECT_JOURNAL, project)
    assert not may(actor, Action.SEE_PROJECT, other)
    assert not may(actor, Action.READ_INSTANCE_JOURNAL)
    assert [row.key for row in Project.objects.visible_to(actor)] == ["RECO"]


def test_a_guest_sees_the_portfolios_above_their_projects(
    project: Project, guest: User, add_member: AddMember, now: datetime
) -> None:
    group = services.ensure_portfolio(actor=SYSTEM, now=now, name="Group")
    retail = services.ensure_portfolio(actor=SYSTEM, now=now, name="Retail", parent=group)
    services.ensure_portfolio(actor=SYSTEM, now=now, name="Banking", parent=group)
    services.update_project(project=project, actor=SYSTEM, now=now, version=project.version, portfolio=retail)
    assert not Portfolio.objects.visible_to(Actor.for_user(guest)).exists()

    add_member(project, guest, ["view"])

    assert {row.name for row in Portfolio.objects.visible_to(Actor.for_user(guest))} == {"Group", "Retail"}


@pytest.mark.usefixtures("owner")
def test_a_guest_finds_nothing_of_other_projects(project: Project, guest: User, browse: Browse, now: datetime) -> None:
    with clock.frozen(now):
        _finds_nothing(project, browse(guest))


def _finds_nothing(project: Project, client: Any) -> None:
    hits = client.get("/api/v1/search/?q=owner").json()
    assert hits["groups"] == []
    assert client.get("/api/v1/portfolio/summary/").json()["by_state"] in ({}, {"active": 0})
    assert client.get(f"/projects/{project.key}/").status_code == 404
    assert client.get(f"/api/v1/projects/{project.key}/status/").status_code == 404
    assert client.get("/").status_code == 200


def test_a_guest_elsewhere_is_not_mentioned(project: Project, guest: User) -> None:
    assert mentioned("ask @guest", project) == []


# --- the last day


def test_the_last_day_counts_and_the_next_does_not(guest: User, now: datetime, client: Client) -> None:
    guest.set_password("a long enough secret")
    guest.save()
    words = {"login": "guest", "password": "a long enough secret"}
    with clock.frozen(now) as time:
        time.move(timedelta(days=30))
        assert client.post("/accounts/login/", words).status_code == 302
        assert client.get("/api/v1/me/").status_code == 200

        time.move(timedelta(days=1))
        assert client.get("/api/v1/me/").status_code == 401
        refused = client.post("/accounts/login/", words)

        assert refused.status_code == 403
        assert "This account was open through" in refused.content.decode()
        assert client.get("/api/v1/me/").status_code == 401
        tick(clock.now())
        assert "This account was open through" in client.post("/accounts/login/", words).content.decode()


def test_a_token_ends_with_the_account(guest: User, now: datetime) -> None:
    _token, secret = create_token(actor=Actor.for_user(guest), user=guest, name="ci", scopes=["ci"], now=now)
    asked: dict[str, Any] = {"secret": secret, "ip": None, "request_id": ""}

    assert authenticate_token(now=now + timedelta(days=30), **asked).user == guest
    with pytest.raises(TokenInvalid):
        authenticate_token(now=now + timedelta(days=31), **asked)


def test_who_has_left_becomes_no_member(project: Project, guest: User, now: datetime) -> None:
    with pytest.raises(ValidationFailed):
        services.add_member(
            project=project, actor=SYSTEM, now=now + timedelta(days=31), username="guest", access=["view"]
        )


def test_the_tick_ends_accounts_once(guest: User, stranger: User, now: datetime) -> None:
    assert end_accounts(now=now + timedelta(days=30)) == 0

    tick(now + timedelta(days=31))
    tick(now + timedelta(days=32))

    assert not User.objects.get(pk=guest.pk).is_active
    assert User.objects.get(pk=stranger.pk).is_active
    assert [row.data["user"] for row in Entry.objects.filter(verb="user.deactivated")] == [guest.pk]


# --- what admins decide


def test_an_admin_makes_a_guest_with_a_last_day(stranger: User, admin: User, now: datetime) -> None:
    day = now.date() + timedelta(days=90)
    act = {"actor": Actor.for_user(admin), "user": stranger, "now": now}

    with pytest.raises(ValidationFailed):
        change_account(version=1, is_guest=True, **act)
    changed = change_account(version=1, is_guest=True, active_until=day, **act)

    assert (changed.is_guest, changed.active_until, changed.version) == (True, day, 2)
    assert Entry.objects.newest_first()[0].data["after"] == {"is_guest": True, "active_until": day.isoformat()}
    with pytest.raises(ValidationFailed):
        change_account(version=2, active_until=now.date() - timedelta(days=1), **act)
    with pytest.raises(VersionMismatch):
        change_account(version=1, is_guest=False, **act)


def test_an_admin_is_no_guest_and_nobody_else_decides(admin: User, stranger: User, now: datetime) -> None:
    day = now.date() + timedelta(days=9)

    with pytest.raises(ValidationFailed):
        change_account(actor=Actor.for_user(admin), user=admin, version=1, now=now, is_guest=True, active_until=day)
    with pytest.raises(PermissionDenied):
        change_account(actor=Actor.for_user(stranger), user=admin, version=1, now=now, active_until=day)


def test_the_api_reads_and_changes_an_account(
    admin: User, stranger: User, api: Callable[..., Any], now: datetime
) -> None:
    place, day = "/api/v1/users/stranger/", "2040-01-31"

    changed = api(admin).patch(place, {"version": 1, "is_guest": True, "active_until": day}, format="json")

    assert (changed.status_code, changed.json()["active_until"], changed.json()["version"]) == (200, day, 2)
    assert api(admin).patch(place, {**changed.json(), "is_active": False}, format="json").status_code == 400
    assert api(admin).get(place).json()["is_guest"] is True
    assert api(stranger).get(place).status_code == 403
    assert api(stranger).get("/api/v1/users/nobody/").status_code == 403
