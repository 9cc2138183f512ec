"""Candidates get an as-if verdict and move nothing; an older part of the subject comes back after showing its price."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import User
from lifecycle import services
from lifecycle.models import Check, Stage
from lifecycle.selectors import as_if, candidate_named, gather, readiness
from projects.models import Project
from records.models import MetricResult
from records.services import current_parts, set_subject
from tests.fixtures.gates import MeetAll, StageOf
from tests.fixtures.rooms import PushMetric

pytestmark = [pytest.mark.core, pytest.mark.usefixtures("frozen")]
Browse = Callable[[User], Client]
GATE = "/api/v1/projects/RECO/gates/training/check/"


@pytest.fixture
def project(make_project: Any) -> Project:
    """At the level that asks for every check."""
    return make_project(level="regulated")


@pytest.fixture
def trained(project: Project, owner: User, stage_of: StageOf, meet_all: MeetAll, now: datetime) -> Stage:
    """The training stage with every required check met for the first model."""
    parts = {"model": "reco 1", "dataset": "shop 1", "code": "c1"}
    set_subject(project=project, actor=Actor.for_user(owner), parts=parts, now=now)
    stage = stage_of(project, "training")
    meet_all(stage, by=owner)
    return stage_of(project, "training")


@pytest.fixture
def report(push_metric: PushMetric, project: Project, contributor: User, now: datetime) -> Callable[..., MetricResult]:
    """`report("pr-7", "no_overfitting", 2.0, model="reco 2")`: a candidate's value for the metric of this check."""

    def push(run_id: str, check: str, value: float, *, at: datetime | None = None, **subject: str) -> MetricResult:
        row = Check.objects.get(stage__process__project=project, key=check)
        given = {"metric": row.metric, "slice": row.slice, "n": row.min_sample or None, "run_id": run_id}
        return push_metric(
            project, contributor, value, candidate=True, subject=subject, measured_at=at or now, now=at or now, **given
        )[0]

    return push


def blockers(answer: dict[str, Any]) -> dict[str, str]:
    return {row["check"]: row["code"] for row in answer["blockers"]}


def test_a_candidate_is_asked_for_as_if_it_were_current(
    browse: Browse, trained: Stage, viewer: User, report: Any, now: datetime
) -> None:
    client = browse(viewer)
    before = client.get(GATE).json()
    report("pr-7", "no_overfitting", 1.0, code="c2")
    report("pr-7", "reproducible", 0.1, code="c2")
    report("pr-8", "no_overfitting", 99.0)

    better, worse = (client.get(GATE, {"candidate": run}).json() for run in ("pr-7", "pr-8"))

    # The tests of the pipeline and what else depends on the code were made for the older one.
    assert better["verdict"] == "stale"
    assert set(blockers(better).values()) == {"evidence_stale"}
    assert "pipeline_tests" in blockers(better)
    assert better["candidate"] == {
        "run_id": "pr-7",
        "reported_at": now.isoformat().replace("+00:00", "Z"),
        "subject": {"model": "reco 1", "dataset": "shop 1", "code": "c2"},
        "results": 2,
        "moved": [{"part": "code", "from": "c1", "to": "c2"}],
    }
    assert (worse["verdict"], blockers(worse)) == ("fail", {"no_overfitting": "metric_out_of_limit"})
    assert "99" in worse["sentence"]
    assert worse["fingerprint"] != before["fingerprint"]
    assert client.get(GATE).json() == before
    assert "candidate" not in before


def test_nothing_moves_when_a_candidate_is_asked_for(
    browse: Browse, trained: Stage, project: Project, viewer: User, report: Any
) -> None:
    report("pr-7", "no_overfitting", 1.0, model="reco 2", code="c2")
    rows = list(MetricResult.objects.order_by("pk").values())

    browse(viewer).get(GATE, {"candidate": "pr-7"})

    assert current_parts(project) == {"model": "reco 1", "dataset": "shop 1", "code": "c1"}
    assert list(MetricResult.objects.order_by("pk").values()) == rows
    assert readiness(Stage.objects.with_process().get(pk=trained.pk), today=trained.opened_at.date()).ready


@pytest.mark.parametrize("run", ["nothing", "", "no_overfitting-1"])
def test_a_run_that_no_candidate_reported_is_unknown(
    browse: Browse, trained: Stage, viewer: User, run: str, push_metric: PushMetric, project: Project, contributor: User
) -> None:
    answer = browse(viewer).get(GATE, {"candidate": run})

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_run")


def test_a_candidate_of_another_project_is_unknown(
    browse: Browse, trained: Stage, make_project: Any, viewer: User, report: Any
) -> None:
    report("pr-7", "no_overfitting", 1.0)
    make_project("SIDE")

    answer = browse(viewer).get("/api/v1/projects/SIDE/gates/current/check/", {"candidate": "pr-7"})

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_run")


@pytest.mark.parametrize("query", [{"candidates": "x"}, {"limit": "5"}, {"candidate": "x" * 121}])
def test_other_parameters_are_refused(browse: Browse, trained: Stage, viewer: User, query: dict[str, str]) -> None:
    assert browse(viewer).get(GATE, query).status_code == 400


def test_of_a_check_done_again_only_what_was_measured_since_counts(
    trained: Stage, report: Any, project: Project, now: datetime
) -> None:
    report("pr-7", "no_overfitting", 99.0)
    Check.objects.filter(stage=trained, key="no_overfitting").update(carried="redo")
    Stage.objects.filter(pk=trained.pk).update(opened_at=now + timedelta(hours=1))
    facts = gather([Stage.objects.with_process().get(pk=trained.pk)], today=now.date())[trained.pk]
    candidate = candidate_named(project.pk, "pr-7")
    assert candidate is not None

    [answer] = as_if(facts, [candidate])

    assert answer.of("no_overfitting").finding.blocker.code == "metric_missing"  # type: ignore[union-attr]


def test_an_older_value_brings_the_results_made_for_it(
    browse: Browse, trained: Stage, project: Project, owner: User, viewer: User, report: Any, now: datetime
) -> None:
    """A hotfix of the former model is judged by what was measured for that model."""
    set_subject(project=project, actor=Actor.for_user(owner), parts={"model": "reco 2"}, now=now)
    assert browse(viewer).get(GATE).json()["verdict"] == "stale"
    report("fix-1", "no_overfitting", 1.0, model="reco 1")

    answer = browse(viewer).get(GATE, {"candidate": "fix-1"}).json()

    assert (answer["verdict"], answer["ready"]) == ("pass", True)
    assert answer["candidate"]["moved"] == [{"part": "model", "from": "reco 2", "to": "reco 1"}]


def test_the_gate_lists_three_candidates_of_late_with_their_verdicts(
    browse: Browse, trained: Stage, viewer: User, report: Any, now: datetime
) -> None:
    client, url = browse(viewer), "/projects/RECO/gates/training/candidates/"
    assert "No candidate was reported" in client.get(url).content.decode()
    assert "candidates/" not in client.get("/projects/RECO/gates/training/").content.decode()
    report("pr-0", "no_overfitting", 1.0, at=now - timedelta(days=15))
    for number in range(1, 5):
        at = now - timedelta(days=5 - number)
        report(f"pr-{number}", "no_overfitting", 99.0 if number == 4 else 1.0, at=at)

    html = " ".join(client.get(url).content.decode().split())

    assert [run for run in ("pr-4", "pr-3", "pr-2", "pr-1", "pr-0") if run in html] == ["pr-4", "pr-3", "pr-2"]
    assert html.index("pr-4") < html.index("pr-3") < html.index("pr-2")
    assert '<b class="eg-b">No go.</b>' in html
    assert html.count('<b class="eg-b">Go is possible.</b>') == 2
    assert "candidates/" in client.get("/projects/RECO/gates/training/").content.decode()
    fragment = client.get(url, HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in fragment
    assert 'id="candidates"' in fragment


def test_candidates_cost_the_same_however_many(
    browse: Browse, trained: Stage, viewer: User, report: Any, now: datetime
) -> None:
    client = browse(viewer)

    def cost(path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    paths = ("/projects/RECO/gates/training/candidates/", "/projects/RECO/gates/training/", f"{GATE}?candidate=pr-0")
    plain = cost("/projects/RECO/gates/training/")
    report("pr-0", "no_overfitting", 1.0)
    few = [cost(path) for path in paths]
    report("pr-0", "reproducible", 1.0)
    for number in range(1, 9):
        report(f"pr-{number}", "no_overfitting", float(number), code=f"c{number}")

    assert [cost(path) for path in paths] == few
    assert few[1] == plain
    assert few[2] <= 12


# --- what is current


def test_the_subject_is_read_and_moved_at_the_api(browse: Browse, project: Project, contributor: User) -> None:
    client, url = browse(contributor), "/api/v1/projects/RECO/subject/"

    def post(**body: Any) -> Any:
        return client.post(url, body, content_type="application/json")

    first = post(model="reco 1", code="c1").json()
    second = post(model="reco 2").json()
    older = post(model="reco 1").json()
    forced = post(model="reco 1", make_current=True).json()

    assert first["moved"] == [
        {"part": "model", "from": "", "to": "reco 1"},
        {"part": "code", "from": "", "to": "c1"},
    ]
    assert second["moved"] == [{"part": "model", "from": "reco 1", "to": "reco 2"}]
    assert (older["moved"], older["subject"]["model"]) == ([], "reco 2")
    assert forced["moved"] == [{"part": "model", "from": "reco 2", "to": "reco 1"}]
    shown = client.get(url).json()
    assert shown["subject"] == {"model": "reco 1", "code": "c1"}
    assert {(row["part"], row["value"], row["current"]) for row in shown["values"]} == {
        ("model", "reco 1", True),
        ("model", "reco 2", False),
        ("code", "c1", True),
    }


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "required"),
        ({"make_current": True}, "required"),
        ({"model": ""}, "required"),
        ({"weights": "x"}, "unknown_field"),
        ({"model": "a\nb"}, "control_character"),
        ({"model": "x" * 201}, "too_long"),
    ],
)
def test_a_subject_that_says_nothing_or_too_much_is_refused(
    browse: Browse, project: Project, contributor: User, body: dict[str, Any], code: str
) -> None:
    answer = browse(contributor).post("/api/v1/projects/RECO/subject/", body, content_type="application/json")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, code)


def test_who_only_reads_moves_nothing(browse: Browse, project: Project, viewer: User) -> None:
    client = browse(viewer)

    body = {"model": "x"}
    assert client.post("/api/v1/projects/RECO/subject/", body, content_type="application/json").status_code == 403
    assert client.post("/projects/RECO/subject/current/", {"part": "model", "value": "x"}).status_code == 403
    assert current_parts(project) == {}


def test_an_older_value_shows_its_price_and_then_becomes_current(
    browse: Browse, trained: Stage, project: Project, owner: User, now: datetime
) -> None:
    actor, client = Actor.for_user(owner), browse(owner)
    set_subject(project=project, actor=actor, parts={"model": "reco 2"}, now=now)
    check = Check.objects.select_related("stage__process__project__subject").get(stage=trained, key="run_log")
    services.attach_link(check=check, actor=actor, url="https://x.example/2", title="Log of reco 2", now=now)
    listed = client.get("/projects/RECO/records/").content.decode()
    assert 'href="/projects/RECO/subject/?part=model&amp;value=reco%201"' in listed

    set_subject(project=project, actor=actor, parts={"model": "reco 3"}, now=now)
    page = " ".join(
        client.get("/projects/RECO/subject/", {"part": "model", "value": "reco 2"}).content.decode().split()
    )
    assert "Model: from reco 3 back to reco 2. 0 checks turn stale." in page
    assert "Would stand otherwise" in page

    page = " ".join(client.get("/projects/RECO/subject/", {"part": "code", "value": "c0"}).content.decode().split())
    assert "was made for code c1, now c0" in page
    moved = client.post("/projects/RECO/subject/current/", {"part": "model", "value": "reco 1"})

    assert moved.headers["Location"] == "/projects/RECO/records/#subject"
    assert current_parts(project)["model"] == "reco 1"


@pytest.mark.parametrize(
    "query", [{}, {"part": "weights", "value": "x"}, {"part": "model"}, {"part": "model", "value": "a\x00"}]
)
def test_a_price_of_nothing_is_asked_again(project, viewer, browse, query):
    asked = browse(viewer).get("/projects/RECO/subject/", query)

    assert asked.status_code == (422 if query else 200)
    assert 'name="part"' in asked.content.decode()


@pytest.mark.parametrize(
    ("said", "wrong"),
    [({"part": "foo", "value": "x"}, "id_part"), ({"part": "model", "value": "x" * 201}, "id_value"), ({}, "id_part")],
)
def test_a_part_or_value_that_is_none_is_refused_at_its_field(project, owner, browse, said, wrong):
    refused = browse(owner).post("/projects/RECO/subject/current/", said)

    page = refused.content.decode()
    assert refused.status_code == 422
    assert f'id="{wrong}_error"' in page
    assert said.get("value", "") in page


def test_what_was_made_current_is_said(project, owner, browse, now):
    set_subject(project=project, actor=Actor.for_user(owner), parts={"model": "reco 1"}, now=now)

    page = browse(owner).post("/projects/RECO/subject/current/", {"part": "model", "value": "reco 0"}, follow=True)

    assert "Model: reco 0 is current." in page.content.decode()


def test_the_preview_without_a_part_asks_for_it(project, owner, browse):
    page = browse(owner).get("/projects/RECO/subject/")

    assert page.status_code == 200
    assert 'name="part"' in page.content.decode()
