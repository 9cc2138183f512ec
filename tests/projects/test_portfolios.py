"""The tree of portfolios: who sees, names, moves."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import User
from common.errors import PermissionDenied, ValidationFailed
from journal.models import Entry
from projects import errors, services
from projects.models import Membership, Portfolio, PortfolioManager, Project, StandingRole

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
Add = Callable[..., Portfolio]
API = "/api/v1/portfolios/"


@pytest.fixture
def add(now: datetime) -> Add:
    def make(name: str, parent: Portfolio | None = None) -> Portfolio:
        return services.create_portfolio(actor=SYSTEM, now=now, name=name, parent=parent)

    return make


@pytest.fixture
def group(add: Add) -> Portfolio:
    return add("Group")


@pytest.fixture
def retail(add: Add, group: Portfolio) -> Portfolio:
    return add("Retail", group)


def put(project: Project, portfolio: Portfolio, now: datetime) -> None:
    version = Project.objects.get(pk=project.pk).version
    services.update_project(project=project, actor=SYSTEM, now=now, version=version, portfolio=portfolio)


def paths() -> dict[str, list[str]]:
    names = {row.pk: row.name for row in Portfolio.objects.all()}
    return {row.name: [names[number] for number in row.line] for row in Portfolio.objects.all()}


def test_a_portfolio_moves_with_all_below_it(add: Add, group: Portfolio, retail: Portfolio, now: datetime) -> None:
    shops, other = add("Shops", retail), add("Other")

    with CaptureQueriesContext(connection) as seen:
        services.update_portfolio(portfolio=retail, actor=SYSTEM, now=now, version=1, parent=other)

    assert paths()["Shops"] == ["Other", "Retail", "Shops"]
    assert sum("UPDATE" in query["sql"] and '"path" =' in query["sql"] for query in seen) == 1
    assert (Entry.objects.newest_first()[0].verb, shops.name) == ("portfolio.moved", "Shops")


def test_projects_below_follow_the_roles_of_the_new_place(
    add: Add, group: Portfolio, retail: Portfolio, project: Project, stranger: User, owner: User, now: datetime
) -> None:
    other = add("Other")
    put(project, retail, now)
    for portfolio, user in ((group, stranger), (other, owner)):
        given = {"username": user.username, "access": ["decide"]}
        services.give_standing_role(portfolio=portfolio, actor=SYSTEM, now=now, **given)
    Membership.objects.filter(project=project, user=owner).delete()

    services.update_portfolio(portfolio=retail, actor=SYSTEM, now=now, version=1, parent=other)

    inherited = Membership.objects.filter(project=project, standing__isnull=False)
    assert [member.user.username for member in inherited] == [owner.username]


def test_a_portfolio_does_not_move_below_itself(add: Add, group: Portfolio, retail: Portfolio, now: datetime) -> None:
    for place in (group, retail):
        with pytest.raises(ValidationFailed):
            services.update_portfolio(portfolio=group, actor=SYSTEM, now=now, version=1, parent=place)


def test_names_differ_beside_each_other(add: Add, group: Portfolio, retail: Portfolio, now: datetime) -> None:
    banking = add("Banking", group)
    add("Banking")

    with pytest.raises(errors.PortfolioNameTaken):
        add("Group")
    with pytest.raises(errors.PortfolioNameTaken):
        services.update_portfolio(portfolio=banking, actor=SYSTEM, now=now, version=1, name="Retail")


def test_only_admins_change_the_tree_and_its_managers(
    group: Portfolio, owner: User, admin: User, now: datetime
) -> None:
    services.add_portfolio_manager(portfolio=group, user=owner, actor=Actor.for_user(admin), now=now)
    manager = Actor.for_user(owner)

    for act in (
        lambda: services.create_portfolio(actor=manager, now=now, name="Mine", parent=group),
        lambda: services.update_portfolio(portfolio=group, actor=manager, now=now, version=1, name="Mine"),
        lambda: services.remove_portfolio_manager(portfolio=group, user=owner, actor=manager, now=now),
    ):
        with pytest.raises(PermissionDenied):
            act()

    services.remove_portfolio_manager(portfolio=group, user=owner, actor=Actor.for_user(admin), now=now)
    assert not PortfolioManager.objects.exists()


# --- API


def test_the_api_makes_renames_and_moves(group: Portfolio, admin: User, api: Callable[..., Any]) -> None:
    client = api(admin)

    made = client.post(API, {"name": "Retail", "parent": group.pk}, format="json")
    place = f"{API}{made.json()['id']}/"
    moved = client.patch(place, {"version": 1, "parent": None, "name": "Shops"}, format="json")

    assert (made.status_code, made.json()["parent"]) == (201, group.pk)
    assert (moved.json()["parent"], moved.json()["name"], moved.json()["version"]) == (None, "Shops", 2)
    assert client.patch(place, {"version": 1, "name": "Old"}, format="json").status_code == 412
    assert client.patch(place, {"version": 2, "parent": moved.json()["id"]}, format="json").status_code == 400
    assert client.patch(place, {"version": 2, "parent": 99999}, format="json").status_code == 400


def test_the_api_counts_the_projects_that_are_seen(
    group: Portfolio,
    retail: Portfolio,
    project: Project,
    stranger: User,
    owner: User,
    api: Callable[..., Any],
    now: datetime,
) -> None:
    put(project, retail, now)
    Project.objects.update(visibility="private")

    assert [row["projects"] for row in api(owner).get(API).json()["results"]] == [1, 1]
    assert [row["projects"] for row in api(stranger).get(API).json()["results"]] == [0, 0]


def test_the_api_names_managers_and_standing_roles(
    group: Portfolio, admin: User, stranger: User, owner: User, api: Callable[..., Any]
) -> None:
    client, place = api(admin), f"{API}{group.pk}/"

    assert client.post(f"{place}managers/", {"user": owner.username}, format="json").status_code == 201
    given = {"user": stranger.username, "access": ["decide"], "functions": ["sponsor"]}
    role = api(owner).post(f"{place}roles/", given, format="json")

    assert (role.status_code, role.json()["version"]) == (201, 1)
    one = f"{place}roles/{role.json()['id']}/"
    assert api(owner).patch(one, {"version": 1, "access": ["view"]}, format="json").json()["access"] == ["view"]
    assert api(owner).delete(one, {"version": 2}, format="json").status_code == 204
    assert client.delete(f"{place}managers/{owner.username}/").status_code == 204
    assert client.delete(f"{place}managers/{owner.username}/").status_code == 404


# --- pages


def test_the_pages_show_the_tree_and_take_changes(
    group: Portfolio,
    retail: Portfolio,
    project: Project,
    admin: User,
    stranger: User,
    browse: Callable[..., Any],
    now: datetime,
) -> None:
    put(project, retail, now)
    page, place = browse(admin), f"/portfolios/{retail.pk}/"

    assert page.post("/portfolios/new/", {"name": "Shops", "parent": retail.pk}).status_code == 302
    assert page.post(f"{place}managers/", {"user": stranger.username}).status_code == 302
    given = {"user": stranger.username, "access": ["decide"], "functions": ["sponsor"]}
    assert page.post(f"{place}roles/", given).status_code == 302
    role = StandingRole.objects.get()
    assert page.post(f"{place}roles/{role.pk}/", {"version": 1, "access": ["view"]}).status_code == 302
    shown = page.get(place).content.decode()

    assert "Project RECO" in shown
    assert "Shops" in shown
    assert page.post(f"{place}change/", {"version": 1, "name": "Group", "parent": ""}).status_code == 422
    assert page.post(f"{place}change/", {"version": 1, "name": "Trade", "parent": group.pk}).status_code == 302
    assert page.post(f"{place}roles/{role.pk}/remove/", {"version": 2}).status_code == 302
    assert page.post(f"{place}managers/{stranger.username}/remove/").status_code == 302
    assert browse(stranger).get("/portfolios/").status_code == 200
    assert "Name a manager" not in browse(stranger).get(place).content.decode()
