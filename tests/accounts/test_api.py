from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import ApiToken, User
from common import clock
from journal.models import Entry
from projects.models import Project
from tests.common.test_api import problem_of

pytestmark = [pytest.mark.core, pytest.mark.django_db]
Api = Callable[[User], APIClient]
ME, TOKENS = "/api/v1/me/", "/api/v1/tokens/"


@pytest.fixture
def client(contributor: User, api: Api) -> APIClient:
    return api(contributor)


def patch(client: APIClient, **changes: Any) -> Any:
    return client.patch(ME, changes, headers={"If-Match": client.get(ME)["ETag"]})


def test_one_sees_oneself(client: APIClient, contributor: User) -> None:
    shown = client.get(ME).json()

    assert shown["username"] == "contributor"
    assert shown["timezone"] == "UTC"
    assert shown["via"] == "session"
    assert shown["calendar_url"].endswith(f"/calendar/{contributor.calendar_key}.ics")


def test_preferences_change_and_are_journalled(client: APIClient, contributor: User) -> None:
    response = patch(
        client, timezone="Europe/Berlin", mail_at="08:15", working_days=[5, 1, 1], quiet_from="22:00", quiet_to="06:00"
    )

    assert response.status_code == 200
    assert response["ETag"] == '"v2"'
    shown = response.json()
    assert (shown["timezone"], shown["mail_at"], shown["working_days"]) == ("Europe/Berlin", "08:15", [1, 5])
    assert Entry.objects.get(verb="profile.updated").object == f"user:{contributor.pk}"


def test_what_was_read_may_be_sent_back(client: APIClient) -> None:
    shown = client.get(ME).json()

    response = client.patch(ME, {**shown, "theme": "dark"})

    assert response.status_code == 200
    assert response.json()["theme"] == "dark"


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"timezone": "../../etc/passwd"}, {"invalid_timezone"}),
        ({"timezone": "localtime"}, {"invalid_timezone"}),
        ({"is_superuser": True, "is_staff": True, "role": "admin"}, {"unknown_field"}),
        ({"is_admin": True}, {"read_only_field"}),
        ({"theme": "pink"}, {"invalid_choice"}),
        ({"language": "de"}, {"invalid_choice"}),
        ({"working_days": [8]}, {"out_of_range"}),
        ({"quiet_from": "22:00"}, {"required"}),
        ({"digest": "yes"}, {"invalid_type"}),
        ({"name": "a\r\nb"}, {"control_character"}),
    ],
)
def test_wrong_preferences_are_refused(client: APIClient, changes: dict[str, Any], codes: set[str]) -> None:
    assert problem_of(patch(client, **changes), 400)["code"] in codes


def test_a_stale_change_tells_who_was_first(client: APIClient, contributor: User) -> None:
    patch(client, theme="dark")

    response = client.patch(ME, {"theme": "light"}, headers={"If-Match": '"v1"'})

    found = problem_of(response, 412)
    assert response["ETag"] == found["etag"] == '"v2"'
    assert found["last_change"]["by"] == contributor.username
    assert found["last_change"]["verb"] == "profile.updated"


def make(client: APIClient, **body: Any) -> Any:
    return client.post(TOKENS, {"name": "ci", "scopes": ["metrics:write"], **body})


def test_a_token_is_shown_once(client: APIClient, project: Project) -> None:
    made = make(client, project=project.key)

    assert made.status_code == 201
    assert made["Cache-Control"] == "no-store"
    body = made.json()
    assert body["project"] == project.key
    listed = client.get(TOKENS).json()["results"]
    assert [row["id"] for row in listed] == [body["id"]]
    assert body["token"].split("_")[2] not in str(listed)


def test_presets_are_spelt_out(client: APIClient) -> None:
    assert "evidence:write" in make(client, scopes=["ci"]).json()["scopes"]


@pytest.mark.parametrize(
    ("body", "status", "codes"),
    [
        ({"scopes": ["admin:*"], "rate_limit": 999999}, 400, {"scope_not_grantable", "read_only_field"}),
        ({"scopes": ["admin:*"]}, 400, {"scope_not_grantable"}),
        ({"scopes": []}, 400, {"required"}),
        ({"project": "SECRET"}, 400, {"not_found"}),
        ({"expires_at": "2100-01-01T00:00:00Z"}, 400, {"out_of_range"}),
    ],
)
def test_a_token_is_never_wider_than_its_maker(
    client: APIClient, body: dict[str, Any], status: int, codes: set[str]
) -> None:
    assert problem_of(make(client, **body), status)["code"] in codes
    assert not ApiToken.objects.exists()


def test_no_token_makes_or_lists_tokens(contributor: User, token_client: Callable[..., APIClient]) -> None:
    script = token_client(contributor, ["ci"])

    assert problem_of(make(script), 403)["code"] == "human_session_required"
    assert problem_of(script.get(TOKENS), 403)["code"] == "human_session_required"


def test_a_token_ends_at_once(client: APIClient) -> None:
    body = make(client).json()

    assert client.delete(f"{TOKENS}{body['id']}/").status_code == 204

    response = APIClient().get(ME, headers={"Authorization": f"Bearer {body['token']}"})
    assert problem_of(response, 401)["code"] == "token_invalid"


def test_tokens_of_others_are_out_of_sight_but_for_admins(
    client: APIClient, api: Api, viewer: User, admin: User
) -> None:
    pk = make(client).json()["id"]

    assert api(viewer).delete(f"{TOKENS}{pk}/").status_code == 404
    assert api(viewer).get(TOKENS).json()["count"] == 0
    assert api(admin).delete(f"{TOKENS}{pk}/").status_code == 204


def test_a_used_token_shows_when(client: APIClient) -> None:
    secret = make(client).json()["token"]

    with clock.frozen(clock.now() + timedelta(hours=1)) as time:
        APIClient().get(ME, headers={"Authorization": f"Bearer {secret}"})
        shown = client.get(TOKENS).json()["results"][0]["last_used_at"]

    assert shown.startswith(time.at.isoformat()[:19])
