"""Named once on a portfolio, members of every project below."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import User
from common.errors import HumanSessionRequired, PermissionDenied, ValidationFailed, VersionMismatch
from journal.models import Entry, Notice
from lifecycle.models import Stage
from lifecycle.selectors import readiness
from lifecycle.selectors.seats import members_of
from lifecycle.selectors.sittings import lacking, sitting_ahead
from projects import errors, services
from projects.models import Membership, Portfolio, Project, StandingException, StandingRole

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
MakeUser = Callable[..., User]
Start = Callable[..., Project]
Give = Callable[..., StandingRole]
# Whoever decides somewhere in the eight stages: five people, named once.
FIVE = {
    "sponsor": ["sponsor", "product_owner", "user_rep"],
    "risk": ["risk_officer", "ethics_reviewer"],
    "money": ["finance_partner", "domain_expert", "data_owner"],
    "law": ["legal_counsel", "privacy_officer"],
    "works": ["security_lead", "ops_lead", "evaluator"],
}


def last() -> Entry:
    return Entry.objects.newest_first()[0]


@pytest.fixture
def group(now: datetime) -> Portfolio:
    return services.ensure_portfolio(actor=SYSTEM, now=now, name="Group")


@pytest.fixture
def retail(group: Portfolio, now: datetime) -> Portfolio:
    return services.ensure_portfolio(actor=SYSTEM, now=now, name="Retail", parent=group)


@pytest.fixture
def give(now: datetime) -> Give:
    def act(portfolio: Portfolio, user: User, *access: str, by: Actor = SYSTEM, **more: Any) -> StandingRole:
        given: dict[str, Any] = {"portfolio": portfolio, "username": user.username, "access": access or ["decide"]}
        return services.give_standing_role(actor=by, now=now, **given, **more)

    return act


@pytest.fixture
def start(make_user: MakeUser, now: datetime) -> Start:
    """`start("ONE", retail)`: a project without a process."""

    def act(key: str, portfolio: Portfolio | None = None, creator: User | None = None) -> Project:
        creator = creator or User.objects.named("starter").first() or make_user("starter")
        given = {"name": f"Project {key}", "objective": "Help", "portfolio": portfolio}
        return services.register_project(actor=Actor.for_user(creator), now=now, key=key, **given)

    return act


def member(project: Project, user: User) -> Membership | None:
    return Membership.objects.filter(project=project, user=user).first()


def seat(project: Project, user: User) -> tuple[list[str], list[str]]:
    found = member(project, user)
    return (found.access, found.roles) if found else ([], [])


# --- given, changed, taken


def test_a_standing_role_makes_a_member_of_every_project_below(
    group: Portfolio, retail: Portfolio, start: Start, give: Give, stranger: User
) -> None:
    there, below, elsewhere = start("GRP", group), start("RET", retail), start("OUT")

    role = give(group, stranger, "decide", functions=["sponsor"])

    assert seat(there, stranger) == seat(below, stranger) == (["decide"], ["sponsor"])
    assert member(elsewhere, stranger) is None
    assert Membership.objects.filter(standing=role, team=False, decide_since__isnull=False).count() == 2


def test_it_is_journalled_and_the_person_is_told(group: Portfolio, start: Start, give: Give, stranger: User) -> None:
    start("GRP", group)

    role = give(group, stranger, "decide", functions=["sponsor"])

    assert (last().verb, last().object) == ("standing.given", f"standingrole:{role.pk}")
    assert last().data["memberships"] == {"added": 1, "changed": 0, "removed": 0}
    assert Notice.objects.filter(recipient_id=stranger.pk, reason="standing").count() == 1


def test_a_project_that_starts_in_a_portfolio_has_its_standing_members(
    retail: Portfolio, group: Portfolio, start: Start, give: Give, stranger: User
) -> None:
    give(group, stranger, "contribute", functions=["data_lead"])

    assert seat(start("NEW", retail), stranger) == (["contribute"], ["data_lead"])


def test_a_change_of_the_role_reaches_every_project_and_keeps_what_stays(
    group: Portfolio, start: Start, give: Give, stranger: User, now: datetime
) -> None:
    project = start("GRP", group)
    role = give(group, stranger, "decide", functions=["sponsor", "risk_officer"])
    kept = member(project, stranger).functions.get(role="sponsor").pk  # type: ignore[union-attr]

    services.change_standing_role(
        role=role, actor=SYSTEM, now=now, version=1, access=["decide", "contribute"], functions=["sponsor"]
    )

    assert seat(project, stranger) == (["contribute", "decide"], ["sponsor"])
    assert member(project, stranger).functions.get().pk == kept  # type: ignore[union-attr]
    assert member(project, stranger).version == 2  # type: ignore[union-attr]
    assert last().data["after"]["functions"] == ["sponsor"]


def test_a_change_from_a_version_that_is_past_is_refused(
    group: Portfolio, give: Give, stranger: User, now: datetime
) -> None:
    role = give(group, stranger)

    with pytest.raises(VersionMismatch):
        services.change_standing_role(role=role, actor=SYSTEM, now=now, version=2, access=["view"])


def test_a_role_that_is_taken_takes_its_memberships_along(
    group: Portfolio, retail: Portfolio, start: Start, give: Give, stranger: User, now: datetime
) -> None:
    project = start("RET", retail)
    give(group, stranger, "view")
    near = give(retail, stranger, "decide")
    assert seat(project, stranger) == (["decide"], [])

    services.take_standing_role(role=near, actor=SYSTEM, now=now, version=1)

    assert seat(project, stranger) == (["view"], [])
    services.take_standing_role(role=StandingRole.objects.get(), actor=SYSTEM, now=now, version=1)
    assert member(project, stranger) is None


def test_the_nearest_portfolio_wins(
    group: Portfolio, retail: Portfolio, start: Start, give: Give, stranger: User
) -> None:
    project, above = start("RET", retail), start("GRP", group)
    give(retail, stranger, "decide")

    give(group, stranger, "view")

    assert seat(project, stranger) == (["decide"], [])
    assert seat(above, stranger) == (["view"], [])


def test_a_membership_of_the_projects_own_is_not_touched(
    group: Portfolio, start: Start, give: Give, stranger: User, now: datetime
) -> None:
    project = start("GRP", group)
    services.add_member(project=project, actor=SYSTEM, now=now, username=stranger.username, access=["view"])

    role = give(group, stranger, "decide")
    services.take_standing_role(role=role, actor=SYSTEM, now=now, version=1)

    assert seat(project, stranger) == (["view"], [])


def test_nobody_stands_twice_on_one_portfolio(group: Portfolio, give: Give, stranger: User) -> None:
    give(group, stranger)

    with pytest.raises(errors.AlreadyStanding):
        give(group, stranger)


@pytest.mark.parametrize("wrong", [{"functions": ["nonsense"]}, {"access": ["everything"]}, {"username": "nobody"}])
def test_what_nobody_knows_is_refused(group: Portfolio, stranger: User, now: datetime, wrong: dict[str, Any]) -> None:
    given: dict[str, Any] = {"username": stranger.username, "access": ["view"], **wrong}

    with pytest.raises(ValidationFailed):
        services.give_standing_role(portfolio=group, actor=SYSTEM, now=now, **given)


# --- projects move


def test_a_project_that_moves_leaves_the_old_roles_and_finds_the_new(
    group: Portfolio, start: Start, give: Give, stranger: User, owner: User, now: datetime
) -> None:
    other = services.ensure_portfolio(actor=SYSTEM, now=now, name="Other")
    project = start("MOV", group)
    give(group, stranger, "decide")
    give(other, owner, "contribute")

    services.update_project(project=project, actor=SYSTEM, now=now, version=1, portfolio=other)

    assert member(project, stranger) is None
    assert seat(project, owner) == (["contribute"], [])


# --- the project decides otherwise


def test_an_edited_membership_is_the_projects_own_until_it_inherits_again(
    group: Portfolio, start: Start, give: Give, stranger: User, now: datetime
) -> None:
    project = start("GRP", group)
    role = give(group, stranger, "decide", functions=["sponsor"])
    inherited = Membership.objects.get(project=project, user=stranger)
    services.update_member(member=inherited, actor=SYSTEM, now=now, version=1, access=["view"])
    services.change_standing_role(role=role, actor=SYSTEM, now=now, version=1, functions=["risk_officer"])
    assert seat(project, stranger) == (["view"], ["sponsor"])

    services.inherit_member(project=project, username=stranger.username, actor=SYSTEM, now=now)

    assert seat(project, stranger) == (["decide"], ["risk_officer"])
    assert (last().verb, last().project_id) == ("member.inherited", project.pk)


def test_who_is_taken_out_stays_out_until_they_inherit_again(
    group: Portfolio, retail: Portfolio, start: Start, give: Give, stranger: User, now: datetime
) -> None:
    project = start("RET", retail)
    role = give(group, stranger, "decide")
    inherited = Membership.objects.get(project=project, user=stranger)
    services.remove_member(member=inherited, actor=SYSTEM, now=now, version=1)

    services.change_standing_role(role=role, actor=SYSTEM, now=now, version=1, access=["view"])

    assert member(project, stranger) is None
    assert StandingException.objects.get().project == project
    services.inherit_member(project=project, username=stranger.username, actor=SYSTEM, now=now)
    assert seat(project, stranger) == (["view"], [])
    assert not StandingException.objects.exists()


def test_there_must_be_something_to_inherit(project: Project, stranger: User, now: datetime) -> None:
    with pytest.raises(errors.NothingToInherit):
        services.inherit_member(project=project, username=stranger.username, actor=SYSTEM, now=now)


# --- the last owner


@pytest.fixture
def owned(group: Portfolio, start: Start, give: Give, stranger: User, now: datetime) -> tuple[Project, StandingRole]:
    """A project whose only owner is so by a standing role."""
    project = start("OWN", group)
    role = give(group, stranger, "owner")
    own = Membership.objects.get(project=project, standing=None)
    services.remove_member(member=own, actor=SYSTEM, now=now, version=own.version)
    return project, role


def test_the_last_owner_is_not_lost_with_a_standing_role(
    owned: tuple[Project, StandingRole], stranger: User, now: datetime
) -> None:
    project, role = owned

    with pytest.raises(errors.LastOwner) as taken:
        services.take_standing_role(role=role, actor=SYSTEM, now=now, version=1)
    with pytest.raises(errors.LastOwner):
        services.change_standing_role(role=role, actor=SYSTEM, now=now, version=1, access=["view"])
    with pytest.raises(errors.LastOwner):
        services.update_project(project=project, actor=SYSTEM, now=now, version=1, portfolio=None)

    assert taken.value.extra["projects"] == ["OWN"]
    assert seat(project, stranger) == (["owner"], [])


# --- who may


def test_managers_give_roles_on_theirs_and_below_and_nowhere_else(
    group: Portfolio, retail: Portfolio, give: Give, owner: User, stranger: User, now: datetime
) -> None:
    services.add_portfolio_manager(portfolio=retail, user=owner, actor=SYSTEM, now=now)
    below = services.ensure_portfolio(actor=SYSTEM, now=now, name="Shops", parent=retail)

    give(below, stranger, by=Actor.for_user(owner))

    with pytest.raises(PermissionDenied):
        give(group, stranger, by=Actor.for_user(owner))


def test_admins_give_them_and_others_and_tokens_do_not(
    group: Portfolio, give: Give, admin: User, owner: User, stranger: User
) -> None:
    with pytest.raises(PermissionDenied):
        give(group, stranger, by=Actor.for_user(owner))
    with pytest.raises(HumanSessionRequired):
        give(group, stranger, by=Actor(admin, None, "token", None, "test"))

    assert give(group, stranger, by=Actor.for_user(admin)).access == ["decide"]


# --- sixty projects


@pytest.fixture
def five(group: Portfolio, give: Give, make_user: MakeUser) -> list[User]:
    people = [make_user(name) for name in FIVE]
    for user, functions in zip(people, FIVE.values(), strict=True):
        give(group, user, "decide", functions=functions)
    return people


@pytest.mark.usefixtures("five")
def test_five_assignments_are_the_voters_of_sixty_projects(
    make_project: Start, retail: Portfolio, owner: User, now: datetime
) -> None:
    found = [make_project(f"P{number:02}", creator=owner, portfolio=retail) for number in range(60)]

    assert StandingRole.objects.count() == 5
    assert Membership.objects.filter(project__in=found, standing__isnull=False).count() == 300
    for project in found:
        members = members_of(project)
        stage = Stage.objects.with_process().filter(process__project=project, state="active").get()
        answer = readiness(stage, today=now.date())
        gate = lacking(sitting_ahead(stage, answer, members, asked_by=owner.pk, now=now))
        assert not gate, f"{project} {stage.key}: {gate}"


@pytest.mark.usefixtures("five")
def test_each_of_the_eight_gates_finds_its_voters(
    make_project: Start, retail: Portfolio, owner: User, now: datetime
) -> None:
    project = make_project("ALL", creator=owner, portfolio=retail)
    members = members_of(project)

    lacked = {}
    for stage in Stage.objects.with_process().filter(process__project=project):
        answer = readiness(stage, today=now.date())
        lacked[stage.key] = lacking(sitting_ahead(stage, answer, members, asked_by=owner.pk, now=now))

    assert len(lacked) == 8
    assert not {key: gate for key, gate in lacked.items() if gate}


def statements(act: Callable[[], Any]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        act()
    return len(seen)


def test_the_statements_are_as_many_for_six_projects_as_for_sixty(
    group: Portfolio, start: Start, give: Give, make_user: MakeUser, now: datetime
) -> None:
    def life_of_a_role(name: str) -> list[int]:
        user = make_user(name)
        change = {"access": ["owner"], "functions": ["risk_officer"]}
        steps: list[Callable[[], Any]] = [
            lambda: give(group, user, functions=["sponsor"]),
            lambda: services.change_standing_role(role=role(), actor=SYSTEM, now=now, version=1, **change),
            lambda: services.take_standing_role(role=role(), actor=SYSTEM, now=now, version=2),
        ]
        role = StandingRole.objects.get
        return [statements(step) for step in steps]

    for number in range(6):
        start(f"N{number:02}", group)
    few = life_of_a_role("few")
    for number in range(6, 60):
        start(f"N{number:02}", group)

    assert life_of_a_role("many") == few


# --- page and API


def test_the_api_tells_where_a_membership_comes_from_and_lets_it_be_inherited_again(
    group: Portfolio, start: Start, give: Give, stranger: User, owner: User, api: Callable[..., Any], now: datetime
) -> None:
    project = start("GRP", group)
    services.add_member(project=project, actor=SYSTEM, now=now, username=owner.username, access=["owner"])
    give(group, stranger, "decide")
    url = f"/api/v1/projects/GRP/members/{stranger.username}/"
    browser = api(owner)
    assert browser.get(url).json()["inherited_from"] == {"id": group.pk, "name": "Group"}

    changed = browser.patch(url, {"version": 1, "access": ["view"]}, format="json")
    again = browser.post(f"{url}inherit/", {}, format="json")

    assert (changed.status_code, changed.json()["inherited_from"]) == (200, None)
    assert (again.status_code, again.json()["access"]) == (200, ["decide"])
    assert browser.post("/api/v1/projects/GRP/members/nobody/inherit/", {}, format="json").status_code == 409


def test_the_settings_page_says_so_and_has_the_button(
    group: Portfolio, start: Start, give: Give, stranger: User, owner: User, browse: Callable[..., Any], now: datetime
) -> None:
    project = start("GRP", group)
    services.add_member(project=project, actor=SYSTEM, now=now, username=owner.username, access=["owner"])
    give(group, stranger, "decide")
    page, url = browse(owner), "/projects/GRP/settings/"
    assert "from Group" in page.get(url).content.decode()

    page.post(f"{url}members/{Membership.objects.get(user=stranger).pk}/remove/", {"version": 1})

    assert "stands on Group, taken out here" in page.get(url).content.decode()
    assert page.post(f"{url}members/inherit/{stranger.username}/").status_code == 302
    assert seat(project, stranger) == (["decide"], [])
