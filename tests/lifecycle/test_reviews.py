"""Asking for a gate, voting, deciding: what is refused and what happens."""

from datetime import timedelta

import pytest

from accounts.actor import Actor
from common.errors import HumanSessionRequired, PermissionDenied, ValidationFailed
from library.models import Case
from lifecycle import services
from lifecycle.errors import (
    AlreadyVoted,
    ConditionsRequired,
    CriteriaNotMet,
    DecisionNotOffered,
    GateAlreadyDecided,
    GateBlocked,
    PacketChanged,
    ProjectOnHold,
    ReviewAlreadyOpen,
    SeparationOfDuties,
    StageClosed,
    StageNotCurrent,
)
from lifecycle.models import Check, Condition, GateReview, Rework, Stage
from lifecycle.selectors import packet, packet_digest, readiness
from projects.models import HoldPeriod, Project

pytestmark = [pytest.mark.core, pytest.mark.django_db]


@pytest.fixture
def sponsor(project, holder):
    return holder(project, "sponsor")


@pytest.fixture
def finance(project, holder):
    return holder(project, "finance_partner")


def test_a_gate_with_required_blockers_is_not_asked_for_by_accident(project, owner, stage_of, ask):
    with pytest.raises(GateBlocked) as refusal:
        ask(stage_of(project), by=owner)

    assert {blocker["check"] for blocker in refusal.value.extra["blockers"]} >= {"charter", "use_screening"}
    assert not GateReview.objects.exists()


def test_a_round_copies_the_rules_and_freezes_the_packet(ready, stage_of, project):
    stage = stage_of(project)

    assert stage.state == "in_review"
    assert ready.deciders == ["sponsor", "finance_partner", "risk_officer"]
    assert (ready.quorum, ready.must_include, ready.round) == (2, ["sponsor"], 1)
    assert ready.packet == packet_digest(ready.document)


def test_a_second_round_beside_an_open_one_is_refused(ready, owner, ask):
    with pytest.raises(ReviewAlreadyOpen):
        ask(ready.stage, by=owner)


def test_only_the_current_stage_is_asked_for(project, owner, stage_of, ask):
    with pytest.raises(StageNotCurrent):
        ask(stage_of(project, "data"), by=owner, despite_blockers=True)


def test_two_votes_with_the_sponsor_open_the_next_stage(ready, project, sponsor, finance, vote, stage_of):
    vote(ready, finance, "go")
    decided = vote(ready, sponsor, "go")

    assert (decided.state, decided.decision) == ("decided", "go")
    assert stage_of(project).key == "requirements"
    assert Stage.objects.get(pk=ready.stage_id).state == "passed"


def test_replaying_the_packet_of_a_decided_round_gives_its_digest(ready, sponsor, finance, vote):
    vote(ready, finance, "go")
    decided = vote(ready, sponsor, "go")

    assert packet_digest(GateReview.objects.get(pk=decided.pk).document) == decided.packet


def test_who_asked_does_not_decide(project, owner, stage_of, ask, add_member, vote, sponsor):
    stage = stage_of(project)
    review = ask(stage, by=owner, despite_blockers=True)

    with pytest.raises(SeparationOfDuties):
        vote(review, owner, "hold", until=None)


def test_an_owner_does_not_decide_the_gates_of_the_project(ready, project, add_member, vote):
    other = add_member(project, "co-owner", ["owner", "decide"], ["risk_officer"]).user

    with pytest.raises(SeparationOfDuties):
        vote(ready, other, "go")


def test_who_supplied_proof_does_not_decide_on_it(
    project, owner, sponsor, finance, stage_of, check_of, meet_all, ask, vote, now
):
    stage = stage_of(project)
    meet_all(stage, by=owner, leave=("charter",))
    services.attach_link(
        check=check_of(project, "charter"), actor=Actor.for_user(finance), url="https://x.example/c", title="c", now=now
    )
    review = ask(stage, by=owner)

    with pytest.raises(SeparationOfDuties):
        vote(review, finance, "go")
    assert vote(review, sponsor, "go").votes.count() == 1


def test_no_token_decides(ready, sponsor, now):
    script = Actor(sponsor, None, "token", None, "test")

    with pytest.raises(HumanSessionRequired):
        services.cast_vote(review=ready, actor=script, decision="go", rationale="x", packet=ready.packet, now=now)


@pytest.mark.parametrize("access", [["view"], ["contribute"]])
def test_who_may_not_decide_is_told_so(ready, project, add_member, vote, access):
    reader = add_member(project, "reader", access, ["sponsor"]).user

    with pytest.raises(PermissionDenied):
        vote(ready, reader, "go")


def test_who_holds_no_decider_role_is_told_so(ready, project, add_member, vote):
    other = add_member(project, "other", ["decide"], ["ops_lead"], team=False).user

    with pytest.raises(PermissionDenied):
        vote(ready, other, "go")


def test_one_person_votes_once(ready, sponsor, vote):
    vote(ready, sponsor, "go")

    with pytest.raises(AlreadyVoted):
        vote(ready, sponsor, "hold")


def test_a_vote_on_another_packet_voids_nothing(ready, sponsor, finance, vote):
    vote(ready, finance, "go")

    with pytest.raises(PacketChanged):
        vote(ready, sponsor, "go", packet="sha256:" + "0" * 64)
    assert ready.votes.filter(state="standing").count() == 1


def test_changed_facts_void_all_votes_and_the_round_takes_the_new_packet(
    ready, project, owner, sponsor, finance, vote, check_of, now
):
    vote(ready, finance, "go")
    services.attach_link(
        check=check_of(project, "charter"), actor=Actor.for_user(owner), url="https://x.example/2", title="2", now=now
    )
    old = ready.packet

    with pytest.raises(PacketChanged) as refusal:
        vote(ready, sponsor, "go")
    ready.refresh_from_db()
    assert ready.packet not in {old, ""}
    assert refusal.value.extra["packet"] == ready.packet
    assert [one.state for one in ready.votes.all()] == ["void"]
    assert vote(ready, finance, "go").state == "open"
    assert vote(ready, sponsor, "go").decision == "go"


def test_a_vote_is_taken_back_while_the_round_is_open(ready, sponsor, finance, vote, now):
    vote(ready, sponsor, "hold", until=now.date() + timedelta(days=9))
    services.withdraw_vote(review=ready, actor=Actor.for_user(sponsor), now=now)
    vote(ready, sponsor, "go")

    assert vote(ready, finance, "go").decision == "go"


def test_a_decided_round_takes_no_more_votes(ready, project, sponsor, finance, holder, vote):
    vote(ready, finance, "go")
    vote(ready, sponsor, "go")

    with pytest.raises(GateAlreadyDecided):
        vote(ready, holder(project, "risk_officer"), "kill")


def test_a_withdrawn_request_makes_the_stage_active_again(ready, project, owner, stage_of, now):
    services.withdraw_review(review=ready, actor=Actor.for_user(owner), now=now)

    assert stage_of(project).state == "active"
    with pytest.raises(GateAlreadyDecided):
        services.withdraw_review(review=ready, actor=Actor.for_user(owner), now=now)


def test_go_is_refused_while_a_required_check_is_open(blocked, sponsor, vote):
    with pytest.raises(CriteriaNotMet):
        vote(blocked, sponsor, "go")


def test_the_first_conditional_vote_names_a_condition(ready, sponsor, finance, owner, vote, in_days):
    with pytest.raises(ConditionsRequired):
        vote(ready, sponsor, "conditional_go")
    vote(
        ready, sponsor, "conditional_go", conditions=[{"text": "Tell the board.", "owner": owner, "due_on": in_days(5)}]
    )

    assert vote(ready, finance, "conditional_go").decision == "conditional_go"
    assert Condition.objects.count() == 1


def test_a_conditional_go_names_every_open_required_check(blocked, sponsor, owner, vote, in_days):
    about_something_else = {"text": "Tell the board.", "owner": owner, "due_on": in_days(5)}

    with pytest.raises(CriteriaNotMet):
        vote(blocked, sponsor, "conditional_go", conditions=[about_something_else])


def test_a_condition_names_a_check_of_this_gate(ready, sponsor, owner, vote, in_days):
    wrong = {"text": "x", "owner": owner, "due_on": in_days(5), "check": "fairness"}

    with pytest.raises(ValidationFailed):
        vote(ready, sponsor, "conditional_go", conditions=[wrong])


def test_an_overdue_condition_blocks_every_later_gate_until_its_check_is_met(
    blocked, project, sponsor, finance, owner, vote, in_days, stage_of, blockers_of, check_of
):
    condition = {"text": "Write the charter.", "owner": owner, "due_on": in_days(5), "check": "charter"}
    vote(blocked, sponsor, "conditional_go", conditions=[condition])
    vote(blocked, finance, "go" if False else "conditional_go")

    later = stage_of(project)
    assert "charter" not in blockers_of(later, days=5)
    assert blockers_of(later, days=6)["charter"] == "condition_overdue"


def test_the_tick_closes_a_condition_whose_check_is_met(
    project, owner, sponsor, finance, stage_of, meet_all, ask, vote, in_days, now
):
    stage = stage_of(project)
    meet_all(stage, by=owner)
    review = ask(stage, by=owner)
    condition = {"text": "Keep the charter.", "owner": owner, "due_on": in_days(5), "check": "charter"}
    vote(review, sponsor, "conditional_go", conditions=[condition])
    vote(review, finance, "go")

    assert services.settle_conditions(now=now) == 1
    found = Condition.objects.select_related("action").get()
    assert (found.state, found.action.done_on) == ("met", now.date())


def test_a_gatekeeper_closes_a_condition_and_its_owner_cannot(
    ready, project, sponsor, finance, holder, vote, in_days, now
):
    condition = {"text": "Tell the board.", "owner": finance, "due_on": in_days(5)}
    vote(ready, sponsor, "conditional_go", conditions=[condition])
    vote(ready, finance, "go")
    found = Condition.objects.get()

    with pytest.raises(PermissionDenied):
        services.close_condition(condition=found, actor=Actor.for_user(finance), version=found.version, now=now)
    found = services.propose_condition(condition=found, actor=Actor.for_user(finance), version=found.version, now=now)
    found = services.close_condition(
        condition=found, actor=Actor.for_user(holder(project, "risk_officer")), version=found.version, now=now
    )
    assert found.state == "met"


def test_hold_pauses_asking_and_voting_and_the_owner_resumes(
    blocked, project, owner, sponsor, finance, vote, ask, in_days, stage_of, now
):
    vote(blocked, sponsor, "hold", until=in_days(10))
    vote(blocked, finance, "hold", until=in_days(20))
    project.refresh_from_db()

    assert project.state == "on_hold"
    assert HoldPeriod.objects.running().get().until == in_days(20)
    with pytest.raises(ProjectOnHold):
        ask(stage_of(project), by=owner, despite_blockers=True)
    services.resume_project(project=project, actor=Actor.for_user(owner), now=now)
    assert Project.objects.get(pk=project.pk).state == "active"


def test_hold_needs_a_day_ahead(blocked, sponsor, vote, now):
    for until in (None, now.date()):
        with pytest.raises(ValidationFailed):
            vote(blocked, sponsor, "hold", until=until)


def test_kill_ends_the_project_and_drafts_a_case(blocked, project, sponsor, finance, vote):
    vote(blocked, sponsor, "kill", rationale="Nobody would use it.")
    vote(blocked, finance, "kill")
    project.refresh_from_db()

    assert project.state == "killed"
    assert not Stage.objects.current().filter(process__project=project).exists()
    assert "Nobody would use it." in Case.objects.get(project_id=project.pk).factors[0]["en"]


def test_an_extraordinary_review_ends_in_hold_recycle_or_kill(project, owner, stage_of, meet_all, ask, sponsor, vote):
    stage = stage_of(project)
    meet_all(stage, by=owner)
    review = ask(stage, by=owner, extraordinary=True)

    with pytest.raises(DecisionNotOffered):
        vote(review, sponsor, "go")


def test_what_was_decided_is_never_edited(ready, project, owner, sponsor, finance, vote, now):
    vote(ready, finance, "go")
    vote(ready, sponsor, "go")
    charter = Check.objects.select_related("stage__process__project").get(stage=ready.stage, key="charter")

    with pytest.raises(StageClosed):
        services.attach_link(
            check=charter, actor=Actor.for_user(owner), url="https://x.example/late", title="late", now=now
        )


def test_a_recycle_starts_new_iterations_that_keep_reverify_or_redo(
    project, owner, pass_gate, stage_of, meet_all, ask, vote, holder, now
):
    pass_gate(project, by=owner)
    stage = stage_of(project)
    meet_all(stage, by=owner)
    review = ask(stage, by=owner)
    vote(review, holder(project, "ethics_reviewer"), "recycle", return_to="initiation", reason="scope")
    decided = vote(review, holder(project, "sponsor"), "recycle", return_to="requirements", reason="scope")

    assert decided.return_to == "initiation"
    again = stage_of(project)
    assert (again.key, again.iteration) == ("initiation", 2)
    assert list(
        Stage.objects.filter(process__project=project, key="requirements").values_list(
            "iteration", "state", "superseded"
        )
    ) == [
        (1, "closed", True),
        (2, "pending", False),
    ]
    carried = {check.key: (check.carried, check.answer, check.evidence_links.count()) for check in again.checks.all()}
    assert carried["positioning"] == ("keep", "open", 1)
    assert carried["charter"] == ("reverify", "open", 1)
    assert carried["simpler_option"] == ("reverify", "open", 0)
    assert Rework.objects.get().reason == "scope"


def test_the_only_tick_an_evidence_check_takes_confirms_carried_proof(
    project, owner, pass_gate, stage_of, meet_all, ask, vote, holder, check_of, blockers_of, now
):
    pass_gate(project, by=owner)
    review = ask(stage_of(project), by=owner, despite_blockers=True)
    for role in ("ethics_reviewer", "sponsor"):
        vote(review, holder(project, role), "recycle", return_to="initiation")
    charter = check_of(project, "charter")
    assert blockers_of(stage_of(project))["charter"] == "check_open"

    services.answer_check(check=charter, actor=Actor.for_user(owner), version=charter.version, state="met", now=now)

    assert "charter" not in blockers_of(stage_of(project))


def test_rework_ends_when_the_stage_that_was_left_is_current_again(
    project, owner, pass_gate, stage_of, ask, vote, holder
):
    pass_gate(project, by=owner)
    review = ask(stage_of(project), by=owner, despite_blockers=True)
    for role in ("ethics_reviewer", "sponsor"):
        vote(review, holder(project, role), "recycle", return_to="initiation")
    assert Rework.objects.get().ended_on is None

    pass_gate(project, by=owner)

    assert Rework.objects.get().ended_on is not None


def test_readiness_never_depends_on_who_asks(ready, now):
    stage = Stage.objects.with_process().select_related("process__template_version").get(pk=ready.stage_id)
    answer = readiness(stage, today=now.date())

    assert packet_digest(packet(answer)) == ready.packet
