"""What belongs to a project moves by its rules, and the journal tells it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from accounts.actor import Actor
from accounts.models import User
from common.errors import PermissionDenied, ValidationFailed, VersionMismatch
from journal.models import Entry, Notice
from projects import errors, services
from projects.models import FunctionalRole, HoldPeriod, Membership, Portfolio, Project, ProjectTag

pytestmark = [pytest.mark.django_db, pytest.mark.core]
AddMember = Callable[..., Membership]


def last() -> Entry:
    return Entry.objects.newest_first()[0]


# --- projects


def test_the_creator_becomes_owner(stranger: User, now: datetime) -> None:
    project = services.register_project(
        actor=Actor.for_user(stranger), now=now, key="IDEA", name="Idea", objective="See whether it helps"
    )

    assert [member.access for member in project.memberships.all()] == [["owner"]]
    assert (project.state, project.visibility) == ("active", "internal")


def test_a_key_is_given_once(project: Project, owner: User, now: datetime) -> None:
    with pytest.raises(errors.KeyTaken):
        services.register_project(actor=Actor.for_user(owner), now=now, key="RECO", name="Again", objective="Again")


def test_a_project_does_not_end_before_it_starts(project: Project, owner: User, now: datetime) -> None:
    dates = {"starts_on": date(2026, 5, 1), "target_on": date(2026, 4, 1)}

    with pytest.raises(ValidationFailed) as refusal:
        services.update_project(project=project, actor=Actor.for_user(owner), now=now, version=project.version, **dates)

    assert [error.code for error in refusal.value.errors] == ["end_before_start"]


def test_an_update_tells_what_changed(project: Project, owner: User, now: datetime) -> None:
    updated = services.update_project(
        project=project, actor=Actor.for_user(owner), now=now, version=project.version, name="New", currency="EUR"
    )

    assert updated.version == project.version + 1
    assert last().data == {"before": {"name": "Project RECO"}, "after": {"name": "New"}}


def test_a_renamed_project_loses_the_old_names_translation(project: Project, owner: User, now: datetime) -> None:
    old = {"zh": {"name": "旧名", "objective": "目标"}, "fr": {"name": "Ancien"}}
    Project.objects.filter(pk=project.pk).update(translations=old)

    renamed = services.update_project(
        project=project, actor=Actor.for_user(owner), now=now, version=project.version, name="New"
    )

    assert renamed.translations == {"zh": {"objective": "目标"}}
    with translation.override("zh-hans"):
        assert renamed.display_name == "New"
    assert last().data["before"] == {"name": "Project RECO", "translations": old}
    assert last().data["after"] == {"name": "New", "translations": renamed.translations}


def test_an_update_that_changes_no_text_keeps_translations(project: Project, owner: User, now: datetime) -> None:
    Project.objects.filter(pk=project.pk).update(translations={"zh": {"name": "名"}})
    same = {"name": project.name, "currency": "USD"}

    updated = services.update_project(
        project=project, actor=Actor.for_user(owner), now=now, version=project.version, **same
    )

    assert updated.translations == {"zh": {"name": "名"}}


def test_an_update_that_changes_nothing_writes_nothing(project: Project, owner: User, now: datetime) -> None:
    entries = Entry.objects.count()

    same = services.update_project(
        project=project, actor=Actor.for_user(owner), now=now, version=project.version, name=project.name
    )

    assert same.version == project.version
    assert Entry.objects.count() == entries


def test_a_stale_update_is_refused(project: Project, owner: User, now: datetime) -> None:
    with pytest.raises(VersionMismatch):
        services.update_project(
            project=project, actor=Actor.for_user(owner), now=now, version=project.version + 7, name="New"
        )


def test_tags_are_replaced_and_known(project: Project) -> None:
    services.replace_tags(project=project, tags=["generative", "personal_data"])

    added, removed = services.replace_tags(project=project, tags=["generative", "high_risk"])

    assert (added, removed) == (["high_risk"], ["personal_data"])
    assert set(ProjectTag.objects.filter(project=project).values_list("key", flat=True)) == {"generative", "high_risk"}
    with pytest.raises(ValidationFailed):
        services.replace_tags(project=project, tags=["no_such_tag"])


# --- archive, hold


@pytest.mark.parametrize("state", ["active", "completed", "killed"])
def test_an_archived_project_comes_back_as_it_was(state: str, project: Project, owner: User, now: datetime) -> None:
    Project.objects.filter(pk=project.pk).update(state=state)

    archived = services.archive_project(project=project, actor=Actor.for_user(owner), now=now)
    assert archived.state == "archived"

    assert services.restore_project(project=project, actor=Actor.for_user(owner), now=now).state == state


def test_nothing_moves_in_an_archived_project(project: Project, owner: User, now: datetime) -> None:
    actor = Actor.for_user(owner)
    services.archive_project(project=project, actor=actor, now=now)

    with pytest.raises(errors.ProjectArchived):
        services.log_progress(project=project, actor=actor, now=now, text="On", health="on_track")
    with pytest.raises(errors.ProjectArchived):
        services.archive_project(project=project, actor=actor, now=now)
    assert services.add_comment(project=project, actor=actor, now=now, text="Why did it end?").pk


def test_only_an_archived_project_is_restored(project: Project, owner: User, now: datetime) -> None:
    with pytest.raises(errors.ProjectNotArchived):
        services.restore_project(project=project, actor=Actor.for_user(owner), now=now)


def test_a_legal_hold_is_the_auditors_and_told_to_owners(
    project: Project, owner: User, auditor: User, now: datetime
) -> None:
    held = services.set_legal_hold(
        project=project, actor=Actor.for_user(auditor), now=now, active=True, reason="Inquiry 12"
    )

    assert held.legal_hold
    assert owner.pk in Notice.objects.values_list("recipient_id", flat=True)
    with pytest.raises(PermissionDenied):
        services.set_legal_hold(project=project, actor=Actor.for_user(owner), now=now, active=False, reason="No")


def test_a_hold_begins_once_and_ends(project: Project, owner: User, now: datetime) -> None:
    until = now.date() + timedelta(days=10)

    services.begin_hold(project=project, until=until, reason="Budget", user=owner, now=now)
    with pytest.raises(errors.ProjectNotActive):
        services.begin_hold(project=project, until=until, reason="Again", user=owner, now=now)
    hold = services.end_hold(project=project, now=now + timedelta(days=3))

    assert project.state == "active"
    assert (hold.ended_on, HoldPeriod.objects.running().count()) == (now.date() + timedelta(days=3), 0)
    with pytest.raises(errors.ProjectNotOnHold):
        services.end_hold(project=project, now=now)


def test_a_hold_ends_in_the_future(project: Project, owner: User, now: datetime) -> None:
    with pytest.raises(ValidationFailed):
        services.begin_hold(project=project, until=now.date(), reason="", user=owner, now=now)


# --- members


def test_a_new_member_is_told(project: Project, owner: User, stranger: User, now: datetime) -> None:
    member = services.add_member(
        project=project,
        actor=Actor.for_user(owner),
        now=now,
        username="STRANGER",
        access=["contribute", "decide"],
        functions=["data_lead", "ml_lead"],
        team=False,
    )

    assert (member.access, member.roles, member.team) == (["contribute", "decide"], ["data_lead", "ml_lead"], False)
    assert [(n.kind, n.reason) for n in Notice.objects.of(stranger.pk)] == [("member.added", "member")]


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"username": "nobody-here"}, "/user"),
        ({"access": []}, "/access"),
        ({"access": ["rule"]}, "/access"),
        ({"functions": ["data_lead", "wizard"]}, "/functions/1"),
    ],
)
def test_a_member_is_somebody_with_known_access_and_roles(
    given: dict[str, object], pointer: str, project: Project, owner: User, stranger: User, now: datetime
) -> None:
    wanted = {"username": "stranger", "access": ["view"], **given}

    with pytest.raises(ValidationFailed) as refusal:
        services.add_member(project=project, actor=Actor.for_user(owner), now=now, **wanted)  # type: ignore[arg-type] # wrong on purpose

    assert [error.pointer for error in refusal.value.errors] == [pointer]


def test_nobody_is_a_member_twice(project: Project, owner: User, viewer: User, now: datetime) -> None:
    with pytest.raises(errors.AlreadyMember):
        services.add_member(project=project, actor=Actor.for_user(owner), now=now, username="viewer", access=["decide"])


def test_the_last_owner_stays(project: Project, now: datetime) -> None:
    last_one = Membership.objects.get(project=project, owner=True)
    actor = Actor.for_user(last_one.user)

    with pytest.raises(errors.LastOwner):
        services.update_member(member=last_one, actor=actor, now=now, version=last_one.version, access=["view"])
    with pytest.raises(errors.LastOwner):
        services.remove_member(member=last_one, actor=actor, now=now, version=last_one.version)


def test_an_owner_who_cannot_sign_in_does_not_count(project: Project, owner: User, now: datetime) -> None:
    User.objects.filter(username="founder").update(is_active=False)
    member = Membership.objects.get(project=project, user=owner)

    with pytest.raises(errors.LastOwner):
        services.remove_member(member=member, actor=Actor.for_user(owner), now=now, version=member.version)


def test_a_role_that_stays_keeps_its_day_of_naming(
    project: Project, owner: User, add_member: AddMember, now: datetime
) -> None:
    member = add_member(project, "ann", ["decide"], ["sponsor", "data_lead"])
    later = now + timedelta(days=5)

    services.update_member(
        member=member,
        actor=Actor.for_user(owner),
        now=later,
        version=member.version,
        functions=["sponsor", "risk_officer"],
    )

    roles = FunctionalRole.objects.filter(membership=member)
    assert {role.role: role.since for role in roles} == {"sponsor": now, "risk_officer": later}


def test_who_is_removed_sees_a_private_project_no_more(
    make_project: Callable[..., Project], owner: User, add_member: AddMember, now: datetime
) -> None:
    private = make_project("SECRET", creator=owner, visibility="private")
    member = add_member(private, "ann", ["contribute"])

    services.remove_member(member=member, actor=Actor.for_user(owner), now=now, version=member.version)

    assert not Project.objects.visible_to(Actor.for_user(member.user)).filter(key="SECRET").exists()


# --- log


def test_the_latest_entry_gives_the_health(project: Project, contributor: User, now: datetime) -> None:
    actor = Actor.for_user(contributor)

    services.log_progress(project=project, actor=actor, now=now, text="Labels are late", health="at_risk", percent=30)
    services.log_progress(
        project=project, actor=actor, now=now, text="Before", health="off_track", day=now.date() - timedelta(days=5)
    )

    project.refresh_from_db()
    assert project.health == "at_risk"


def test_owners_hear_when_the_health_turns(project: Project, owner: User, contributor: User, now: datetime) -> None:
    actor = Actor.for_user(contributor)

    services.log_progress(project=project, actor=actor, now=now, text="Fine", health="on_track")
    assert not Notice.objects.of(owner.pk).filter(kind="progress.logged").exists()

    services.log_progress(project=project, actor=actor, now=now, text="Late", health="off_track")
    assert Notice.objects.of(owner.pk).filter(kind="progress.logged").count() == 1


def test_progress_is_of_the_past(project: Project, contributor: User, now: datetime) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        services.log_progress(
            project=project,
            actor=Actor.for_user(contributor),
            now=now,
            text="Soon",
            health="on_track",
            day=now.date() + timedelta(days=2),
        )

    assert refusal.value.errors[0].code == "in_the_future"


def test_a_mentioned_person_is_told_if_they_see_the_project(
    make_project: Callable[..., Project], owner: User, stranger: User, add_member: AddMember, now: datetime
) -> None:
    private = make_project("SECRET", creator=owner, visibility="private")
    friend = add_member(private, "ann", ["view"]).user

    services.add_comment(
        project=private, actor=Actor.for_user(owner), now=now, text="@ann and @stranger. mail x@stranger"
    )

    told = Notice.objects.filter(kind="comment.added").values_list("recipient_id", flat=True)
    assert list(told) == [friend.pk]


def test_only_the_author_edits_a_comment(project: Project, owner: User, contributor: User, now: datetime) -> None:
    comment = services.add_comment(project=project, actor=Actor.for_user(contributor), now=now, text="First")

    with pytest.raises(PermissionDenied):
        services.edit_comment(comment=comment, actor=Actor.for_user(owner), now=now, version=1, text="Mine")
    edited = services.edit_comment(
        comment=comment, actor=Actor.for_user(contributor), now=now, version=1, text="Second"
    )

    assert (edited.text, edited.version) == ("Second", 2)


# --- money


def test_spend_adds_up_and_a_correction_says_why(project: Project, owner: User, now: datetime) -> None:
    actor = Actor.for_user(owner)
    line = services.add_budget_line(project=project, actor=actor, now=now, category="people", planned=Decimal(100))

    services.add_spend(line=line, actor=actor, now=now, amount=Decimal("60.50"))
    services.add_spend(line=line, actor=actor, now=now, amount=Decimal("-10.50"), note="Booked twice")

    assert type(line).objects.with_spend().get(pk=line.pk).spent == 50
    for amount, field in ((Decimal(-1), "/note"), (Decimal(0), "/amount")):
        with pytest.raises(ValidationFailed) as refusal:
            services.add_spend(line=line, actor=actor, now=now, amount=amount)
        assert refusal.value.errors[0].pointer == field


def test_a_line_with_spend_is_not_removed(project: Project, owner: User, now: datetime) -> None:
    actor = Actor.for_user(owner)
    line = services.add_budget_line(project=project, actor=actor, now=now, category="people", planned=Decimal(100))
    services.add_spend(line=line, actor=actor, now=now, amount=Decimal(1))

    with pytest.raises(errors.LineHasSpend):
        services.remove_budget_line(line=line, actor=actor, now=now, version=line.version)


def test_a_contributor_does_not_touch_the_budget(project: Project, contributor: User, now: datetime) -> None:
    with pytest.raises(PermissionDenied):
        services.add_budget_line(
            project=project, actor=Actor.for_user(contributor), now=now, category="people", planned=Decimal(1)
        )


# --- actions


def test_an_action_is_done_by_one_and_verified_by_another(
    project: Project, owner: User, contributor: User, now: datetime
) -> None:
    action = services.add_action(
        project=project,
        actor=Actor.for_user(owner),
        now=now,
        text="Measure again",
        owner="contributor",
        due_on=date(2026, 4, 1),
    )

    with pytest.raises(errors.ActionNotDone):
        services.verify_action(action=action, actor=Actor.for_user(owner), now=now, version=action.version)
    done = services.complete_action(action=action, actor=Actor.for_user(contributor), now=now, version=action.version)
    with pytest.raises(errors.VerifierDidIt):
        services.verify_action(action=done, actor=Actor.for_user(contributor), now=now, version=done.version)
    verified = services.verify_action(action=done, actor=Actor.for_user(owner), now=now, version=done.version)

    assert verified.verified_by == owner
    assert Notice.objects.of(contributor.pk).filter(kind="action.added", reason="assignee").exists()


def test_nobody_is_given_work_they_cannot_open(
    make_project: Callable[..., Project], owner: User, stranger: User, now: datetime
) -> None:
    private = make_project("SECRET", creator=owner, visibility="private")

    with pytest.raises(ValidationFailed) as refusal:
        services.add_action(
            project=private,
            actor=Actor.for_user(owner),
            now=now,
            text="Look",
            owner="stranger",
            due_on=date(2026, 4, 1),
        )

    assert refusal.value.errors[0].as_dict()["code"] == "not_found"


def test_a_condition_closes_where_it_comes_from(project: Project, owner: User, now: datetime) -> None:
    action = services.plan_action(
        project=project, text="Fix it", owner=owner, due_on=date(2026, 4, 1), source="condition", by=None, now=now
    )

    with pytest.raises(errors.ActionFollowsItsSource):
        services.complete_action(action=action, actor=Actor.for_user(owner), now=now, version=action.version)


# --- portfolios


def test_a_portfolio_knows_its_place_in_the_tree(admin: User, now: datetime) -> None:
    actor = Actor.for_user(admin)

    top = services.ensure_portfolio(actor=actor, now=now, name="Group")
    below = services.ensure_portfolio(actor=actor, now=now, name="Retail", parent=top)

    assert below.path == f"/{top.pk}/{below.pk}/"
    assert services.ensure_portfolio(actor=actor, now=now, name="Group") == top
    assert Portfolio.objects.count() == 2


def test_a_manager_of_the_top_sees_private_projects_below(
    make_project: Callable[..., Project], owner: User, admin: User, stranger: User, now: datetime
) -> None:
    actor = Actor.for_user(admin)
    top = services.ensure_portfolio(actor=actor, now=now, name="Group")
    below = services.ensure_portfolio(actor=actor, now=now, name="Retail", parent=top)
    make_project("SECRET", creator=owner, visibility="private", portfolio=below)

    services.add_portfolio_manager(portfolio=top, user=stranger, actor=actor, now=now)

    assert Project.objects.visible_to(Actor.for_user(stranger)).filter(key="SECRET").exists()
