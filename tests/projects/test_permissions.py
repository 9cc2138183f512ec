"""The matrix of rights, written out by hand from its document and asked of real people."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import ApiToken, User
from common.errors import HumanSessionRequired, PermissionDenied
from projects import permissions
from projects.models import Membership, Portfolio, PortfolioManager, Project
from projects.permissions import Action, Standing, may, require, rights, roles_of, standing

pytestmark = [pytest.mark.django_db, pytest.mark.core]

# Row by row who may, in the document's order of columns.
ALL = {"admin", "portfolio_manager", "auditor", "owner", "contributor", "gatekeeper", "viewer", "stranger"}
MEMBERS = {"owner", "contributor", "gatekeeper"}
EXPECTED: dict[Action, set[str]] = {
    Action.SEE_PROJECT: ALL,
    Action.SEE_CONFIDENTIAL: {"portfolio_manager", "auditor", *MEMBERS},
    Action.CREATE_PROJECT: ALL - {"auditor"},
    Action.EDIT_PROJECT: {"owner"},
    Action.CHANGE_STATE: {"portfolio_manager", "owner"},
    Action.DELETE_PROJECT: {"admin", "owner"},
    Action.MANAGE_MEMBERS: {"portfolio_manager", "owner"},
    Action.BREAK_GLASS: {"admin"},
    Action.LEGAL_HOLD: {"portfolio_manager", "auditor"},
    Action.CONFIRM_INTAKE: {"portfolio_manager"},
    Action.OVERRIDE_LIMIT: {"portfolio_manager", "owner"},
    Action.WORK: MEMBERS,
    Action.COMMENT: ALL - {"admin", "stranger"},
    Action.WITHDRAW_EVIDENCE: {"owner"},
    Action.REQUEST_REVIEW: {"owner", "contributor"},
    Action.OPEN_EXTRAORDINARY: {"portfolio_manager", "owner", "gatekeeper"},
    Action.VOTE: {"gatekeeper"},
    Action.SIGN: MEMBERS,
    Action.WAIVE: {"gatekeeper"},
    Action.REOPEN: {"portfolio_manager"},
    Action.ACCEPT_RISK: {"portfolio_manager", "gatekeeper"},
    Action.ACKNOWLEDGE_ALERT: {"portfolio_manager", *MEMBERS},
    Action.SNOOZE: ALL,
    Action.MANAGE_WEBHOOKS: {"owner"},
    Action.MANAGE_TOKENS: set(),
    Action.EXPORT: {"portfolio_manager", "auditor", *MEMBERS},
    Action.SEE_PORTFOLIO: ALL,
    Action.EDIT_TEMPLATES: {"admin", "portfolio_manager"},
    Action.READ_LIBRARY: ALL,
    Action.ADMINISTER: {"admin"},
    Action.READ_INSTANCE_JOURNAL: {"admin", "auditor"},
    Action.READ_PROJECT_JOURNAL: {"portfolio_manager", "auditor", "owner", "gatekeeper"},
    Action.VERIFY_JOURNAL: {"admin", "auditor"},
    Action.OPERATE: set(),
}
# Asked of the instance, not of a project: membership says nothing there.
INSTANCE = {
    Action.CREATE_PROJECT,
    Action.EDIT_TEMPLATES,
    Action.READ_LIBRARY,
    Action.ADMINISTER,
    Action.READ_INSTANCE_JOURNAL,
    Action.VERIFY_JOURNAL,
    Action.SEE_PORTFOLIO,
    Action.SNOOZE,
    Action.OPERATE,
}


@pytest.fixture
def person(request: pytest.FixtureRequest, project: Project) -> tuple[str, Actor]:
    return request.param, Actor.for_user(request.getfixturevalue(request.param))


@pytest.mark.parametrize("person", sorted(ALL), indirect=True)
def test_the_matrix_holds_for_every_kind_of_person(person: tuple[str, Actor], project: Project) -> None:
    name, actor = person

    allowed = {action for action in Action if may(actor, action, None if action in INSTANCE else project)}

    assert allowed == {action for action, people in EXPECTED.items() if name in people}


@pytest.mark.parametrize("person", sorted(ALL), indirect=True)
def test_all_rights_at_once_agree_with_each_alone(person: tuple[str, Actor], project: Project) -> None:
    actor = person[1]

    assert rights(actor, project) == {action for action in Action if may(actor, action, project)}


def test_every_row_has_a_mark_for_every_column_and_words_for_its_refusal() -> None:
    assert [row[0] for row in permissions.ROWS] == list(Action)
    assert all(set(row) == set(Standing) for row in permissions.MATRIX.values())
    assert set(permissions.WORDS) == set(Action)


@pytest.mark.parametrize("action", Action)
def test_a_stranger_may_nothing_in_a_private_project(action: Action, project: Project, stranger: User) -> None:
    project.visibility = "private"

    assert not may(Actor.for_user(stranger), action, project)


@pytest.mark.parametrize("action", Action)
def test_nobody_may_nothing_and_the_system_everything(action: Action, project: Project) -> None:
    assert not may(Actor.anonymous(), action, project)
    assert may(Actor.system(), action, project)


@pytest.mark.parametrize("action", Action)
def test_a_deactivated_person_loses_all_at_once(action: Action, project: Project, owner: User) -> None:
    owner.is_active = False

    assert not may(Actor.for_user(owner), action, project)


def test_access_adds_up(project: Project, add_member: Callable[..., Membership]) -> None:
    both = Actor.for_user(add_member(project, "both", ["owner", "decide"]).user)

    assert may(both, Action.MANAGE_MEMBERS, project)
    assert may(both, Action.VOTE, project)


def test_an_instance_role_and_access_add_up(
    project: Project, auditor: User, add_member: Callable[..., Membership]
) -> None:
    add_member(project, auditor, ["contribute"])

    actor = Actor.for_user(auditor)

    assert may(actor, Action.WORK, project)
    assert may(actor, Action.LEGAL_HOLD, project)


def test_only_counsel_or_the_risk_officer_among_those_who_decide_confirms_an_intake(
    project: Project, add_member: Callable[..., Membership], gatekeeper: User
) -> None:
    counsel = add_member(project, "counsel", ["decide"], ["legal_counsel"]).user

    assert may(Actor.for_user(counsel), Action.CONFIRM_INTAKE, project)
    assert not may(Actor.for_user(gatekeeper), Action.CONFIRM_INTAKE, project)


def test_what_one_made_oneself_may_be_withdrawn(project: Project, contributor: User, viewer: User) -> None:
    assert may(Actor.for_user(contributor), Action.WITHDRAW_EVIDENCE, project, mine=True)
    assert not may(Actor.for_user(contributor), Action.WITHDRAW_EVIDENCE, project)
    assert not may(Actor.for_user(viewer), Action.WITHDRAW_EVIDENCE, project, mine=True)


def test_members_may_be_kept_from_creating_projects(settings: Any, stranger: User, admin: User) -> None:
    settings.MEMBERS_MAY_CREATE = False

    assert not may(Actor.for_user(stranger), Action.CREATE_PROJECT)
    assert may(Actor.for_user(admin), Action.CREATE_PROJECT)


def test_a_manager_of_another_portfolio_is_a_stranger(project: Project, make_user: Callable[..., User]) -> None:
    elsewhere = Portfolio.objects.create(name="Elsewhere", path="/77/")
    person = make_user("elsewhere")
    PortfolioManager.objects.create(portfolio=elsewhere, user=person)

    assert standing(Actor.for_user(person), project) == {Standing.SIGNED_IN}


def test_a_token_of_one_project_speaks_for_no_other(
    project: Project, owner: User, token_actor: Callable[..., Actor], make_project: Callable[..., Project]
) -> None:
    other = make_project("OTHER", creator=owner)

    actor = token_actor(owner, project)

    assert may(actor, Action.WORK, project)
    assert not may(actor, Action.WORK, other)
    assert not may(actor, Action.CREATE_PROJECT)


def test_no_token_votes_or_manages_members(
    project: Project, owner: User, gatekeeper: User, token_actor: Callable[..., Actor]
) -> None:
    assert not may(token_actor(gatekeeper, None), Action.VOTE, project)
    with pytest.raises(HumanSessionRequired):
        require(token_actor(owner, None), Action.MANAGE_MEMBERS, project)


def test_a_refusal_names_the_missing_right(project: Project, viewer: User) -> None:
    with pytest.raises(PermissionDenied) as refusal:
        require(Actor.for_user(viewer), Action.MANAGE_MEMBERS, project)

    assert refusal.value.detail == "You lack the right to manage members in RECO."
    assert refusal.value.extra == {"missing": "manage_members"}


def test_functional_roles_are_read_by_project(project: Project, gatekeeper: User, stranger: User) -> None:
    assert roles_of(gatekeeper, project) == {"sponsor"}
    assert roles_of(stranger, project) == set()


def test_a_question_about_rights_costs_two_queries_at_most(project: Project, portfolio_manager: User) -> None:
    actor = Actor.for_user(portfolio_manager)

    with CaptureQueriesContext(connection) as queries:
        rights(actor, project)

    assert len(queries) <= 2


@pytest.fixture
def token_actor() -> Callable[..., Actor]:
    def make(user: User, project: Project | None) -> Actor:
        token = ApiToken(user=user, scopes=["projects:read"], project_id=project.pk if project else None)
        return Actor(user, token, "token", None, "test")

    return make
