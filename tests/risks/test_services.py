"""The register and who may take which risk."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.actor import Actor
from accounts.models import User
from common.errors import PermissionDenied, ValidationFailed, VersionMismatch
from journal.models import Entry, Notice
from projects.errors import ProjectArchived
from projects.models import Project
from projects.selectors import entry_text
from projects.services import archive_project
from risks import services
from risks.errors import AcceptanceAlreadySigned, RiskClosed
from risks.models import Acceptance, Risk, level_of
from tests.fixtures.people import AddMember
from tests.fixtures.rooms import MakeRisk

pytestmark = pytest.mark.core
Accept = Callable[..., Acceptance]


@pytest.fixture
def accept(now: datetime) -> Accept:
    def accept_(risk: Risk, person: User, plan: str = "watch it", **fields: object) -> Acceptance:
        actor = Actor.for_user(person)
        return services.accept_risk(**{"risk": risk, "actor": actor, "plan": plan, "now": now, **fields})  # type: ignore[arg-type]

    return accept_


@pytest.fixture
def risk_officer(project: Project, add_member: AddMember) -> User:
    return add_member(project, "risk-officer", ["contribute", "decide"], ["risk_officer"]).user


@pytest.mark.parametrize(
    ("score", "level"), [(1, "low"), (4, "low"), (5, "medium"), (9, "medium"), (10, "high"), (16, "critical")]
)
def test_levels_follow_the_library(score: int, level: str) -> None:
    assert level_of(score) == level


def test_a_risk_starts_as_it_would_be_without_controls(
    project: Project, contributor: User, owner: User, make_risk: MakeRisk
) -> None:
    risk = make_risk(project, contributor, 4, 5, owner=owner)

    assert risk.current == risk.inherent == {"likelihood": 4, "impact": 5, "score": 20, "level": "critical"}
    assert risk.residual is None
    assert Entry.objects.newest_first()[0].verb == "risk.created"
    assert Notice.objects.get(kind="risk.created").recipient_id == owner.pk


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"likelihood": 6}, "/inherent/likelihood"),
        ({"impact": 0}, "/inherent/impact"),
        ({"category": "weather"}, "/category"),
        ({"treatment": "pray"}, "/treatment"),
        ({"library": "no_such_risk"}, "/library"),
        ({"residual": {"likelihood": 2}}, "/residual"),
    ],
)
def test_a_risk_that_makes_no_sense_is_refused(
    project: Project, contributor: User, make_risk: MakeRisk, fields: dict[str, object], pointer: str
) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        make_risk(project, contributor, **fields)

    assert refusal.value.errors[0].pointer == pointer


def test_the_owner_is_a_member(project: Project, contributor: User, stranger: User, make_risk: MakeRisk) -> None:
    with pytest.raises(ValidationFailed):
        make_risk(project, contributor, owner=stranger)


def test_a_viewer_writes_no_risks(project: Project, viewer: User, make_risk: MakeRisk) -> None:
    with pytest.raises(PermissionDenied):
        make_risk(project, viewer)


def test_scoring_again_keeps_the_old_score_in_the_journal(
    project: Project, contributor: User, make_risk: MakeRisk, now: datetime
) -> None:
    risk = make_risk(project, contributor, 4, 5)
    later = now + timedelta(days=3)

    services.update_risk(
        risk=risk,
        actor=Actor.for_user(contributor),
        version=1,
        now=later,
        current={"likelihood": 2, "impact": 5},
    )

    entry = Entry.objects.newest_first()[0]
    assert (risk.current["score"], risk.scored_at, risk.version) == (10, later, 2)
    assert (entry.data["before"]["current"]["score"], entry.data["after"]["current"]["score"]) == (20, 10)
    assert "title" not in entry.data["after"]


def test_other_changes_are_no_scoring(project: Project, contributor: User, make_risk: MakeRisk, now: datetime) -> None:
    risk = make_risk(project, contributor)

    services.update_risk(
        risk=risk, actor=Actor.for_user(contributor), version=1, now=now + timedelta(days=3), title="Drift of inputs"
    )

    assert (risk.title, risk.scored_at) == ("Drift of inputs", now)


def test_of_two_editors_the_slower_one_is_told(
    project: Project, contributor: User, make_risk: MakeRisk, now: datetime
) -> None:
    risk, actor = make_risk(project, contributor), Actor.for_user(contributor)
    services.update_risk(risk=risk, actor=actor, version=1, now=now, title="First")

    with pytest.raises(VersionMismatch):
        services.update_risk(risk=risk, actor=actor, version=1, now=now, title="Second")


@pytest.mark.parametrize(
    ("change", "verb"),
    [
        ({"title": "Drift of prices"}, "risk.updated"),
        ({"residual": {"likelihood": 1, "impact": 1}}, "risk.updated"),
        ({"current": {"likelihood": 5, "impact": 5}, "title": "Drift of prices"}, "risk.rescored"),
        ({"current": {"likelihood": 2, "impact": 3}}, "risk.rescored"),
        ({"state": "closed", "current": {"likelihood": 1, "impact": 1}}, "risk.closed"),
    ],
)
def test_the_journal_says_what_changed_of_which_risk(
    change: dict[str, object], verb: str, project: Project, contributor: User, make_risk: MakeRisk, now: datetime
) -> None:
    risk = make_risk(project, contributor)

    services.update_risk(risk=risk, actor=Actor.for_user(contributor), version=1, now=now, **change)  # type: ignore[arg-type]

    entry = Entry.objects.newest_first()[0]
    assert (entry.verb, entry.data["title"]) == (verb, risk.title)
    assert entry_text(entry, {}).endswith(f": {risk.title}")


def test_a_risk_is_closed_and_opened_again(
    project: Project, contributor: User, make_risk: MakeRisk, now: datetime
) -> None:
    risk, actor = make_risk(project, contributor), Actor.for_user(contributor)

    services.close_risk(risk=risk, actor=actor, version=1, now=now)
    assert (risk.state, risk.closed_at) == ("closed", now)

    services.update_risk(risk=risk, actor=actor, version=2, now=now, state="open")
    assert (risk.state, risk.closed_at) == ("open", None)
    assert Entry.objects.newest_first()[0].verb == "risk.reopened"


def test_a_medium_risk_is_accepted_by_any_decider(
    project: Project, contributor: User, add_member: AddMember, make_risk: MakeRisk, accept: Accept, now: datetime
) -> None:
    decider = add_member(project, "decider", ["decide"]).user

    row = accept(make_risk(project, contributor, 3, 3), decider)

    assert (row.complete, row.accepted_as, row.score) == (True, "decider", 9)
    assert row.until == now.date() + timedelta(days=365)
    assert Entry.objects.newest_first()[0].verb == "risk.accepted"


def test_a_high_risk_takes_risk_officer_or_sponsor(
    project: Project,
    contributor: User,
    risk_officer: User,
    gatekeeper: User,
    add_member: AddMember,
    make_risk: MakeRisk,
    accept: Accept,
) -> None:
    risk = make_risk(project, contributor, 3, 4)
    decider = add_member(project, "decider", ["decide"], ["ops_lead"]).user

    with pytest.raises(PermissionDenied) as refusal:
        accept(risk, decider)

    assert "Risk officer" in str(refusal.value)
    assert refusal.value.extra["missing"] == ["risk_officer", "sponsor"]
    assert accept(risk, risk_officer).accepted_as == "risk_officer"
    assert accept(risk, gatekeeper).accepted_as == "sponsor"


def test_a_risk_officer_without_the_right_to_decide_accepts_nothing(
    project: Project, contributor: User, add_member: AddMember, make_risk: MakeRisk, accept: Accept
) -> None:
    adviser = add_member(project, "adviser", ["contribute"], ["risk_officer"]).user

    with pytest.raises(PermissionDenied):
        accept(make_risk(project, contributor, 3, 4), adviser)


def test_a_critical_risk_takes_both(
    project: Project,
    contributor: User,
    risk_officer: User,
    gatekeeper: User,
    make_risk: MakeRisk,
    accept: Accept,
    now: datetime,
) -> None:
    risk = make_risk(project, contributor, 4, 5)

    first = accept(risk, risk_officer)
    assert not first.complete
    assert not Risk.objects.with_acceptance(now.date()).get().accepted  # type: ignore[attr-defined] # annotated
    asked = Notice.objects.filter(kind="risk.acceptance_signed").values_list("recipient_id", "reason")
    assert list(asked) == [(gatekeeper.pk, "signature")]
    with pytest.raises(AcceptanceAlreadySigned):
        accept(risk, risk_officer)

    second = accept(risk, gatekeeper, until=now.date() + timedelta(days=30))
    assert (second.pk, second.complete, second.second_as) == (first.pk, True, "sponsor")
    assert second.until == now.date() + timedelta(days=30)
    assert Risk.objects.with_acceptance(now.date()).get().accepted  # type: ignore[attr-defined] # annotated


def test_two_of_the_same_role_do_not_make_both(
    project: Project,
    contributor: User,
    risk_officer: User,
    add_member: AddMember,
    make_risk: MakeRisk,
    accept: Accept,
) -> None:
    risk = make_risk(project, contributor, 4, 5)
    twin = add_member(project, "twin", ["decide"], ["risk_officer"]).user
    accept(risk, risk_officer)

    with pytest.raises(PermissionDenied):
        accept(risk, twin)


def test_one_person_with_both_roles_is_still_one(
    project: Project, contributor: User, add_member: AddMember, make_risk: MakeRisk, accept: Accept
) -> None:
    risk = make_risk(project, contributor, 4, 5)
    both = add_member(project, "both", ["decide"], ["risk_officer", "sponsor"]).user
    accept(risk, both)

    with pytest.raises(AcceptanceAlreadySigned):
        accept(risk, both)


def test_the_portfolio_manager_accepts_a_critical_risk_alone(
    project: Project, contributor: User, portfolio_manager: User, make_risk: MakeRisk, accept: Accept
) -> None:
    risk = make_risk(project, contributor, 4, 5)

    assert accept(risk, portfolio_manager).complete


def test_the_portfolio_manager_accepts_no_high_risk_without_the_role(
    project: Project,
    contributor: User,
    portfolio_manager: User,
    add_member: AddMember,
    make_risk: MakeRisk,
    accept: Accept,
) -> None:
    risk, actor = make_risk(project, contributor, 3, 4), Actor.for_user(portfolio_manager)
    assert not services.can_accept(risk=risk, actor=actor)

    with pytest.raises(PermissionDenied) as refusal:
        accept(risk, portfolio_manager)

    assert str(refusal.value) == "A high risk is accepted by one of these: Risk officer, Sponsor."
    add_member(project, portfolio_manager, ["decide"], ["sponsor"])
    assert services.can_accept(risk=risk, actor=actor)
    assert accept(risk, portfolio_manager).accepted_as == "sponsor"


def test_an_acceptance_covers_no_higher_score(
    project: Project, contributor: User, risk_officer: User, make_risk: MakeRisk, accept: Accept, now: datetime
) -> None:
    risk = make_risk(project, contributor, 3, 4)
    accept(risk, risk_officer)

    services.update_risk(
        risk=risk, actor=Actor.for_user(contributor), version=1, now=now, current={"likelihood": 3, "impact": 5}
    )

    assert not Risk.objects.with_acceptance(now.date()).get().accepted  # type: ignore[attr-defined] # annotated


def test_an_acceptance_lapses(
    project: Project, contributor: User, risk_officer: User, make_risk: MakeRisk, accept: Accept, now: datetime
) -> None:
    accept(make_risk(project, contributor, 3, 4), risk_officer, until=now.date())

    tomorrow = now.date() + timedelta(days=1)
    assert Risk.objects.with_acceptance(now.date()).get().accepted  # type: ignore[attr-defined] # annotated
    assert not Risk.objects.with_acceptance(tomorrow).get().accepted  # type: ignore[attr-defined] # annotated


def test_what_cannot_be_accepted(
    project: Project, contributor: User, risk_officer: User, make_risk: MakeRisk, accept: Accept, now: datetime
) -> None:
    risk = make_risk(project, contributor)

    with pytest.raises(ValidationFailed):
        accept(risk, risk_officer, plan=" ")
    with pytest.raises(ValidationFailed):
        accept(risk, risk_officer, until=date(2026, 3, 1))
    services.close_risk(risk=risk, actor=Actor.for_user(contributor), version=1, now=now)
    with pytest.raises(RiskClosed):
        accept(risk, risk_officer)


def test_the_treatment_plan_serves_as_plan(
    project: Project, contributor: User, risk_officer: User, make_risk: MakeRisk, accept: Accept
) -> None:
    risk = make_risk(project, contributor, treatment="reduce", treatment_plan="retrain monthly")

    assert accept(risk, risk_officer, plan="").plan == "retrain monthly"


def test_words_of_the_library_are_read_in_ones_own_language(
    project: Project, contributor: User, make_risk: MakeRisk
) -> None:
    risk = make_risk(project, contributor, title="Algorithm failure", library="algorithm_failure")

    with translation.override("zh-hans"):
        assert risk.display_title == "算法失效"


def test_nothing_moves_in_the_register_of_an_archived_project(
    project: Project, owner: User, gatekeeper: User, make_risk: MakeRisk, accept: Accept, now: datetime
) -> None:
    risk, actor = make_risk(project, owner), Actor.for_user(owner)
    archive_project(project=project, actor=actor, now=now)

    with pytest.raises(ProjectArchived):
        make_risk(project, owner)
    with pytest.raises(ProjectArchived):
        services.update_risk(risk=risk, actor=actor, version=1, now=now, title="Another")
    with pytest.raises(ProjectArchived):
        services.close_risk(risk=risk, actor=actor, version=1, now=now)
    with pytest.raises(ProjectArchived):
        accept(risk, gatekeeper)
    assert Entry.objects.newest_first()[0].verb == "project.archived"


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer, and no row locks")
def test_a_risk_moves_under_its_projects_lock(
    project: Project, contributor: User, make_risk: MakeRisk, now: datetime
) -> None:
    risk, actor = make_risk(project, contributor), Actor.for_user(contributor)

    with CaptureQueriesContext(connection) as queries:
        services.update_risk(risk=risk, actor=actor, version=1, now=now, title="Another")

    locks = [query["sql"] for query in queries if "FOR UPDATE" in query["sql"]]
    assert 'FROM "projects_project"' in locks[0]
