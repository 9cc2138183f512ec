"""A POST with an Idempotency-Key happens once, however often and however parallel it is sent."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models.functions import Now
from rest_framework.test import APIClient

from accounts.models import IdempotencyRecord, IdempotencyState, User
from accounts.services import Claim, finish
from accounts.services.idempotency import KEPT, forget_old_keys
from tests.common.test_api import THINGS, problem_of

pytestmark = [pytest.mark.core, pytest.mark.urls("tests.common.door"), pytest.mark.django_db]
Api = Callable[[User], APIClient]


@pytest.fixture
def client(stranger: User, api: Api) -> APIClient:
    return api(stranger)


def post(client: APIClient, name: str = "a", key: str = "key-1") -> Any:
    return client.post(THINGS, {"name": name}, headers={"Idempotency-Key": key})


def test_a_repeat_gets_the_same_answer_and_does_nothing(client: APIClient) -> None:
    first = post(client)

    second = post(client)

    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert second["Idempotent-Replayed"] == "true"
    assert second["Content-Type"] == "application/json"
    assert "Idempotent-Replayed" not in first
    assert Group.objects.count() == 1


def test_a_refusal_is_repeated_as_well(client: APIClient) -> None:
    first = post(client, name="far too long for a name of twenty")

    second = post(client, name="far too long for a name of twenty")

    assert second["Idempotent-Replayed"] == "true"
    assert second.content == first.content
    assert second["Content-Type"] == "application/problem+json"


def test_another_body_is_another_request(client: APIClient) -> None:
    post(client, name="a")

    assert problem_of(post(client, name="b"), 422)["code"] == "idempotency_key_reused"


def test_keys_of_two_people_never_meet(client: APIClient, api: Api, viewer: User) -> None:
    post(client, name="a")

    assert post(api(viewer), name="b").status_code == 201


@pytest.mark.parametrize("key", ["", "ünïcode", "x" * 256, "tab\tbed"])
def test_a_key_is_printable_ascii(client: APIClient, key: str) -> None:
    assert problem_of(post(client, key=key), 400)["code"] == "invalid_idempotency_key"


def test_a_running_request_is_not_started_twice(client: APIClient) -> None:
    post(client)
    IdempotencyRecord.objects.update(
        state=IdempotencyState.RUNNING, status=None, lease_until=Now() + timedelta(seconds=60)
    )

    response = post(client)

    assert problem_of(response, 409)["code"] == "idempotency_in_progress"
    assert response["Retry-After"] == "1"


def test_an_orphaned_key_is_taken_over_after_its_lease(client: APIClient) -> None:
    post(client, name="first", key="other")
    IdempotencyRecord.objects.update(
        key="key-1",
        fingerprint="",
        state=IdempotencyState.RUNNING,
        status=None,
        lease_until=Now() - timedelta(seconds=1),
    )
    record = IdempotencyRecord.objects.get()
    post(client, name="a", key="shape")
    IdempotencyRecord.objects.filter(pk=record.pk).update(
        fingerprint=IdempotencyRecord.objects.get(key="shape").fingerprint
    )
    Group.objects.filter(name="a").delete()

    assert post(client, name="a").status_code == 201


def test_who_lost_the_claim_cannot_store_an_answer(client: APIClient) -> None:
    post(client)
    IdempotencyRecord.objects.update(state=IdempotencyState.RUNNING, status=None, attempt=2)
    record = IdempotencyRecord.objects.get()

    with pytest.raises(Exception, match="moment"):
        finish(Claim(record.pk, 1), status=201, body=b"{}", headers={})


@pytest.mark.parametrize(("name", "status"), [("forbidden", 403)])
def test_a_missing_right_is_not_kept(client: APIClient, name: str, status: int) -> None:
    assert post(client, name=name).status_code == status

    assert not IdempotencyRecord.objects.exists()


def test_a_fault_is_not_kept(client: APIClient) -> None:
    client.raise_request_exception = False

    assert post(client, name="broken").status_code == 500

    assert not IdempotencyRecord.objects.exists()


def test_who_lost_the_right_gets_no_replay(
    stranger: User, token_client: Callable[..., APIClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    script = token_client(stranger, ["metrics:write"])
    post(script)
    stranger.tokens.update(scopes=["projects:read"])

    assert problem_of(post(script), 403)["code"] == "scope_missing"


def test_a_secret_is_not_shown_again(client: APIClient) -> None:
    first = client.post("/api/v1/secrets/", {}, headers={"Idempotency-Key": "k"})

    second = client.post("/api/v1/secrets/", {}, headers={"Idempotency-Key": "k"})

    assert first.json() == {"secret": "x"}
    assert problem_of(second, 409)["code"] == "already_created"
    assert IdempotencyRecord.objects.get().body is None


def test_files_are_compared_by_content(client: APIClient) -> None:
    def send(content: bytes) -> Any:
        file = SimpleUploadedFile("a.txt", content)
        return client.post("/api/v1/uploads/", {"file": file}, format="multipart", headers={"Idempotency-Key": "k"})

    assert send(b"ab").json() == {"size": 2}
    assert send(b"ab")["Idempotent-Replayed"] == "true"
    assert send(b"xy").status_code == 422


def test_keys_are_forgotten_after_a_day(client: APIClient) -> None:
    post(client, name="a")
    IdempotencyRecord.objects.update(created_at=Now() - KEPT - timedelta(seconds=1))

    assert post(client, name="b").status_code == 201


def test_the_sweep_forgets_old_keys(client: APIClient) -> None:
    post(client)
    created = IdempotencyRecord.objects.get().created_at

    assert forget_old_keys(now=created + KEPT - timedelta(seconds=1)) == 0
    assert forget_old_keys(now=created + KEPT + timedelta(seconds=1)) == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_parallel_repeats_have_one_effect(make_user: Callable[[str], User], api: Api) -> None:
    person = make_user("ann")

    def send(_number: int) -> tuple[int, bytes]:
        try:
            response = post(api(person))
            return response.status_code, response.content if response.status_code == 201 else b""
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(send, range(50)))

    assert {status for status, _body in answers} <= {201, 409}
    assert len({body for status, body in answers if status == 201}) == 1
    assert Group.objects.count() == 1
