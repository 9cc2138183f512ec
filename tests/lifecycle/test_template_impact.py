"""What a document would do to running projects is what moving them over does, and writes nothing."""

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import User
from common import content
from lifecycle import services
from lifecycle.criteria import assess
from lifecycle.models import Check, Process, Stage
from lifecycle.models.definition import parse
from lifecycle.selectors import gather
from lifecycle.selectors.templates import impact_of
from lifecycle.services.templates import edits
from projects.models import Project
from records.services import set_subject
from tests.fixtures.people import MakeProject
from tests.fixtures.rooms import PushMetric

Document = dict[str, Any]
SYSTEM = Actor.system("test")
METRIC = {
    "kind": "metric", "required": True, "from": "lean", "depends_on": [], "on_recycle": "redo", "material": False,
    "source_state": "default", "text": {"en": "Quality holds."},
}  # fmt: skip


def eight() -> Document:
    return deepcopy(content.document("eight-stage"))


def item(key: str, **fields: Any) -> Document:
    """A check of the built-in process with some of its fields changed; None takes one away."""
    stage = edits.home_of(eight(), key)
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
    document = eight()
    CHANGED[change](document)

    found = impact_on(running, document, now)

    before, after = standing(running, now), moved_over(running, document, now)
    assert (found is None) == (before == after), change
    if found:
        assert (found.before, found.after) == (before[0], after[0])
        assert {(one["check"], one["code"]) for one in found.gained} == after[1] - before[1]
        assert {(one["check"], one["code"]) for one in found.lost} == before[1] - after[1]
