"""The change lane by the API."""

import pytest

from lifecycle.models import Change

pytestmark = [pytest.mark.core, pytest.mark.django_db]


def test_a_script_opens_a_change_and_reads_what_it_turned_stale(in_service, worker, api):
    project = in_service()

    response = api(worker).post(
        f"/api/v1/projects/{project.key}/changes/", {"text": "New prompt", "subject": {"prompt": "p2"}}, format="json"
    )

    told = response.json()
    assert response.status_code == 201, told
    assert (told["state"], told["ready"], told["material"], told["stage"]) == ("open", False, True, "maintenance")
    assert told["moved"] == [{"part": "prompt", "from": "p1", "to": "p2"}]
    assert {(check["key"], check["stage"], check["state"]) for check in told["checks"]} == {
        ("primary_quality", "evaluation", "stale"),
        ("human_trial", "evaluation", "stale"),
    }
    assert {check["blocker"]["code"] for check in told["checks"]} == {"metric_stale", "evidence_stale"}
    assert response.headers["ETag"] == f'"v{told["version"]}"'


def test_before_the_recurring_stage_it_is_refused(project, contributor, api):
    response = api(contributor).post(
        f"/api/v1/projects/{project.key}/changes/", {"text": "x", "subject": {"model": "m"}}, format="json"
    )

    assert (response.status_code, response.json()["code"]) == (409, "no_change_lane")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"subject": {"model": "m2"}}, "required"),
        ({"text": "x"}, "required"),
        ({"text": "x", "subject": {}}, "required"),
        ({"text": "x", "subject": {"weights": "w"}}, "unknown_field"),
        ({"text": "x", "subject": {"model": "a\nb"}}, "control_character"),
    ],
)
def test_a_change_says_what_and_why(in_service, worker, api, body, code):
    response = api(worker).post(f"/api/v1/projects/{in_service().key}/changes/", body, format="json")

    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, code), response.json()


def test_changes_are_listed_by_state_and_those_that_are_over_have_no_states(in_service, worker, open_change, api):
    project = in_service()
    first, second = open_change(project, worker, prompt="p2"), open_change(project, worker, prompt="p3")
    client = api(worker)

    closed = client.post(f"/api/v1/changes/{first.pk}/withdraw/", {"reason": "Rolled back"}, format="json")
    rows = client.get(f"/api/v1/projects/{project.key}/changes/").json()["results"]
    running = client.get(f"/api/v1/projects/{project.key}/changes/?state=open").json()["results"]

    assert (closed.status_code, closed.json()["closed_by"]) == (200, "worker")
    assert [row["id"] for row in rows] == [second.pk, first.pk]
    assert {check["state"] for check in rows[1]["checks"]} == {None}
    assert [row["id"] for row in running] == [second.pk]


def test_a_change_is_confirmed_over_the_api(
    nothing_is_material, in_service, worker, open_change, meet_again, holder, api
):
    project = in_service("standard")
    change = open_change(project, worker, prompt="p2")
    sponsor, url = api(holder(project, "sponsor")), f"/api/v1/changes/{change.pk}/confirm/"

    early = sponsor.post(url)
    assert (early.status_code, early.json()["code"]) == (409, "change_not_ready")
    assert {blocker["check"] for blocker in early.json()["blockers"]} == set(change.checks)

    meet_again(change, by=worker)
    assert api(worker).get(f"/api/v1/changes/{change.pk}/").json()["ready"]
    assert api(worker).post(url).status_code == 403
    done = sponsor.post(url)

    assert (done.status_code, done.json()["state"]) == (200, "confirmed")
    assert Change.objects.get(pk=change.pk).closed_at is not None


def test_a_token_opens_a_change_but_confirms_none(in_service, worker, token_client):
    project = in_service()
    script = token_client(worker, ["records:write", "checks:write", "projects:read"])

    opened = script.post(
        f"/api/v1/projects/{project.key}/changes/", {"text": "Nightly", "subject": {"code": "c2"}}, format="json"
    )
    refused = script.post(f"/api/v1/changes/{opened.json()['id']}/confirm/")

    assert opened.status_code == 201
    assert (refused.status_code, refused.json()["code"]) == (403, "human_session_required")
