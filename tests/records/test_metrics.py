"""Measured values: once per run, repeated without harm, never changed in silence."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.actor import Actor
from accounts.models import User
from common.errors import PermissionDenied, ValidationFailed
from journal.models import Entry
from projects.errors import ProjectArchived
from projects.models import Project
from projects.services import archive_project
from records import services
from records.errors import MetricAlreadyRecorded, UnknownMetric
from records.models import MetricDefinition, MetricResult, Subject, SubjectValue
from records.selectors import latest_results, subject_parts
from tests.fixtures.rooms import PushMetric

pytestmark = pytest.mark.core


def test_a_value_is_recorded_and_told(project: Project, contributor: User, push_metric: PushMetric) -> None:
    result, created = push_metric(project, contributor, 91.5, n=400, slice="women")

    assert created
    assert (result.value, result.n, result.slice, result.revision) == (91.5, 400, "women", 1)
    entry = Entry.objects.newest_first().first()
    assert entry is not None
    assert (entry.verb, entry.data["results"][0]["value"]) == ("metric.recorded", 91.5)


def test_the_same_value_again_changes_nothing(project: Project, contributor: User, push_metric: PushMetric) -> None:
    first, _created = push_metric(project, contributor)
    entries = Entry.objects.count()

    again, created = push_metric(project, contributor)

    assert (again.pk, created) == (first.pk, False)
    assert Entry.objects.count() == entries


def test_another_value_of_the_same_run_is_refused(project: Project, contributor: User, push_metric: PushMetric) -> None:
    push_metric(project, contributor, 90.0)

    with pytest.raises(MetricAlreadyRecorded) as refusal:
        push_metric(project, contributor, 95.0)

    assert refusal.value.errors[0].pointer == "/value"
    assert MetricResult.objects.count() == 1


def test_a_value_is_superseded_with_a_reason(project: Project, contributor: User, push_metric: PushMetric) -> None:
    first, _created = push_metric(project, contributor, 90.0)

    second, created = push_metric(project, contributor, 95.0, supersede=True, reason="labels were swapped")

    first.refresh_from_db()
    assert created
    assert second.revision == 2
    assert (first.superseded, first.supersede_reason) == (True, "labels were swapped")
    assert list(MetricResult.objects.counting()) == [second]


def test_superseding_takes_a_reason(project: Project, contributor: User, push_metric: PushMetric) -> None:
    with pytest.raises(ValidationFailed):
        push_metric(project, contributor, supersede=True)


def test_only_an_owner_supersedes_the_value_of_someone_else(
    project: Project, contributor: User, gatekeeper: User, owner: User, push_metric: PushMetric
) -> None:
    push_metric(project, contributor, 90.0)

    with pytest.raises(PermissionDenied):
        push_metric(project, gatekeeper, 95.0, supersede=True, reason="wrong")

    assert push_metric(project, owner, 95.0, supersede=True, reason="wrong")[1]


def test_an_unknown_metric_is_refused_with_the_nearest_one(
    project: Project, contributor: User, push_metric: PushMetric
) -> None:
    with pytest.raises(UnknownMetric) as refusal:
        push_metric(project, contributor, metric="task_qualty")

    error = refusal.value.errors[0]
    assert (error.pointer, error.code) == ("/metric", "unknown_metric")
    assert "task_quality" in str(error.detail)


def test_a_value_outside_of_its_bounds_is_refused(project: Project, contributor: User, push_metric: PushMetric) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        push_metric(project, contributor, 90.0, low=91.0, high=95.0)

    assert refusal.value.errors[0].pointer == "/low"


def test_a_viewer_records_nothing(project: Project, viewer: User, push_metric: PushMetric) -> None:
    with pytest.raises(PermissionDenied):
        push_metric(project, viewer)


def test_a_value_not_seen_before_becomes_the_subject(
    project: Project, contributor: User, push_metric: PushMetric
) -> None:
    result, _created = push_metric(project, contributor, subject={"model": "reco 1.1", "dataset": "events 2"})

    assert result.subject == {"model": "reco 1.1", "dataset": "events 2"}
    assert services.current_parts(project) == {"model": "reco 1.1", "dataset": "events 2"}


def test_an_older_value_stores_results_and_moves_nothing(
    project: Project, contributor: User, push_metric: PushMetric
) -> None:
    push_metric(project, contributor, subject={"model": "reco 1.1"})
    push_metric(project, contributor, run_id="r2", subject={"model": "reco 1.2"})

    result, _created = push_metric(project, contributor, run_id="r3", subject={"model": "reco 1.1"})

    assert result.model == "reco 1.1"
    assert services.current_parts(project) == {"model": "reco 1.2"}


def test_make_current_brings_an_older_value_back(
    project: Project, contributor: User, push_metric: PushMetric, now: datetime
) -> None:
    push_metric(project, contributor, subject={"model": "reco 1.1"})
    push_metric(project, contributor, run_id="r2", subject={"model": "reco 1.2"})
    later = now + timedelta(days=1)

    push_metric(project, contributor, run_id="r3", subject={"model": "reco 1.1"}, make_current=True, now=later)

    assert services.current_parts(project) == {"model": "reco 1.1"}
    assert subject_parts(project)[0].since == later


def test_a_candidate_moves_nothing_and_counts_for_nothing(
    project: Project, contributor: User, push_metric: PushMetric
) -> None:
    push_metric(project, contributor, subject={"code": "abc"})

    push_metric(project, contributor, run_id="pr-1", subject={"code": "def"}, candidate=True)

    assert services.current_parts(project) == {"code": "abc"}
    assert not SubjectValue.objects.filter(value="def").exists()
    assert MetricResult.objects.counting().count() == 1


@pytest.mark.parametrize("value", [90.0, 97.0])
def test_a_candidate_replaces_no_result_that_counts(
    project: Project, contributor: User, push_metric: PushMetric, value: float
) -> None:
    counting, _created = push_metric(project, contributor, 90.0)

    with pytest.raises(MetricAlreadyRecorded):
        push_metric(project, contributor, value, candidate=True, supersede=True, reason="a better run")

    assert list(MetricResult.objects.counting()) == [counting]


def test_a_candidate_replaces_a_candidate_and_what_counts_replaces_it(
    project: Project, contributor: User, push_metric: PushMetric
) -> None:
    push_metric(project, contributor, 90.0, candidate=True)

    second, _created = push_metric(project, contributor, 91.0, candidate=True, supersede=True, reason="merged anew")
    third, _created = push_metric(project, contributor, 91.0, supersede=True, reason="it was the release")

    assert (second.revision, third.revision) == (2, 3)
    assert list(MetricResult.objects.counting()) == [third]


def test_a_result_without_a_subject_was_made_for_the_current_one(
    project: Project, contributor: User, push_metric: PushMetric
) -> None:
    push_metric(project, contributor, subject={"model": "reco 1.1", "code": "abc"})

    result, _created = push_metric(project, contributor, run_id="r2", subject={"code": "def"})

    assert result.subject == {"model": "reco 1.1", "code": "def"}


def test_the_subject_is_set_by_hand(project: Project, contributor: User, now: datetime) -> None:
    actor = Actor.for_user(contributor)

    services.set_subject(project=project, actor=actor, parts={"model": "a", "prompt": "p1"}, now=now)
    moved = services.set_subject(project=project, actor=actor, parts={"model": "b", "prompt": "p1"}, now=now)

    assert [(item.part, item.before, item.after) for item in moved] == [("model", "a", "b")]
    assert Subject.objects.get(project=project).parts() == {"model": "b", "prompt": "p1"}
    assert Entry.objects.filter(verb="subject.moved").count() == 2


def test_a_new_model_version_becomes_the_current_model(project: Project, contributor: User, now: datetime) -> None:
    row = services.add_model_version(
        project=project, actor=Actor.for_user(contributor), name="reco 2.0", trained_by=[contributor], now=now
    )

    assert list(row.trained_by.all()) == [contributor]
    assert services.current_parts(project)["model"] == "reco 2.0"


def test_the_database_keeps_one_standing_value_per_run(
    project: Project, contributor: User, push_metric: PushMetric
) -> None:
    row, _created = push_metric(project, contributor)
    row.pk, row.revision = None, 2

    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_many_values_cost_as_many_queries_as_one(
    project: Project,
    contributor: User,
    metric_definitions: None,
    now: datetime,
    django_assert_num_queries: Callable[..., Any],
) -> None:
    keys = list(MetricDefinition.objects.values_list("key", flat=True))[:20]
    actor = Actor.for_user(contributor)

    for run, count in (("r1", 1), ("r2", 20)):
        measured = [services.Measurement(metric=key, value=1.0, run_id=run, measured_at=now) for key in keys[:count]]
        with transaction.atomic(), django_assert_num_queries(6):
            services.store_results(project=project, actor=actor, measurements=measured, terms=services.Terms(), now=now)


def test_definitions_are_loaded_twice_without_harm(db: None) -> None:
    first = services.load_metric_definitions()

    assert services.load_metric_definitions() == first == MetricDefinition.objects.count()


def test_the_page_shows_the_latest_value_of_each_slice(
    project: Project, contributor: User, push_metric: PushMetric, now: datetime
) -> None:
    push_metric(project, contributor, 80.0, measured_at=now - timedelta(days=2))
    push_metric(project, contributor, 85.0, run_id="r2", measured_at=now - timedelta(days=1))
    push_metric(project, contributor, 70.0, run_id="r2", slice="women")
    push_metric(project, contributor, 99.0, run_id="pr", candidate=True)

    rows = latest_results(project)

    assert [(row.name, row.result.slice, row.result.value) for row in rows] == [
        ("Primary task quality", "", 85.0),
        ("Primary task quality", "women", 70.0),
    ]


def test_nothing_is_recorded_in_an_archived_project(
    project: Project, owner: User, push_metric: PushMetric, now: datetime
) -> None:
    actor = Actor.for_user(owner)
    archive_project(project=project, actor=actor, now=now)

    with pytest.raises(ProjectArchived):
        push_metric(project, owner)
    with pytest.raises(ProjectArchived):
        push_metric(project, owner, run_id="pr-1", candidate=True)
    with pytest.raises(ProjectArchived):
        services.set_subject(project=project, actor=actor, parts={"model": "reco 1.0"}, now=now)
    with pytest.raises(ProjectArchived):
        services.add_model_version(project=project, actor=actor, name="reco 1.1", now=now)
