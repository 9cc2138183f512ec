"""Consecutive gates that are ready go as one packet and are decided by one round."""

from datetime import timedelta

import pytest

from accounts.actor import Actor
from common import clock
from common.errors import ValidationFailed
from lifecycle import services
from lifecycle.criteria.packs import read_pack, verify_pack
from lifecycle.errors import CriteriaNotMet, GateBlocked, LimitIsFixed, PacketChanged, RoundIsOpen
from lifecycle.models import GateReview, Stage
from lifecycle.selectors import (
    differences,
    frozen_states,
    packet_digest,
    readiness,
    round_readiness,
    sentence_of,
    stages_for_status,
    status_answer,
)
from records.services import withdraw_evidence

DAYS = timedelta(days=1)


@pytest.fixture
def gates(project, stage_of):
    return [stage_of(project, key) for key in ("initiation", "requirements", "data")]


@pytest.fixture
def together(gates, owner, meet_all, ask):
    """The first two gates, ready, asked for as one by the owner."""
    for stage in gates[:2]:
        meet_all(stage, by=owner)
    return ask(gates[0], by=owner, through="requirements")


@pytest.fixture
def decide(vote, holder):
    """Everybody whom the round needs votes the same."""

    def decide(review, decision, **said):
        roles = [*review.must_include, *(role for role in review.deciders if role not in review.must_include)]
        for role in roles:
            voter = holder(review.stage.project, "sponsor" if role == "any" else role)
            review = vote(review, voter, decision, **said)
            if review.decision:
                break
        return review

    return decide


def test_a_joint_packet_keeps_the_rules_of_each_gate_and_joins_who_may_vote(together, gates):
    rules = [stage.rules for stage in gates[:2]]

    assert together.quorum == max(one.quorum for one in rules)
    assert set(together.deciders) == {role for one in rules for role in one.deciders}
    assert set(together.must_include) == {role for one in rules for role in one.must_include}
    assert set(together.separation) == {rule for one in rules for rule in one.separation}
    assert [(one["stage"], one["quorum"], tuple(one["deciders"])) for one in together.gates] == [
        (stage.key, stage.rules.quorum, stage.rules.deciders) for stage in gates[:2]
    ]
    assert [stage.key for stage in together.joint.all()] == ["requirements"]
    assert {row["key"] for row in together.document["checks"]} == {
        check.key for stage in gates[:2] for check in stage.checks.all()
    }
    assert together.document["joint"] == [{"stage": "requirements", "iteration": 1}]
    assert packet_digest(together.document) == together.packet


def test_go_passes_all_of_them_and_the_one_after_the_last_is_next(together, gates, decide, stage_of, project, now):
    review = decide(together, "go")

    assert review.decision == "go"
    for stage in gates[:2]:
        stage.refresh_from_db()
        assert (stage.state, stage.decision, stage.ended_at) == ("passed", "go", now)
        assert stage.started_at is not None
    assert stage_of(project).key == "data"
    assert {row["key"] for row in review.basis["checks"]} == {row["key"] for row in review.document["checks"]}


def test_the_page_of_each_gate_shows_the_round_and_later_its_decision(
    together, gates, decide, browse, owner, project, now
):
    later = f"/projects/{project.key}/gates/requirements/"
    page = browse(owner).get(later).content.decode()
    assert "Decided together" in page

    review = decide(together, "go")

    second = Stage.objects.with_process().get(pk=gates[1].pk)
    assert GateReview.objects.decided().of_gate(second.process_id, "requirements").get() == review
    assert set(frozen_states(second)) >= {check.key for check in second.checks.filter(required=True)}
    assert differences(review, readiness(second, today=now.date())) == []
    page = browse(owner).get(later)
    assert page.context["verdict"]["tone"] == "pass"
    assert page.context["tn"]["then"]["decision"] == "go"


def test_the_status_tells_of_a_joint_decision_at_the_stage_that_it_ended(
    make_project, add_member, stage_of, meet_all, ask, decide, owner, now
):
    project = make_project("SIX", template="six_step", level="lean")
    worker = add_member(project, "worker", ["owner"]).user
    while stage_of(project).position < 5:
        stage = stage_of(project)
        meet_all(stage, by=worker)
        review = ask(stage, by=worker)
        decide(review, "go")
    for stage in Stage.objects.newest().with_process().filter(process__project=project, ended_at=None):
        meet_all(stage, by=worker)
    last = Stage.objects.newest().filter(process__project=project).order_by("-position").first()

    decide(ask(stage_of(project), by=worker, through=last.key), "go")

    project.refresh_from_db()
    assert project.state == "completed"
    told = status_answer(stages_for_status(Actor.for_user(worker), "SIX"), today=now.date())
    assert told["stage"]["key"] == last.key
    assert told["sentence"].startswith("Go.")


def test_a_joint_packet_is_refused_with_the_blockers_of_all_its_gates(gates, owner, meet_all, ask):
    meet_all(gates[0], by=owner)
    meet_all(gates[1], by=owner, leave=("kpi_baseline",))

    with pytest.raises(GateBlocked) as refused:
        ask(gates[0], by=owner, through="requirements")

    [blocker] = refused.value.extra["blockers"]
    assert blocker["check"] == "kpi_baseline"
    assert blocker["url"].startswith(f"/projects/{gates[0].project.key}/gates/requirements/")


def test_gates_that_are_not_ready_are_decided_one_by_one(gates, owner, ask, browse, project):
    with pytest.raises(ValidationFailed) as refused:
        ask(gates[0], by=owner, through="requirements", despite_blockers=True)
    page = browse(owner).post(f"/projects/{project.key}/gates/initiation/ask/?despite=1", {"through": "requirements"})

    assert [(error.pointer, error.code) for error in refused.value.errors] == [("/through", "invalid_choice")]
    assert page.status_code == 400
    assert not GateReview.objects.exists()
    assert ask(gates[0], by=owner, despite_blockers=True).is_open


@pytest.fixture
def without_charter(together, owner, check_of, project, now):
    """The joint round, after proof of its first and of its second gate was withdrawn."""

    def withdraw(key):
        for link in check_of(project, key).evidence_links.all():
            withdraw_evidence(evidence=link.evidence, actor=Actor.for_user(owner), reason="Wrong", version=1, now=now)

    return withdraw


@pytest.mark.parametrize(("key", "decision"), [("charter", "conditional_go"), ("intended_use", "")])
def test_conditions_defer_checks_of_the_first_gate_only(
    together, without_charter, decide, vote, holder, project, owner, in_days, key, decision
):
    without_charter(key)
    condition = {"text": "Later", "owner": owner, "due_on": in_days(9), "check": key}
    sponsor = holder(project, "sponsor")
    with pytest.raises(PacketChanged):
        vote(together, sponsor, "conditional_go", conditions=[condition])

    if decision:
        assert decide(together, "conditional_go", conditions=[condition]).decision == decision
    else:
        with pytest.raises(CriteriaNotMet):
            vote(together, sponsor, "conditional_go", conditions=[condition])


def test_go_is_carried_at_each_gate_by_its_own_deciders(together, gates, vote, holder, project):
    first, second = ([*stage.rules.deciders] for stage in gates[:2])
    only_first = next(role for role in first if role not in second)

    review = vote(together, holder(project, "sponsor"), "go")
    for role in second:
        if role not in first:
            review = vote(review, holder(project, role), "go")
    assert review.decision == ""

    assert vote(review, holder(project, only_first), "go").decision == "go"


def test_where_the_deciders_of_one_gate_stop_it_the_round_is_over(together, gates, vote, holder, project, in_days):
    first, second = gates[0].rules, gates[1].rules
    theirs = [role for role in second.deciders if role not in first.deciders]
    ours = [role for role in first.deciders if role not in second.deciders]

    review = vote(together, holder(project, ours[0]), "hold", until=in_days(9))
    review = vote(review, holder(project, theirs[0]), "hold", until=in_days(9))
    assert review.decision == "", "neither gate has its own quorum"

    assert vote(review, holder(project, theirs[1]), "hold", until=in_days(9)).decision == "hold"


def test_the_pack_of_a_joint_round_is_counted_by_the_rules_of_each_gate(together, decide, api, owner):
    review = decide(together, "go")
    pack = read_pack(api(owner).get(f"/api/v1/reviews/{review.pk}/pack/").content)

    assert verify_pack(pack) == []
    assert [one["stage"] for one in pack["decision"]["gates"]] == ["initiation", "requirements"]
    pack["decision"]["gates"][1]["quorum"] = 9
    assert "decision.decision" in {flaw.place for flaw in verify_pack(pack)}
    pack["decision"]["gates"].pop()
    assert "decision.gates" in {flaw.place for flaw in verify_pack(pack)}


@pytest.mark.parametrize(
    ("through", "code"),
    [("nowhere", "not_found"), ("initiation", "out_of_range"), ("operation", "invalid_choice")],
)
def test_a_joint_packet_ends_with_a_later_gate_that_does_not_recur(gates, owner, ask, through, code):
    recurring = gates[0].process.definition.stages[-1].key
    through = recurring if through == "operation" else through

    with pytest.raises(ValidationFailed) as refused:
        ask(gates[0], by=owner, through=through)

    assert [(error.pointer, error.code) for error in refused.value.errors] == [("/through", code)]


def test_an_extraordinary_review_decides_one_gate(gates, owner, ask):
    with pytest.raises(ValidationFailed):
        ask(gates[0], by=owner, through="requirements", extraordinary=True)


def test_recycle_and_hold_act_on_the_first_of_them(together, gates, decide, stage_of, project):
    decide(together, "recycle", reason="scope")

    gates[1].refresh_from_db()
    assert (gates[1].state, gates[1].decision) == ("pending", "")
    assert (stage_of(project).key, stage_of(project).iteration) == ("initiation", 2)


def test_limits_and_levels_stand_still_while_a_joint_round_is_open(together, project, owner, holder, now):
    actor = Actor.for_user(owner)
    measured = next((row["key"] for row in together.document["checks"] if row["limit"] is not None), None)
    if measured:
        with pytest.raises(LimitIsFixed):
            services.set_limit(
                process=project.process, check_key=measured, threshold=1, reason="Ours", actor=actor, now=now
            )
    with pytest.raises(RoundIsOpen):
        services.change_level(
            project=project, actor=Actor.for_user(holder(project, "risk_officer")), level="lean", reason="S", now=now
        )


def test_the_sentence_of_a_round_counts_its_votes_against_its_own_quorum(together, vote, holder, project, now):
    before = sentence_of(round_readiness(fresh(together), today=now.date()))
    assert f"{together.quorum} votes are needed" in str(before)

    vote(together, holder(project, together.must_include[0]), "go")

    after = str(sentence_of(round_readiness(fresh(together), today=now.date())))
    left = together.quorum - 1
    assert (f"{left} more vote" in after) or ("one more vote" in after.lower())


def fresh(review):
    return services.votes.locked_review(review)


def test_the_page_offers_the_gates_that_are_ready_together(gates, owner, meet_all, browse, project, now):
    for stage in gates[:2]:
        meet_all(stage, by=owner)
    browser, page = browse(owner), f"/projects/{project.key}/gates/initiation/"
    with clock.frozen(now):
        shown = browser.get(page).content.decode()
        assert "Ask for this gate and the next ones together" in shown

        browser.post(f"{page}ask/", {"through": "requirements", "note": "Both"})

    [review] = GateReview.objects.all()
    assert [stage.key for stage in review.joint.all()] == ["requirements"]


def test_the_owner_calls_an_extraordinary_review_on_the_page(project, owner, contributor, browse):
    page = f"/projects/{project.key}/gates/initiation/"
    assert "Call an extraordinary review" in browse(owner).get(page).content.decode()
    assert "Call an extraordinary review" not in browse(contributor).get(page).content.decode()

    browse(owner).post(f"{page}ask/?extraordinary=1", {"note": "The vendor is gone"})

    [review] = GateReview.objects.all()
    assert (review.extraordinary, review.note) == (True, "The vendor is gone")
    refused = browse(contributor).post(f"/reviews/{review.pk}/withdraw/")
    assert refused.status_code == 403
