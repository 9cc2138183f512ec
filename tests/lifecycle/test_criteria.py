"""What each kind of check says about facts; no database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from common import content
from lifecycle.criteria import (
    AssessmentFact,
    CheckFacts,
    CheckState,
    ConditionFact,
    GateFacts,
    Proof,
    Result,
    RiskFact,
    Verdict,
    assess,
    recommend,
    wording,
)
from lifecycle.models.definition import parse

pytestmark = pytest.mark.core
NOW = datetime(2026, 7, 6, 9, tzinfo=UTC)
TODAY = NOW.date()
TEMPLATE = parse(content.document("eight-stage"))


def check(stage: str, key: str, **changes) -> CheckFacts:
    facts = CheckFacts(
        id=1,
        stage=stage,
        item=TEMPLATE.item(stage, key),
        required=True,
        answer="open",
        answered_by=None,
        answered_by_name="",
        answered_at=None,
        subject={},
        carried="",
        confirmed=False,
        note="",
        assignee=None,
        assignee_name="",
        assignee_username="",
        due_on=None,
        version=1,
        own_limit=None,
        waived_until=None,
        opened_at=NOW - timedelta(days=30),
        started_at=NOW - timedelta(days=10),
    )
    return replace(facts, **changes)


def gate(stage: str, *checks: CheckFacts, **changes) -> GateFacts:
    facts = GateFacts(
        project_id=1,
        project_key="P",
        project_name="Probe",
        project_state="active",
        process_id=1,
        stage_id=1,
        stage=stage,
        stage_state="active",
        iteration=1,
        level="standard",
        version_id=1,
        responsible=("data_lead",),
        subject={"model": "m 2"},
        today=TODAY,
        started_at=NOW - timedelta(days=10),
        quorum=2,
        checks=checks,
    )
    return replace(facts, **changes)


def result(value: float, **changes) -> Result:
    facts = Result(
        id=1,
        metric="fairness_gap",
        value=value,
        slice="",
        n=None,
        low=None,
        high=None,
        benchmark="",
        run_id="r1",
        subject={"model": "m 2"},
        measured_at=NOW - timedelta(days=3),
        recorded_by=1,
        recorded_by_name="Evaluator",
    )
    return replace(facts, **changes)


def proof(**changes) -> Proof:
    facts = Proof(
        id=1,
        title="Card",
        url="https://x.example",
        sha256="",
        subject={"model": "m 2"},
        valid_until=None,
        supplied_by=1,
        supplied_by_name="Writer",
        supplied_at=NOW,
        effective_at=NOW,
        carried=False,
    )
    return replace(facts, **changes)


def code_of(facts: GateFacts) -> str:
    answer = assess(facts)
    return answer.blockers[0].code if answer.blockers else ""


@pytest.mark.parametrize(("value", "expected"), [(5.0, ""), (5.1, "metric_out_of_limit"), (0, "")])
def test_a_metric_is_met_up_to_its_limit(value, expected):
    assert code_of(gate("evaluation", check("evaluation", "fairness", result=result(value)))) == expected


def test_a_metric_without_a_result_is_missing_and_fails():
    answer = assess(gate("evaluation", check("evaluation", "fairness")))

    assert answer.blockers[0].code == "metric_missing"
    assert answer.verdict == Verdict.FAIL


def test_the_pessimistic_end_of_an_interval_counts():
    spread = result(4.8, low=4.2, high=5.4)

    assert code_of(gate("evaluation", check("evaluation", "fairness", result=spread))) == "metric_out_of_limit"


def test_the_projects_own_limit_counts_before_the_templates():
    found = check("evaluation", "primary_quality", result=result(42.9), own_limit=42)

    assert code_of(gate("evaluation", found)) == ""


def test_a_result_for_another_model_is_stale_and_says_from_what_to_what():
    answer = assess(gate("evaluation", check("evaluation", "fairness", result=result(1, subject={"model": "m 1"}))))

    assert answer.blockers[0].code == "metric_stale"
    assert answer.blockers[0].about["moved"][0].as_dict() == {"part": "model", "from": "m 1", "to": "m 2"}
    assert answer.verdict == Verdict.STALE


def test_a_part_that_the_result_does_not_name_never_makes_it_stale():
    found = check("evaluation", "fairness", result=result(1, subject={}))

    assert code_of(gate("evaluation", found)) == ""


def test_evidence_is_missing_expired_or_stale():
    made = lambda *proofs: gate("evaluation", check("evaluation", "model_card", proofs=proofs))  # noqa: E731 - three uses

    assert code_of(made()) == "evidence_missing"
    assert code_of(made(proof(valid_until=TODAY - timedelta(days=1)))) == "evidence_expired"
    assert code_of(made(proof(subject={"model": "m 1"}))) == "evidence_stale"
    assert code_of(made(proof(subject={"model": "m 1"}), proof(id=2))) == ""


def test_proof_that_a_loop_carried_over_wants_a_second_look():
    carried = check("evaluation", "human_trial", carried="reverify", proofs=(proof(carried=True),))

    assert code_of(gate("evaluation", carried)) == "check_open"
    assert code_of(gate("evaluation", replace(carried, answer="met"))) == ""


def risk(**changes) -> RiskFact:
    return replace(
        RiskFact(1, "Bias", "ethical", 4, 5, "critical", accepted=False, scored_at=NOW - timedelta(days=9)), **changes
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "risk_open"),
        ({"accepted": True}, ""),
        ({"category": "legal"}, ""),
        ({"likelihood": 3, "impact": 3, "level": "medium"}, ""),
    ],
)
def test_a_risk_check_reads_category_level_and_acceptance(changes, expected):
    facts = gate("evaluation", check("evaluation", "ethical_risks"), risks=(risk(**changes),))

    assert code_of(facts) == expected


def test_maintenance_wants_risks_scored_within_ninety_days():
    old = risk(likelihood=1, impact=2, level="low", scored_at=NOW - timedelta(days=91))

    assert code_of(gate("maintenance", check("maintenance", "risks_rescored"), risks=(old,))) == "risk_open"


def test_a_figure_for_a_review_that_lies_ahead_is_work_until_its_day_comes():
    row = check("maintenance", "drift_in_range")
    ahead, due = gate("maintenance", row, review_on=TODAY + timedelta(days=30)), gate("maintenance", row)

    assert [code_of(ahead), code_of(due)] == ["metric_missing", "metric_missing"]
    assert [assess(ahead).verdict, assess(due).verdict] == [Verdict.WAITING, Verdict.FAIL]
    told = str(wording.sentence(assess(ahead)))
    assert told.startswith("In operation. One thing is due for Probe by its review on 5 Aug 2026: ")


def assessment(**changes) -> AssessmentFact:
    facts = AssessmentFact(
        1, "security_review", "approved", {"model": "m 2"}, 1, NOW, TODAY + timedelta(days=9), ("security_lead",)
    )
    return replace(facts, **changes)


@pytest.mark.parametrize(
    ("found", "expected", "verdict"),
    [
        (None, "assessment_not_approved", Verdict.WAITING),
        (assessment(state="draft"), "assessment_not_approved", Verdict.WAITING),
        (assessment(), "", Verdict.PASS),
        (assessment(expires_on=TODAY - timedelta(days=1)), "assessment_not_approved", Verdict.FAIL),
        (assessment(subject={"model": "m 1"}), "assessment_stale", Verdict.STALE),
    ],
)
def test_an_assessment_is_approved_unexpired_and_for_what_is_current(found, expected, verdict):
    facts = gate(
        "deployment", check("deployment", "security_review_ok"), assessments={"security_review": found} if found else {}
    )

    assert code_of(facts) == expected
    assert assess(facts).verdict == verdict


def test_who_still_signs_a_submitted_assessment_is_named():
    waiting = AssessmentFact(1, "transparency_accountability", "submitted", {}, 1, NOW, None, ("risk_officer",))
    facts = gate("deployment", check("deployment", "transparency_ok"), assessments={waiting.key: waiting})

    assert assess(facts).blockers[0].who == ("legal_counsel",)


def test_a_signature_for_an_older_model_is_stale():
    signed = check("evaluation", "independent_signature", answer="met", subject={"model": "m 1"})

    assert code_of(gate("evaluation", signed)) == "approval_stale"
    assert code_of(gate("evaluation", replace(signed, answer="open"))) == "approval_missing"


def test_a_waiver_in_force_takes_a_check_out_of_the_way():
    answer = assess(gate("evaluation", check("evaluation", "fairness", waived_until=TODAY)))

    assert answer.ready
    assert answer.of("fairness").state == CheckState.WAIVED
    assert recommend(answer) == "conditional_go"


def condition(due_on: date, key: str = "model_card") -> ConditionFact:
    return ConditionFact(
        1, "evaluation", key, "Show the card again.", due_on, "Data lead", ("data_lead",), TODAY, check_id=1
    )


def test_a_condition_defers_its_check_until_its_day_and_blocks_after_it():
    open_card = check("evaluation", "model_card")
    due_today = gate("evaluation", open_card, conditions=(condition(TODAY),))
    overdue = gate(
        "evaluation", open_card, conditions=(condition(TODAY - timedelta(days=1)),), deferred_checks=(open_card,)
    )

    assert assess(due_today).of("model_card").state == CheckState.DEFERRED
    assert [blocker.code for blocker in assess(overdue).blockers] == ["condition_overdue"]
    assert assess(overdue).verdict == Verdict.FAIL


def test_a_condition_defers_its_check_in_the_iteration_that_it_was_set_for_only():
    fresh = check("evaluation", "model_card", id=2)

    assert assess(gate("evaluation", fresh, conditions=(condition(TODAY),))).of("model_card").state == CheckState.OPEN


def test_an_overdue_condition_is_settled_once_its_check_is_met():
    met = check("evaluation", "model_card", proofs=(proof(),))
    facts = gate("deployment", conditions=(condition(TODAY - timedelta(days=1)),), deferred_checks=(met,))

    assert assess(facts).ready


def test_optional_checks_never_block_and_are_listed():
    answer = assess(gate("initiation", check("initiation", "lessons_read", required=False)))

    assert answer.ready
    assert answer.optional_open == ("lessons_read",)
    assert recommend(answer) == "conditional_go"


def test_an_inactive_project_fails():
    assert code_of(gate("initiation", project_state="on_hold")) == "project_not_active"


def test_blockers_come_longest_standing_first():
    older = check("evaluation", "ethical_risks")
    newer = check("evaluation", "fairness", result=result(9))
    facts = gate("evaluation", newer, older, risks=(risk(),))

    assert [blocker.check for blocker in assess(facts).blockers] == ["ethical_risks", "fairness"]


@pytest.mark.parametrize(
    ("carried", "hours", "code"), [("redo", -1, "evidence_missing"), ("redo", 0, ""), ("keep", -1, "")]
)
def test_what_is_done_again_is_not_met_by_proof_that_speaks_of_before_the_loop(carried, hours, code):
    row = check("initiation", "charter", carried=carried, proofs=(proof(),))
    spoken = replace(row.proofs[0], effective_at=row.opened_at + timedelta(hours=hours))

    answer = assess(gate("initiation", replace(row, proofs=(spoken,))))

    assert [blocker.code for blocker in answer.blockers] == [code] * bool(code)
    assert all("before the loop" in wording.detail(blocker) for blocker in answer.blockers)


# --- compared with a baseline


def compared(value, limit, change, *, baseline, operator=">="):
    item = TEMPLATE.item("training", "beats_baseline")
    rule = {**item.criterion, "operator": operator, "threshold": limit, "baseline": {"change": change}}
    row = check("training", "beats_baseline", result=result(value), baseline_model="legacy 1")
    row = replace(row, item=replace(item, criterion=rule))
    return replace(row, baseline=None if baseline is None else result(baseline))


@pytest.mark.parametrize(
    ("value", "limit", "change", "baseline", "operator", "state"),
    [
        (0.84, 0.04, "absolute", 0.80, ">=", "met"),
        (0.83, 0.04, "absolute", 0.80, ">=", "not_met"),
        (84.0, 5.0, "relative", 80.0, ">=", "met"),
        (83.9, 5.0, "relative", 80.0, ">=", "not_met"),
        (-84.0, -5.0, "relative", -80.0, ">=", "met"),
        (90.0, -10.0, "relative", 100.0, "<=", "met"),
        (91.0, -10.0, "relative", 100.0, "<=", "not_met"),
    ],
)
def test_a_change_from_the_baseline_keeps_its_limit(value, limit, change, baseline, operator, state):
    row = compared(value, limit, change, baseline=baseline, operator=operator)

    assert assess(gate("training", row)).of("beats_baseline").state == state


@pytest.mark.parametrize(("baseline", "change"), [(None, "absolute"), (None, "relative"), (0.0, "relative")])
def test_without_a_baseline_to_compare_with_the_result_is_missing(baseline, change):
    (blocker,) = assess(gate("training", compared(1.0, 1.0, change, baseline=baseline))).blockers

    assert (blocker.code, blocker.weight) == ("metric_missing", "fail")
    assert "legacy 1" in wording.detail(blocker)


def test_the_worse_end_of_the_interval_is_what_is_compared():
    row = compared(84.0, 5.0, "relative", baseline=80.0)
    row = replace(row, result=replace(row.result, low=82.0, high=86.0))

    (blocker,) = assess(gate("training", row)).blockers
    assert blocker.code == "metric_out_of_limit"
    assert "+2.5 %" in wording.detail(blocker)
    assert "+5 %" in wording.detail(blocker)


# --- a waiver that ran out


def test_a_check_that_was_waived_is_open_since_the_waiver_ran_out():
    row = check("initiation", "simpler_option", waiver_lapsed_on=TODAY - timedelta(days=3))

    (blocker,) = assess(gate("initiation", row)).blockers
    assert blocker.since.date() == TODAY - timedelta(days=2)
