"""What a round holds to between its first vote and its decision."""

from datetime import timedelta

import pytest

from accounts.actor import Actor
from common.errors import PermissionDenied, ValidationFailed, VersionMismatch
from lifecycle import services
from lifecycle.errors import ConditionClosed, ConditionsRequired, ProjectOnHold, StageClosed
from lifecycle.models import Condition, GateReview, Stage
from projects.errors import ProjectArchived
from projects.models import Action, Project
from projects.services import archive_project, update_member

pytestmark = [pytest.mark.core, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def sponsor(project, holder):
    return holder(project, "sponsor")


@pytest.fixture
def finance(project, holder):
    return holder(project, "finance_partner")


@pytest.fixture
def risk_officer(project, holder):
    return holder(project, "risk_officer")


@pytest.fixture
def tell_the_board(owner, in_days):
    return {"text": "Tell the board.", "owner": owner, "due_on": in_days(5)}


@pytest.mark.parametrize(
    ("decision", "besides", "pointers"),
    [
        ("go", ["conditions"], ["/conditions"]),
        ("hold", ["conditions", "until"], ["/conditions"]),
        ("kill", ["until", "reason", "return_to"], ["/until", "/return_to", "/reason"]),
        ("conditional_go", ["conditions", "until"], ["/until"]),
        ("recycle", ["return_to", "until"], ["/until"]),
    ],
)
def test_what_has_no_use_in_a_decision_is_refused(
    ready, sponsor, vote, tell_the_board, in_days, decision, besides, pointers
):
    wrong_in_every_way = tell_the_board | {"check": "no_such_check", "due_on": in_days(-9)}
    given = {
        "conditions": [tell_the_board if decision == "conditional_go" else wrong_in_every_way],
        "until": in_days(9),
        "return_to": "initiation",
        "reason": "scope",
    }

    with pytest.raises(ValidationFailed) as refusal:
        vote(ready, sponsor, decision, **{name: given[name] for name in besides})

    assert [error.pointer for error in refusal.value.errors] == pointers
    assert not ready.votes.exists()


def test_the_api_points_at_what_has_no_use(ready, sponsor, api, owner, in_days):
    condition = {"text": "Tell the board.", "owner": owner.username, "due_on": in_days(5).isoformat()}
    said = {"decision": "go", "rationale": "Fine.", "packet": ready.packet, "conditions": [condition]}

    answer = api(sponsor).post(f"/api/v1/reviews/{ready.pk}/votes/", said, format="json")

    assert (answer.status_code, answer.json()["code"]) == (400, "not_for_this_decision")
    assert answer.json()["errors"][0]["pointer"] == "/conditions"


def test_the_page_sends_only_what_the_chosen_decision_has(ready, sponsor, browse, in_days):
    typed_before = {"return_to": "initiation", "reason": "scope", "until": in_days(9).isoformat()}
    formset = {"conditions-TOTAL_FORMS": "0", "conditions-INITIAL_FORMS": "0"}
    said = {"decision": "go", "rationale": "Fine.", "packet": ready.packet}

    answer = browse(sponsor).post(f"/reviews/{ready.pk}/vote/", {**typed_before, **formset, **said})

    assert answer.status_code == 302
    cast = ready.votes.get()
    assert (cast.decision, cast.return_to, cast.reason, cast.until) == ("go", "", "", None)


def test_a_conditional_go_does_not_rest_on_a_condition_that_was_taken_back(
    ready, sponsor, finance, risk_officer, vote, tell_the_board, now
):
    vote(ready, risk_officer, "conditional_go", conditions=[tell_the_board])
    vote(ready, finance, "conditional_go")
    services.withdraw_vote(review=ready, actor=Actor.for_user(risk_officer), now=now)

    still_open = vote(ready, sponsor, "go")

    assert (still_open.state, Condition.objects.count()) == ("open", 0)


def test_nor_on_one_whose_voter_has_lost_the_seat(ready, project, owner, sponsor, finance, vote, tell_the_board, now):
    vote(ready, finance, "conditional_go", conditions=[tell_the_board])
    member = project.memberships.get(user=finance)
    update_member(member=member, actor=Actor.for_user(owner), version=member.version, access=["view"], now=now)

    with pytest.raises(ConditionsRequired):
        vote(ready, sponsor, "conditional_go")


def test_a_new_condition_on_a_check_takes_the_place_of_the_older_one(
    blocked, project, owner, sponsor, finance, holder, stage_of, meet_all, ask, vote, in_days, now, blockers_of
):
    charter = {"text": "Write the charter.", "owner": owner, "due_on": in_days(5), "check": "charter"}
    vote(blocked, sponsor, "conditional_go", conditions=[charter])
    vote(blocked, finance, "conditional_go")
    later = now + timedelta(days=8)
    stage = stage_of(project)
    meet_all(stage, by=owner)
    review = ask(stage, by=owner, despite_blockers=True, at=later)
    assert blockers_of(stage, days=8) == {"charter": "condition_overdue"}

    again = charter | {"text": "Write it at last.", "due_on": in_days(30)}
    vote(review, holder(project, "ethics_reviewer"), "conditional_go", conditions=[again], at=later)
    decided = vote(review, sponsor, "conditional_go", at=later)

    assert decided.decision == "conditional_go"
    old, new = Condition.objects.select_related("action").order_by("pk")
    assert (old.state, old.closed_at, old.version) == ("replaced", later, 2)
    assert (old.action.done_on, new.state) == (later.date(), "open")
    assert blockers_of(stage_of(project), days=20).get("charter") is None
    assert blockers_of(stage_of(project), days=31)["charter"] == "condition_overdue"


def test_a_replaced_condition_is_closed_for_everybody(
    blocked, project, owner, sponsor, finance, risk_officer, vote, in_days, now
):
    charter = {"text": "Write the charter.", "owner": owner, "due_on": in_days(5), "check": "charter"}
    vote(blocked, sponsor, "conditional_go", conditions=[charter])
    vote(blocked, finance, "conditional_go")
    Condition.objects.update(state="replaced", closed_at=now)

    shown = Condition.objects.select_related("review__stage__process__project", "action").get()
    with pytest.raises(ConditionClosed):
        services.close_condition(condition=shown, actor=Actor.for_user(risk_officer), version=shown.version, now=now)


def test_a_plan_does_not_change_behind_a_decision(ready, owner, sponsor, finance, vote, now, in_days):
    read_before = Stage.objects.with_process().get(pk=ready.stage_id)
    vote(ready, finance, "go")
    vote(ready, sponsor, "go")
    plan = {"starts_on": in_days(1), "due_on": in_days(2), "actor": Actor.for_user(owner), "now": now}

    with pytest.raises(VersionMismatch):
        services.schedule_stage(stage=read_before, version=read_before.version, **plan)
    with pytest.raises(StageClosed):
        services.schedule_stage(stage=read_before, version=Stage.objects.get(pk=read_before.pk).version, **plan)


def test_every_step_of_a_round_moves_the_version_of_its_stage(
    project, owner, sponsor, finance, stage_of, meet_all, ask, vote, api, now
):
    stage = stage_of(project)
    meet_all(stage, by=owner)

    def tags():
        places = ("initiation", "requirements")
        return [api(owner).get(f"/api/v1/projects/{project.key}/stages/{key}/").headers["ETag"] for key in places]

    seen = [tags()]
    review = ask(stage, by=owner)
    seen.append(tags())
    services.withdraw_review(review=review, actor=Actor.for_user(owner), now=now)
    seen.append(tags())
    review = ask(stage, by=owner)
    vote(review, finance, "go")
    seen.append(tags())
    vote(review, sponsor, "go")
    seen.append(tags())

    assert len({first for first, _second in seen}) == 5
    assert seen[-1][1] != seen[0][1]


def test_a_round_has_another_version_after_each_vote(ready, sponsor, finance, vote, now):
    seen = [ready.version, vote(ready, sponsor, "go").version]
    seen.append(services.withdraw_vote(review=ready, actor=Actor.for_user(sponsor), now=now).version)
    seen.append(services.withdraw_review(review=ready, actor=Actor.for_user(ready.requested_by), now=now).version)

    assert seen == sorted(set(seen))


def test_a_killed_project_has_another_version(blocked, project, sponsor, finance, vote):
    vote(blocked, sponsor, "kill")
    vote(blocked, finance, "kill")

    assert Project.objects.get(pk=project.pk).version == project.version + 1


def test_nobody_takes_up_new_facts_during_a_hold(ready, project, owner, sponsor, check_of, in_days, now):
    services.attach_link(
        check=check_of(project, "charter"), actor=Actor.for_user(owner), url="https://x.example/2", title="2", now=now
    )
    services.hold_project(project=project, actor=Actor.for_user(owner), until=in_days(9), reason="Wait", now=now)

    with pytest.raises(ProjectOnHold):
        services.take_up(review=ready, actor=Actor.for_user(sponsor), now=now)
    assert GateReview.objects.get(pk=ready.pk).packet == ready.packet


def test_nothing_of_a_round_moves_in_an_archived_project(ready, project, owner, sponsor, vote, now):
    vote(ready, sponsor, "go")
    archive_project(project=project, actor=Actor.for_user(owner), now=now)

    with pytest.raises(ProjectArchived):
        services.withdraw_vote(review=ready, actor=Actor.for_user(sponsor), now=now)
    with pytest.raises(ProjectArchived):
        services.withdraw_review(review=ready, actor=Actor.for_user(owner), now=now)


def test_the_tick_leaves_the_conditions_of_an_archived_project_alone(
    ready, project, owner, sponsor, finance, vote, tell_the_board, now
):
    vote(ready, sponsor, "conditional_go", conditions=[tell_the_board | {"check": "charter"}])
    vote(ready, finance, "go")
    archive_project(project=project, actor=Actor.for_user(owner), now=now)

    assert services.settle_conditions(now=now) == 0
    assert Action.objects.get(condition__isnull=False).done_on is None


@pytest.mark.parametrize("deciders", [["sponsor", "finance_partner", "risk_officer"], ["any"]])
def test_the_right_to_decide_given_this_moment_waits_for_the_cooldown(
    ready, project, owner, add_member, vote, lay_down, now, settings, deciders
):
    settings.ROLE_COOLDOWN_SECONDS = 600
    lay_down(ready, deciders=deciders)
    member = add_member(project, "helper", ["view"], ["risk_officer"], team=False)
    later = now + timedelta(days=9)
    given = {"actor": Actor.for_user(owner), "version": member.version, "access": ["view", "decide"], "now": later}
    member = update_member(member=member, **given)

    with pytest.raises(PermissionDenied):
        vote(ready, member.user, "hold", until=later.date() + timedelta(days=9), at=later)

    after = later + timedelta(seconds=600)
    assert vote(ready, member.user, "hold", until=later.date() + timedelta(days=9), at=after).votes.exists()


def test_who_keeps_the_right_to_decide_keeps_its_day(project, owner, add_member, now):
    member, later = add_member(project, "helper", ["decide"]), now + timedelta(days=9)
    for access in (["decide", "view"], ["decide"]):
        given = {"actor": Actor.for_user(owner), "version": member.version, "access": access, "now": later}
        member = update_member(member=member, **given)

    assert member.decide_since == now
