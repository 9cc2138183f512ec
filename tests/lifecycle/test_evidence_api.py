"""One proof, its revisions and its checks, at the API."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.actor import Actor
from accounts.models import User
from lifecycle import services
from lifecycle.models import Check
from projects.models import Project
from records.models import Evidence
from records.services import set_subject

pytestmark = [pytest.mark.core, pytest.mark.usefixtures("frozen")]
CheckOf = Callable[[Project, str], Check]
Api = Callable[[User], APIClient]


@pytest.fixture
def api() -> Api:
    def sign_in(user: User) -> APIClient:
        client = APIClient()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def charter(project: Project, owner: User, check_of: CheckOf, now: datetime) -> Evidence:
    check, actor = check_of(project, "charter"), Actor.for_user(owner)
    return services.attach_link(
        check=check, actor=actor, url="https://github.com/acme/reco/pull/7", title="Charter", now=now
    )


def test_a_proof_shows_its_revisions_and_its_checks(
    api: Api, charter: Evidence, owner: User, project: Project, check_of: CheckOf, now: datetime
) -> None:
    client = api(owner)
    file = SimpleUploadedFile("charter.txt", b"What, for whom, why.", "text/plain")

    made = client.post(
        f"/api/v1/evidence/{charter.pk}/revisions/", {"file": file, "valid_until": "2026-12-31"}, format="multipart"
    )
    before = client.get(f"/api/v1/evidence/{charter.pk}/")

    assert made.status_code == 201, made.content
    fresh = made.json()
    assert made.headers["ETag"] == '"v1"'
    assert (fresh["revision"], fresh["revises"], fresh["title"], fresh["kind"]) == (2, charter.pk, "Charter", "file")
    assert (fresh["valid_until"], fresh["supplied_by"]) == ("2026-12-31", "owner")
    check = check_of(project, "charter").pk
    served = {"id": check, "key": "charter", "stage": "initiation", "iteration": 1, "over": False}
    assert fresh["checks"] == [served | {"counts": True, "replaced": False}]
    assert before.json()["checks"] == [served | {"counts": False, "replaced": True}]
    assert before.json()["kind"] == "github"
    assert [row["id"] for row in before.json()["revisions"]] == [fresh["id"], charter.pk]


def test_a_contributor_revises_no_proof_of_somebody_else(
    api: Api, charter: Evidence, contributor: User, project: Project, check_of: CheckOf
) -> None:
    url = f"/api/v1/evidence/{charter.pk}/revisions/"

    refused = api(contributor).post(url, {"url": "https://docs.example.org/2"}, format="json")

    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    assert refused.json()["missing"] == "withdraw_evidence"
    assert not check_of(project, "charter").evidence_links.filter(replaced=True).exists()


def test_an_older_revision_is_refused_with_the_latest_one(api: Api, charter: Evidence, owner: User) -> None:
    client, url = api(owner), f"/api/v1/evidence/{charter.pk}/revisions/"
    fresh = client.post(url, {"url": "https://docs.example.org/2"}, format="json").json()

    again = client.post(url, {"url": "https://docs.example.org/3"}, format="json")

    assert (again.status_code, again.json()["code"], again.json()["newest"]) == (409, "evidence_revised", fresh["id"])


def test_a_proof_is_attached_to_another_check_by_its_id(
    api: Api, charter: Evidence, owner: User, project: Project, check_of: CheckOf
) -> None:
    client, url = api(owner), f"/api/v1/checks/{check_of(project, 'positioning').pk}/evidence/"

    attached = client.post(url, {"evidence": charter.pk}, format="json")
    twice = client.post(url, {"evidence": charter.pk}, format="json")

    assert (attached.status_code, attached.json()["id"]) == (201, charter.pk)
    assert (twice.status_code, twice.json()["code"]) == (409, "evidence_already_attached")
    shown = client.get(f"/api/v1/evidence/{charter.pk}/").json()["checks"]
    assert [row["key"] for row in shown] == ["charter", "positioning"]
    assert client.get(url.replace("evidence/", "")).json()["state"] == "met"


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"evidence": 1, "url": "https://x.example/"}, "/url", "unknown_field"),
        ({"evidence": "1"}, "/evidence", "invalid_type"),
        ({"evidence": 0}, "/evidence", "out_of_range"),
        ({"evidence": None}, "/evidence", "null_not_allowed"),
    ],
)
def test_a_proof_is_named_by_nothing_but_its_id(
    api: Api, owner: User, project: Project, check_of: CheckOf, body: Any, pointer: str, code: str
) -> None:
    url = f"/api/v1/checks/{check_of(project, 'positioning').pk}/evidence/"

    answer = api(owner).post(url, body, format="json")

    assert answer.status_code == 400
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]


def test_foreign_and_unseen_proof_answers_like_a_random_id(
    api: Api, owner: User, project: Project, make_project: Any, add_member: Any, check_of: CheckOf, now: datetime
) -> None:
    found = []
    for key, visibility in (("SIDE", "internal"), ("HIDE", "private")):
        other = make_project(key, visibility=visibility)
        insider = Actor.for_user(add_member(other, f"insider-{key.lower()}").user)
        found.append(
            services.attach_link(
                check=check_of(other, "charter"), actor=insider, url="https://x.example/", title="x", now=now
            ).pk
        )
    url, client = f"/api/v1/checks/{check_of(project, 'charter').pk}/evidence/", api(owner)

    foreign, unseen, random = (client.post(url, {"evidence": pk}, format="json") for pk in (*found, 987654321))

    assert [answer.status_code for answer in (foreign, unseen, random)] == [400, 400, 400]
    bodies = [answer.json() | {"request_id": ""} for answer in (foreign, unseen, random)]
    assert bodies[0] == bodies[1] == bodies[2]
    assert bodies[0]["errors"][0]["code"] == "not_found"


def test_unseen_proof_is_neither_read_nor_revised(
    api: Api, owner: User, make_project: Any, add_member: Any, check_of: CheckOf, now: datetime
) -> None:
    other = make_project("HIDE", visibility="private")
    insider = Actor.for_user(add_member(other, "insider").user)
    hidden = services.attach_link(
        check=check_of(other, "charter"), actor=insider, url="https://x.example/", title="x", now=now
    )
    client, link = api(owner), {"url": "https://x.example/"}

    assert client.get(f"/api/v1/evidence/{hidden.pk}/").status_code == 404
    assert client.post(f"/api/v1/evidence/{hidden.pk}/revisions/", link, format="json").status_code == 404


def test_a_confidential_link_is_not_told_to_who_only_reads(
    api: Api, owner: User, viewer: User, project: Project, check_of: CheckOf, now: datetime
) -> None:
    actor, url = Actor.for_user(owner), "https://github.com/acme/secret"
    check = check_of(project, "charter")
    row = services.attach_link(check=check, actor=actor, url=url, title="Names", confidential=True, now=now)

    shown = api(viewer).get(f"/api/v1/evidence/{row.pk}/")

    assert (shown.json()["url"], shown.json()["kind"]) == ("", "link")
    assert "secret" not in shown.content.decode()


def test_a_link_without_a_title_is_called_as_its_address_names_it(
    api: Api, owner: User, project: Project, check_of: CheckOf
) -> None:
    url = f"/api/v1/checks/{check_of(project, 'charter').pk}/evidence/"

    made = api(owner).post(url, {"url": "https://huggingface.co/acme/reco/tree/v2"}, format="json")

    assert (made.json()["title"], made.json()["kind"]) == ("acme/reco @ v2", "huggingface")


def test_the_list_shows_the_latest_revisions(api: Api, charter: Evidence, owner: User) -> None:
    client = api(owner)
    fresh = client.post(
        f"/api/v1/evidence/{charter.pk}/revisions/", {"url": "https://x.example/2"}, format="json"
    ).json()

    def ids(**query: str) -> list[int]:
        return [row["id"] for row in client.get("/api/v1/projects/RECO/evidence/", query).json()["results"]]

    assert ids() == [fresh["id"], charter.pk]
    assert ids(newest="true") == [fresh["id"]]
    assert ids(newest="false") == [charter.pk]


def test_a_proof_costs_the_same_with_many_revisions_and_checks(
    api: Api, charter: Evidence, owner: User, project: Project, check_of: CheckOf, now: datetime
) -> None:
    client, actor, newest = api(owner), Actor.for_user(owner), charter

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/api/v1/evidence/{charter.pk}/").status_code == 200
        return len(queries)

    cost()
    few = cost()
    for key in ("positioning", "budget_plan", "stakeholder_needs", "intended_use"):
        services.attach_evidence(check=check_of(project, key), actor=actor, evidence=newest, now=now)
        newest = services.revise_with_link(evidence=newest, actor=actor, url="https://x.example/", now=now)

    assert cost() == few <= 8


def test_a_part_given_as_empty_is_for_none(
    api: Api, owner: User, project: Project, check_of: CheckOf, now: datetime
) -> None:
    set_subject(project=project, actor=Actor.for_user(owner), parts={"model": "reco 1", "code": "c1"}, now=now)
    place = f"/api/v1/checks/{check_of(project, 'charter').pk}/evidence/"

    made = api(owner).post(place, {"url": "https://x.example/", "title": "C", "subject": {"model": ""}}, format="json")

    assert made.json()["subject"] == {"code": "c1"}
