"""What a document would do to running projects is what moving them over does, and writes nothing."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actor import Actor
from accounts.models import User
from common import content
from common.errors import DomainError
from lifecycle import services
from lifecycle.criteria import assess
from lifecycle.models import Check, LimitOverride, Process, Stage
from lifecycle.models.definition import parse
from lifecycle.selectors import gather
from lifecycle.selectors.templates import impact_of
from lifecycle.services.loops import open_iterations
from lifecycle.services.templates import edits
from projects.models import Project
from records.services import set_subject
from tests.fixtures.people import MakeProject
from tests.fixtures.rooms import PushMetric
from tests.fixtures.templates import Document, eight_stage

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
METRIC = {
    "kind": "metric", "required": True, "from": "lean", "depends_on": [], "on_recycle": "redo", "material": False,
    "source_state": "default", "text": {"en": "Quality holds."},
}  # fmt: skip


def item(key: str, **fields: Any) -> Document:
    """A check of the built-in process with some of its fields changed; None takes one away."""
    stage = edits.home_of(eight_stage(), key)
    found = next(one for one in stage["items"] if one["key"] == key)
    edits.write(found, fields)
    return found


def metric(check: str, **rule: Any) -> Document:
    """A new metric check."""
    better = content.metrics()[rule["key"]]["direction"]
    operator = {"higher": ">=", "lower": "<="}[better]
    rule = {"operator": operator, "direction": better, **rule}
    return {**METRIC, "key": check, "metric": rule}


def outcome(project: Project, now: datetime) -> tuple[str, set[tuple[str | None, str]]]:
    stage = Stage.objects.current().with_process().get(process__project=project)
    answer = assess(gather([stage], today=now.date())[stage.pk])
    return answer.verdict.value, {(blocker.check, blocker.code) for blocker in answer.blockers}


@pytest.fixture
def running(make_project: MakeProject, push_metric: PushMetric, now: datetime) -> Project:
    """In the evaluation, with results, proof here and for the stage after, and a model to compare with."""
    project = make_project("RUN", adopt_at="evaluation", level="regulated", tags=["high_risk", "affects_people"])
    owner = User.objects.get(username="founder")
    set_subject(project=project, actor=SYSTEM, parts={"model": "new 2"}, now=now)
    Process.objects.filter(project=project).update(baseline_model="old 1")
    push_metric(project, owner, 90.0, run_id="a")
    push_metric(project, owner, 80.0, run_id="old", subject={"model": "old 1"}, measured_at=now - timedelta(days=9))
    push_metric(project, owner, 70.0, run_id="b", slice="women", n=40)
    push_metric(project, owner, 3.0, metric="hallucination_rate", run_id="a")
    for check in Check.objects.filter(stage__process__project=project, key__in=["human_trial", "incident_plan"]):
        actor = Actor.for_user(owner)
        services.attach_link(check=check, actor=actor, url="https://x.example/", title="x", now=now)
    return project


CHANGED: dict[str, edits.Edit] = {
    "a metric without a result": edits.add_check("evaluation", metric("drift", key="label_agreement", threshold=0.2)),
    "a metric with a result": edits.add_check("evaluation", metric("quality", key="task_quality", threshold=85)),
    "a metric out of limit": edits.add_check("evaluation", metric("quality", key="task_quality", threshold=95)),
    "a metric in a slice": edits.add_check(
        "evaluation", metric("women", key="task_quality", slice="women", threshold=65)
    ),
    "a metric with too small a sample": edits.add_check(
        "evaluation", metric("women", key="task_quality", slice="women", min_sample=100, threshold=65)
    ),
    "a metric against the baseline": edits.add_check(
        "evaluation", metric("lift", key="task_quality", threshold=11, baseline={"change": "relative"})
    ),
    "a metric better than the baseline": edits.add_check(
        "evaluation", metric("lift", key="task_quality", threshold=10, baseline={"change": "absolute"})
    ),
    "a tighter threshold": edits.change_check(
        "primary_quality", item("primary_quality", metric=metric("x", key="task_quality", threshold=99)["metric"])
    ),
    "another slice": edits.change_check(
        "primary_quality",
        item("primary_quality", metric=metric("x", key="task_quality", threshold=69, slice="women")["metric"]),
    ),
    "another metric": edits.change_check(
        "fairness", item("fairness", metric=metric("x", key="hallucination_rate", threshold=4)["metric"])
    ),
    "optional from now on": edits.change_check("fairness", item("fairness", required_when=None)),
    "required by a tag": edits.change_check("red_team", item("red_team", required_when=["affects_people"])),
    "of another kind": edits.change_check("human_trial", item("human_trial", kind="manual")),
    "not of this level": edits.change_check("human_trial", {**item("human_trial"), "required": False}),
    "gone": edits.remove_check("slice_quality"),
    "brought here from a later stage": edits.send_check("incident_plan", "evaluation"),
    "sent to a later stage": edits.send_check("independent_signature", "deployment"),
    "an easier risk criterion": edits.change_check(
        "ethical_risks", item("ethical_risks", criterion={"categories": "any", "level": "low"})
    ),
    "nothing": edits.change_template({"name": {"en": "Another name"}}),
}


def impact_on(project: Project, document: Document, now: datetime) -> Any:
    """What is computed for the one project that runs."""
    found = impact_of(parse(document), actor=SYSTEM, today=now.date())
    assert found.running == 1
    return next((one for one in found.touched if one.key == project.key), None)


def moved_over(project: Project, document: Document, now: datetime) -> tuple[str, set[tuple[str | None, str]]]:
    """How its gate stands once it really moved; undone afterwards."""
    with transaction.atomic():
        version = services.publish_template(document=document, actor=SYSTEM, now=now)
        services.change_version(project=project, actor=SYSTEM, version=version.number, now=now)
        after = standing(project, now)
        transaction.set_rollback(True)
    return after


def standing(project: Project, now: datetime) -> tuple[str, set[tuple[str | None, str]]]:
    stage = Stage.objects.current().with_process().get(process__project=project)
    answer = assess(gather([stage], today=now.date())[stage.pk])
    return answer.verdict.value, {(blocker.check, blocker.code) for blocker in answer.blockers}


@pytest.mark.parametrize("change", CHANGED)
def test_the_impact_is_what_moving_over_does(change: str, running: Project, now: datetime) -> None:
    as_moving(running, eight_stage(CHANGED[change]), now)


@given(changes=st.lists(st.sampled_from(sorted(CHANGED)), min_size=2, max_size=5, unique=True))
@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_impact_of_several_changes_is_what_moving_over_does(
    changes: list[str], running: Project, now: datetime
) -> None:
    document = eight_stage()
    for change in changes:
        try:
            CHANGED[change](document)
        except DomainError:
            continue

    as_moving(running, document, now)


def as_moving(project: Project, document: Document, now: datetime) -> None:
    """What is computed is what comes of moving."""
    found = impact_on(project, document, now)
    before, after = standing(project, now), moved_over(project, document, now)
    assert (found is None) == (before == after)
    if found:
        assert (found.before, found.after) == (before[0], after[0])
        assert {(one["check"], one["code"]) for one in found.gained} == after[1] - before[1]
        assert {(one["check"], one["code"]) for one in found.lost} == before[1] - after[1]


# --- what a project has that its template does not say


TIGHTER = item("latency", metric=metric("x", key="p95_latency_ms", threshold=900)["metric"])


@pytest.mark.parametrize("officer", ["officer", ""])
@pytest.mark.parametrize("own", [1500.0, 800.0])
def test_a_limit_of_its_own_stays_or_ends_as_moving_over_does(
    own: float, officer: str, make_project: MakeProject, push_metric: PushMetric, make_user: Any, now: datetime
) -> None:
    project = make_project("OWN", adopt_at="deployment")
    push_metric(project, User.objects.get(username="founder"), 1000.0, metric="p95_latency_ms")
    LimitOverride.objects.create(
        process=project.process, check_key="latency", threshold=own, reason="So.", set_by=founder(),
        set_at=now, in_force_at=now, agreed_by=make_user(officer) if officer else None,
    )  # fmt: skip

    as_moving(project, eight_stage(edits.change_check("latency", TIGHTER)), now)


def founder() -> User:
    return User.objects.get(username="founder")


def test_a_check_that_was_dropped_comes_back_with_its_answer(running: Project, now: datetime) -> None:
    without = services.publish_template(document=eight_stage(edits.remove_check("human_trial")), actor=SYSTEM, now=now)
    services.change_version(project=running, actor=SYSTEM, version=without.number, now=now)
    running.refresh_from_db()

    as_moving(running, eight_stage(edits.change_template({"name": {"en": "Back again"}})), now)
    as_moving(running, eight_stage(edits.change_check("human_trial", item("human_trial", kind="manual"))), now)


@pytest.mark.parametrize("on_recycle", ["keep", "reverify", "redo"])
def test_after_a_loop_back_only_what_was_measured_since_counts_for_new_checks(
    on_recycle: str, running: Project, push_metric: PushMetric, now: datetime
) -> None:
    later = now + timedelta(days=2)
    stage = Stage.objects.current().with_process().get(process__project=running)
    Stage.objects.filter(pk=stage.pk).update(state="closed", ended_at=later)
    open_iterations(stage, "evaluation", later)
    new = {**metric("quality", key="task_quality", threshold=85), "on_recycle": on_recycle}

    as_moving(running, eight_stage(edits.add_check("evaluation", new)), later)
    push_metric(running, founder(), 99.0, run_id="new", measured_at=later, now=later)
    as_moving(running, eight_stage(edits.add_check("evaluation", new)), later)


# --- who is told what


def test_a_project_that_could_not_follow_says_why(
    running: Project, make_project: MakeProject, now: datetime, ask: Any, stage_of: Any
) -> None:
    make_project("LEAN", level="lean", adopt_at="design")
    ask(stage_of(make_project("ASKED")), by=founder(), despite_blockers=True)
    lost = [edits.remove_stage("evaluation"), edits.remove_check("charter")]
    document = eight_stage(*lost)
    document["levels"] = document["levels"][1:]
    for stage in document["stages"]:
        del stage["gate"]["levels"]["lean"]

    found = impact_of(parse(document), actor=SYSTEM, today=now.date())

    assert {one.key: (one.obstacle, one.after) for one in found.touched} == {
        "RUN": ("current_stage_gone", ""),
        "LEAN": ("level_not_offered", ""),
        "ASKED": ("round_is_open", "waiting"),
    }


def test_projects_on_hold_run_and_those_that_ended_do_not(
    running: Project, make_project: MakeProject, now: datetime
) -> None:
    make_project("HELD")
    Project.objects.filter(key="HELD").update(state="on_hold")
    make_project("GONE")
    Project.objects.filter(key="GONE").update(state="killed")
    make_project("SIX", template="six_step")

    assert impact_of(parse(eight_stage()), actor=SYSTEM, today=now.date()).running == 2


def test_only_who_sees_a_project_reads_its_name(
    make_project: MakeProject, make_user: Any, actor_of: Any, now: datetime
) -> None:
    make_project("OPEN", adopt_at="design")
    make_project("HUSH", adopt_at="design", visibility="private")
    red = parse(eight_stage(edits.add_check("design", metric("drift", key="label_agreement", threshold=1))))

    found = impact_of(red, actor=actor_of(make_user("reader")), today=now.date())

    assert ([one.key for one in found.touched], found.unseen, found.unseen_red) == (["OPEN"], 1, 1)
    assert found.sentence == "2 of 2 running projects would turn red."


def test_a_batch_costs_the_same_however_many_projects(make_project: MakeProject, now: datetime) -> None:
    some = [edits.add_check("evaluation", metric(f"new{n}", key="task_quality", threshold=n)) for n in range(3)]
    document = parse(eight_stage(*some, edits.send_check("incident_plan", "evaluation")))
    counts = []
    for keys in (range(3), range(3, 12)):
        for number in keys:
            make_project(f"B{number}", adopt_at="evaluation")
        with CaptureQueriesContext(connection) as queries:
            found = impact_of(document, actor=SYSTEM, today=now.date())
        counts.append(len(queries))
        assert len(found.touched) == number + 1

    assert counts[0] == counts[1] <= 20
    with CaptureQueriesContext(connection) as queries:
        assert impact_of(document, actor=SYSTEM, today=now.date(), batch=5) == found
    # Three batches: what each asks, and the first question about all.
    assert len(queries) <= 3 * counts[1]


def test_projects_whose_gate_asks_the_same_are_not_read(running: Project, now: datetime) -> None:
    document = parse(eight_stage(edits.remove_check("charter"), edits.change_template({"name": {"en": "x"}})))

    with CaptureQueriesContext(connection) as queries:
        found = impact_of(document, actor=SYSTEM, today=now.date())

    assert (found.running, found.touched, len(queries)) == (1, (), 1)
