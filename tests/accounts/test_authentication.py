"""Who may come in by the API's two doors."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from rest_framework.test import APIClient

from accounts.actor import Actor
from accounts.models import ApiToken, User
from accounts.services import authenticate_token, create_token, deactivate_user, revoke_token
from common import clock
from tests.common.test_api import THINGS, problem_of

pytestmark = [pytest.mark.core, pytest.mark.urls("tests.common.door"), pytest.mark.django_db]
ME = "/api/v1/me/"


@pytest.fixture
def secret(stranger: User) -> str:
    _token, secret = create_token(
        actor=Actor.for_user(stranger), user=stranger, name="ci", scopes=["ci"], now=clock.now()
    )
    return secret


def get(secret: str, path: str = ME, **headers: str) -> Any:
    return APIClient().get(path, headers={"Authorization": f"Bearer {secret}", **headers})


def test_a_token_acts_for_its_owner(secret: str, stranger: User) -> None:
    shown = get(secret).json()

    assert shown["username"] == stranger.username
    assert shown["via"] == "token"
    assert "metrics:write" in shown["scopes"]
    assert shown["calendar_url"] is None


@pytest.mark.parametrize(
    "wrong",
    ["eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "egt_live_x", "", "egt_" + "a" * 12 + "_" + "b" * 43],
)
def test_a_wrong_token_is_refused(wrong: str) -> None:
    response = get(wrong)

    assert problem_of(response, 401)["code"] == "token_invalid"
    assert "invalid_token" in response["WWW-Authenticate"]


def test_the_secret_half_is_compared(secret: str) -> None:
    assert get(secret[:-1] + ("a" if secret[-1] != "a" else "b")).status_code == 401


def test_another_scheme_is_refused() -> None:
    response = APIClient().get(ME, headers={"Authorization": "Basic YTpi"})

    assert problem_of(response, 401)["code"] == "token_invalid"


def test_an_expired_token_says_so(secret: str) -> None:
    with clock.frozen(clock.now() + timedelta(days=91)):
        assert problem_of(get(secret), 401)["code"] == "token_expired"


def test_a_revoked_token_is_dead_at_once(secret: str, stranger: User) -> None:
    revoke_token(actor=Actor.for_user(stranger), token=ApiToken.objects.get(), now=clock.now())

    assert problem_of(get(secret), 401)["code"] == "token_invalid"


def test_deactivation_closes_every_door(secret: str, stranger: User, api: Callable[[User], APIClient]) -> None:
    browser = api(stranger)

    deactivate_user(actor=Actor.system(), user=stranger, now=clock.now())

    assert problem_of(get(secret), 401)["code"] == "token_invalid"
    assert problem_of(browser.get(ME), 401)["code"] == "not_authenticated"


def test_a_token_needs_the_scope_its_endpoint_names(stranger: User, token_client: Callable[..., APIClient]) -> None:
    reader = token_client(stranger, ["projects:read"])

    assert reader.get(THINGS).status_code == 200
    found = problem_of(reader.post(THINGS, {"name": "a"}), 403)
    assert found["code"] == "scope_missing"
    assert found["missing"] == "metrics:write"


def test_no_token_may_what_only_people_may(secret: str) -> None:
    response = APIClient().patch(
        f"{THINGS}1/", {"name": "a", "version": 1}, headers={"Authorization": f"Bearer {secret}"}
    )

    assert problem_of(response, 403)["code"] == "human_session_required"


def test_an_older_pepper_still_verifies(secret: str) -> None:
    with override_settings(TOKEN_PEPPERS=["a new one in front", *settings.TOKEN_PEPPERS]):
        assert get(secret).status_code == 200
    with override_settings(TOKEN_PEPPERS=["only a new one"]):
        assert get(secret).status_code == 401


def test_the_use_of_a_token_is_noted_once_a_minute(secret: str, now: datetime) -> None:
    later = clock.now() + timedelta(minutes=5)

    def use(at: datetime) -> datetime | None:
        authenticate_token(secret=secret, ip="127.0.0.1", request_id="", now=at)
        return ApiToken.objects.get().last_used_at

    assert use(later) == later
    assert use(later + timedelta(seconds=59)) == later
    assert use(later + timedelta(seconds=60)) == later + timedelta(seconds=60)


def test_the_stored_token_does_not_hold_its_secret(secret: str) -> None:
    token = ApiToken.objects.get()

    assert secret.split("_")[2] not in repr(list(ApiToken.objects.values_list())) + token.digest


def test_a_script_reads_the_language_it_asks_for(stranger: User, secret: str) -> None:
    User.objects.filter(pk=stranger.pk).update(language="zh-hans")

    assert get(secret)["Content-Language"] == "zh-hans"
    assert get(secret, **{"Accept-Language": "en"})["Content-Language"] == "en"


@pytest.mark.parametrize("origin", [None, "https://evil.example"])
def test_a_session_writes_only_with_the_pages_mark(stranger: User, origin: str | None) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(stranger)
    headers = {"Origin": origin, "X-CSRFToken": "a" * 32} if origin else {}

    response = client.post(THINGS, {"name": "a"}, headers=headers)

    assert problem_of(response, 403)["code"] == "csrf_failed"


def test_a_session_with_the_mark_writes(stranger: User) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(stranger)
    client.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32

    response = client.post(THINGS, {"name": "a"}, headers={"X-CSRFToken": "a" * 32})

    assert response.status_code == 201
