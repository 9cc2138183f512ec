"""Records at the API's door."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from journal.models import Entry
from projects.models import Project
from records import services
from records.models import Evidence, MetricResult
from tests.fixtures.people import AddMember, MakeProject
from tests.fixtures.rooms import AddFile, PushMetric

pytestmark = [pytest.mark.core, pytest.mark.usefixtures("frozen")]
Api = Callable[[User | None], APIClient]
URL = "/api/v1/projects/RECO/metrics/"


@pytest.fixture
def measurement(metric_definitions: None) -> dict[str, Any]:
    return {"metric": "task_quality", "value": 0.9, "run_id": "r1", "measured_at": "2026-03-01T00:00:00Z"}


def test_a_value_is_pushed_once(api: Api, contributor: User, measurement: dict[str, Any]) -> None:
    client = api(contributor)

    first = client.post(URL, measurement, format="json")
    again = client.post(URL, measurement, format="json")
    other = client.post(URL, {**measurement, "value": 0.8}, format="json")

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert first.json() == again.json()
    assert other.json()["code"] == "metric_already_recorded"
    assert first.json()["recorded_by"] == "contributor"


def test_another_value_takes_supersede_and_a_reason(api: Api, contributor: User, measurement: dict[str, Any]) -> None:
    client = api(contributor)
    client.post(URL, measurement, format="json")

    bare = client.post(URL, {**measurement, "value": 0.8, "supersede": True}, format="json")
    reasoned = client.post(
        URL, {**measurement, "value": 0.8, "supersede": True, "reason": "swapped labels"}, format="json"
    )

    assert (bare.status_code, bare.json()["errors"][0]["pointer"]) == (400, "/reason")
    assert (reasoned.status_code, reasoned.json()["revision"]) == (201, 2)


@pytest.mark.parametrize(
    ("change", "statuses", "codes", "field"),
    [
        ({"value": "NaN"}, {400}, {"not_finite", "invalid_type"}, "value"),
        ({"value": True}, {400}, {"invalid_type"}, "value"),
        ({"step": 2**40}, {201}, set(), ""),
        ({"step": -1}, {400}, {"out_of_range"}, "step"),
        ({"step": 2**63}, {400}, {"out_of_range"}, "step"),
        ({"cost": 1}, {400}, {"unknown_field"}, "cost"),
        ({"measured_at": "2027-03-28T02:30:00"}, {400}, {"timezone_required"}, "measured_at"),
        ({"measured_at": "0001-01-01T00:00:00+14:00"}, {400}, {"out_of_range", "invalid_date"}, "measured_at"),
        ({"measured_at": "9999-12-31T23:59:59-14:00"}, {400}, {"out_of_range", "invalid_date"}, "measured_at"),
        ({"measured_at": "2099-01-01T00:00:00Z"}, {400}, {"in_the_future"}, "measured_at"),
        ({"evidence": 7}, {400}, {"not_found", "unknown_field"}, "evidence"),
        ({"metric": "eval.acc"}, {400}, {"unknown_metric"}, "metric"),
        ({"run_id": "a\u0000b"}, {400}, {"null_character"}, "run_id"),
        ({"run_id": "x" * 121}, {400}, {"too_long"}, "run_id"),
        ({"subject": {"weights": "x"}}, {400}, {"unknown_field"}, "subject/weights"),
        ({"n": -1}, {400}, {"out_of_range"}, "n"),
    ],
)
def test_bad_values_get_a_clear_answer(
    api: Api,
    contributor: User,
    measurement: dict[str, Any],
    change: dict[str, Any],
    statuses: set[int],
    codes: set[str],
    field: str,
) -> None:
    answer = api(contributor).post(URL, {**measurement, **change}, format="json")

    assert answer.status_code in statuses
    if codes:
        assert answer.json()["code"] in codes
        assert answer.json()["errors"][0]["pointer"] == f"/{field}"
        assert not MetricResult.objects.exists()


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ('{"metric":"eval.acc","value":NaN,"run_id":"r1"}', {"malformed_json", "not_finite"}),
        ('{"metric":"eval.acc","value":1e999,"run_id":"r1"}', {"not_finite"}),
        ('{"metric":"eval.acc","value":%s,"run_id":"r1"}' % ("9" * 5000), {"malformed_json", "out_of_range"}),
        (
            '{"metric":"task_quality","value":1,"run_id":"r1","measured_at":"2026-03-01T00:00:00Z","cost":1e1000000}',
            {"out_of_range", "unknown_field", "not_finite"},
        ),
    ],
)
def test_numbers_that_are_none_are_refused(
    api: Api, contributor: User, metric_definitions: None, body: str, codes: set[str]
) -> None:
    answer = api(contributor).post(URL, body, content_type="application/json")

    assert answer.status_code == 400
    assert answer.json()["code"] in codes


def test_a_clock_may_be_five_minutes_fast(
    api: Api, contributor: User, measurement: dict[str, Any], now: datetime
) -> None:
    soon = (now + timedelta(minutes=4)).isoformat()

    assert api(contributor).post(URL, {**measurement, "measured_at": soon}, format="json").status_code == 201


def test_rights_at_the_door(
    api: Api, viewer: User, stranger: User, measurement: dict[str, Any], project: Project
) -> None:
    Project.objects.filter(pk=project.pk).update(visibility="private")

    assert api(None).post(URL, measurement, format="json").status_code == 401
    assert api(stranger).post(URL, measurement, format="json").status_code == 404
    assert api(viewer).post(URL, measurement, format="json").status_code == 403
    assert api(viewer).get(URL).status_code == 200


def test_a_token_needs_its_scope_and_its_project(
    token_client: Callable[..., APIClient],
    contributor: User,
    project: Project,
    make_project: MakeProject,
    add_member: AddMember,
    measurement: dict[str, Any],
) -> None:
    other = make_project("OTHER")
    add_member(other, contributor)
    reader = token_client(contributor, ["projects:read"])
    bound = token_client(contributor, ["metrics:write"], project)

    assert reader.post(URL, measurement, format="json").json()["code"] == "scope_missing"
    assert bound.post(URL, measurement, format="json").status_code == 201
    foreign = bound.post("/api/v1/projects/OTHER/metrics/", measurement, format="json")
    assert (foreign.status_code, foreign.json()["code"]) == (404, "not_found")


def test_the_list_pages_by_cursor_and_filters(
    api: Api, project: Project, contributor: User, push_metric: PushMetric
) -> None:
    for number in range(5):
        push_metric(project, contributor, float(number), run_id=f"r{number}")
    client = api(contributor)

    page = client.get(URL, {"limit": "3", "cursor": ""}).json()
    rest = client.get(page["next"]).json()

    assert [row["value"] for row in page["results"] + rest["results"]] == [4.0, 3.0, 2.0, 1.0, 0.0]
    assert client.get(URL, {"run_id": "r3"}).json()["count"] == 1
    assert client.get(URL, {"value": "3"}).json()["code"] == "unknown_parameter"


def test_lists_cost_the_same_however_long(
    api: Api,
    project: Project,
    contributor: User,
    push_metric: PushMetric,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    for number in range(12):
        push_metric(project, contributor, float(number), run_id=f"r{number}")
    client = api(contributor)

    with django_assert_max_num_queries(8):
        client.get(URL)


def test_definitions_are_listed(api: Api, stranger: User, metric_definitions: None) -> None:
    answer = api(stranger).get("/api/v1/metric-definitions/", {"search": "fairness"})

    assert [row["key"] for row in answer.json()["results"]] == ["fairness_gap"]
    assert api(stranger).post("/api/v1/metric-definitions/", {}, format="json").status_code in {403, 405}


def test_a_file_comes_as_an_attachment(
    api: Api, project: Project, contributor: User, viewer: User, add_file: AddFile
) -> None:
    row = add_file(project, contributor, 'plan "a";甲.pdf', b"%PDF-1.4\n<script>alert(1)</script>\n%%EOF")

    answer = api(viewer).get(f"/api/v1/evidence/{row.pk}/download/", HTTP_ACCEPT="text/html")

    assert answer.status_code == 200
    assert b"".join(answer.streaming_content).startswith(b"%PDF")  # type: ignore[attr-defined] # a stream
    disposition = "attachment; filename*=UTF-8''plan%20%22a%22%3B%E7%94%B2.pdf"
    assert answer.headers["Content-Disposition"] == disposition
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Content-Length"] == str(row.size)


def test_confidential_files_are_for_those_who_work(
    api: Api, project: Project, contributor: User, viewer: User, auditor: User, admin: User, add_file: AddFile
) -> None:
    row = add_file(project, contributor, confidential=True)
    url = f"/api/v1/evidence/{row.pk}/download/"

    assert api(contributor).get(url).status_code == 200
    assert api(auditor).get(url).status_code == 200
    assert api(viewer).get(url).status_code == 403
    assert api(admin).get(url).status_code == 403


def test_evidence_of_others_looks_like_none(
    api: Api, owner: User, project: Project, make_project: MakeProject, add_member: AddMember, add_file: AddFile
) -> None:
    other = make_project("OTHER", visibility="private")
    insider = add_member(other, "insider").user
    row = add_file(other, insider)
    client = api(owner)

    through_own = client.get(f"/api/v1/projects/RECO/evidence/{row.pk}/download/")
    random = client.get("/api/v1/projects/RECO/evidence/987654321/download/")
    direct = client.get(f"/api/v1/evidence/{row.pk}/download/")

    assert [answer.status_code for answer in (through_own, random, direct)] == [404, 404, 404]
    assert through_own.json() | {"request_id": ""} == random.json() | {"request_id": ""}


def test_a_visible_evidence_is_not_reached_through_another_project(
    api: Api, owner: User, project: Project, make_project: MakeProject, add_member: AddMember, add_file: AddFile
) -> None:
    other = make_project("OTHER")
    row = add_file(other, add_member(other, "insider").user)

    answer = api(owner).get(f"/api/v1/projects/RECO/evidence/{row.pk}/download/")

    assert answer.status_code == 404
    assert api(owner).get(f"/api/v1/projects/OTHER/evidence/{row.pk}/download/").status_code == 200


def test_a_lost_file_is_said_to_be_damaged(api: Api, project: Project, contributor: User, add_file: AddFile) -> None:
    row = add_file(project, contributor)
    Evidence.objects.filter(pk=row.pk).update(size=row.size)
    assert row.blob is not None
    type(row.blob).objects.update(size=999)

    answer = api(contributor).get(f"/api/v1/evidence/{row.pk}/download/")

    assert (answer.status_code, answer.json()["code"]) == (503, "file_damaged")


def test_a_damaged_file_is_never_served_and_told_to_the_journal(
    api: Api, project: Project, contributor: User, add_file: AddFile
) -> None:
    row = add_file(project, contributor)
    assert row.blob is not None
    services.path_of(row.blob).write_bytes(b"b plan")

    answer = api(contributor).get(f"/api/v1/evidence/{row.pk}/download/")

    assert (answer.status_code, answer.json()["code"]) == (503, "file_damaged")
    assert "not those that were uploaded" in answer.json()["detail"]
    assert Entry.objects.filter(verb="evidence.damaged", object=f"evidence:{row.pk}").count() == 1


def test_proof_is_withdrawn_at_the_door(api: Api, project: Project, contributor: User, add_file: AddFile) -> None:
    row = add_file(project, contributor)
    url, client = f"/api/v1/evidence/{row.pk}/withdraw/", api(contributor)

    stale = client.post(url, {"reason": "wrong"}, format="json", HTTP_IF_MATCH='"v9"')
    old = client.post(url, {"reason": "wrong", "version": 7}, format="json")
    done = client.post(url, {"reason": "wrong"}, format="json")
    again = client.post(url, {"reason": "wrong", "version": 2}, format="json")

    assert [answer.status_code for answer in (stale, old, done, again)] == [412, 412, 200, 409]
    assert done.json()["withdrawn_reason"] == "wrong"
    assert done.headers["ETag"] == '"v2"'
    listed = client.get("/api/v1/projects/RECO/evidence/", {"withdrawn": "false"}).json()
    assert listed["count"] == 0
