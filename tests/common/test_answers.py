"""The strict JSON door: what goes out."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from tests.common.test_api import THINGS, problem_of

pytestmark = [pytest.mark.core, pytest.mark.urls("tests.common.door"), pytest.mark.django_db]
MakeUser = Callable[..., User]


@pytest.fixture
def client(stranger: User, api: Callable[[User], APIClient]) -> APIClient:
    return api(stranger)


@pytest.fixture
def crowd(make_user: MakeUser) -> list[User]:
    return [make_user(f"user{number}", theme="dark" if number % 2 else "auto") for number in range(5)]


QUERIES = [
    ("limit=0", "out_of_range", "/limit"),
    ("limit=201", "out_of_range", "/limit"),
    ("limit=x", "invalid_type", "/limit"),
    ("offset=-1", "out_of_range", "/offset"),
    ("ownr=5", "unknown_parameter", "/ownr"),
    ("owner__password__startswith=argon", "unknown_parameter", None),
    ("_connector=OR&_negated=1", "unknown_parameter", None),
    ("ordering=owner__password", "invalid_ordering", "/ordering"),
    ("name__regex=(a%2B)%2B%24", "unknown_parameter", None),
    ("version=abc", "invalid_type", "/version"),
    ("version=%D9%A1", "invalid_type", "/version"),
    ("version=11", "out_of_range", "/version"),
    ("username=%00", "null_character", "/username"),
    ("search=" + "a%20" * 30000, "too_long", "/search"),
    ("username=" + "a" * 201, "too_long", "/username"),
    ("active=maybe", "invalid_type", "/active"),
    ("theme=pink", "invalid_choice", "/theme"),
    ("since=2027-02-30", "invalid_date", "/since"),
    ("after=2027-02-01T00:00:00", "timezone_required", "/after"),
    ("active=1&active=0", "duplicate_key", "/active"),
    ("cursor=nonsense", "invalid_cursor", "/cursor"),
    ("cursor=W10=", "invalid_cursor", "/cursor"),
]


@pytest.mark.parametrize(("query", "code", "pointer"), QUERIES, ids=[query[:30] for query, *_rest in QUERIES])
def test_a_list_takes_only_what_it_declares(client: APIClient, query: str, code: str, pointer: str | None) -> None:
    response = client.get(f"{THINGS}?{query}")

    found = problem_of(response, 400)
    assert found["code"] == code
    if pointer:
        assert found["errors"][0]["pointer"] == pointer


def test_a_list_filters_orders_and_searches(client: APIClient, crowd: list[User]) -> None:
    found = client.get(f"{THINGS}?theme=dark&ordering=-username&search=USER").json()

    assert found == {"count": 2, "next": None, "previous": None, "results": ["user3", "user1"]}


def test_several_choices_are_joined_by_commas(client: APIClient, crowd: list[User]) -> None:
    assert client.get(f"{THINGS}?theme=dark,auto&search=user").json()["count"] == 5


def test_pages_link_to_each_other(client: APIClient, crowd: list[User]) -> None:
    first = client.get(f"{THINGS}?limit=2&search=user").json()
    second = client.get(first["next"]).json()
    third = client.get(second["next"]).json()

    assert first["previous"] is None
    assert [*first["results"], *second["results"], *third["results"]] == [f"user{number}" for number in range(5)]
    assert {first["count"], second["count"], third["count"]} == {5}
    assert third["next"] is None
    assert client.get(second["previous"]).json()["results"] == first["results"]


@pytest.mark.parametrize("ordering", ["username", "-username", "version", "-version"])
def test_cursors_walk_the_whole_list(client: APIClient, crowd: list[User], ordering: str) -> None:
    url: str | None = f"{THINGS}?limit=2&cursor=&ordering={ordering}"
    seen: list[str] = []

    while url:
        page = client.get(url).json()
        seen += page["results"]
        url = page["next"]

    assert sorted(seen) == sorted(User.objects.values_list("username", flat=True))


@pytest.mark.parametrize("accept", ["application/json", "*/*", "text/html, */*;q=0.1", "application/*", ""])
def test_json_is_given_to_whoever_takes_it(client: APIClient, accept: str) -> None:
    assert client.get(THINGS, headers={"Accept": accept}).status_code == 200


@pytest.mark.parametrize("accept", ["text/html", "image/png", "application/json;q=0"])
def test_another_format_is_refused(client: APIClient, accept: str) -> None:
    assert problem_of(client.get(THINGS, headers={"Accept": accept}), 406)["code"] == "not_acceptable"


def test_the_format_in_the_address_wins(client: APIClient) -> None:
    assert client.get(f"{THINGS}?format=json", headers={"Accept": "text/html"}).status_code == 200
    assert problem_of(client.get(f"{THINGS}?format=xml"), 406)["code"] == "not_acceptable"


def test_a_file_ignores_accept(client: APIClient) -> None:
    assert client.get("/api/v1/card/", headers={"Accept": "image/png"}).status_code == 200
    assert client.get("/api/v1/card/?format=pdf").status_code == 406


def test_an_unknown_address_is_a_problem(client: APIClient) -> None:
    assert problem_of(client.get("/api/v1/nothing/"), 404)["code"] == "not_found"


def test_an_arabic_digit_is_no_number(client: APIClient) -> None:
    assert client.get("/api/v1/things/%D9%A1x/").status_code == 404


def test_a_wrong_method_is_a_problem(client: APIClient) -> None:
    response = client.delete(THINGS)

    assert problem_of(response, 405)["code"] == "method_not_allowed"
    assert "POST" in response["Allow"]


def test_a_foreign_host_is_refused(client: APIClient) -> None:
    response = client.get(THINGS, headers={"Host": "evil.example"})

    assert problem_of(response, 400)["code"] == "invalid_host"


@pytest.mark.parametrize("path", ["/api/v1/failing/", THINGS])
def test_a_fault_of_ours_tells_nothing(stranger: User, path: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(stranger)

    response = client.post(path, {"name": "broken"}, content_type="application/json")

    assert problem_of(response, 500)["code"] == "internal_error"
    assert b"secret detail" not in response.content


@pytest.mark.parametrize("path", ["/livez", THINGS, "/nowhere/"])
def test_every_answer_carries_the_headers_of_safety(client: APIClient, path: str) -> None:
    response: Any = client.get(path)

    assert response["Content-Security-Policy"].startswith("default-src 'self'; script-src 'self';")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in response["Permissions-Policy"]
    assert response["X-Request-Id"]


def test_anonymous_callers_are_told_how_to_sign_in(api: Callable[[None], APIClient]) -> None:
    response = api(None).get(f"{THINGS}?token=egt_live_x")

    assert problem_of(response, 401)["code"] == "not_authenticated"
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_an_address_without_its_slash_is_told_of_and_never_redirected(client: APIClient, method: str) -> None:
    response = client.generic(method, f"{THINGS[:-1]}?limit=5", "{}", content_type="application/json")

    assert response.status_code == 404
    if method != "HEAD":
        found = problem_of(response, 404)
        assert (found["code"], found["url"]) == ("not_found", f"{THINGS}?limit=5")
        assert found["detail"].endswith(f"{THINGS}?limit=5")


def test_an_address_that_no_slash_would_mend_names_none(client: APIClient) -> None:
    assert "url" not in problem_of(client.post("/api/v1/nothing"), 404)


@pytest.mark.urls("config.urls")
def test_pages_are_still_found_without_their_slash() -> None:
    answers = [Client().get(path) for path in ("/api/docs", "/profile", "/accounts/login")]

    assert [(answer.status_code, answer["Location"][-1]) for answer in answers] == [(301, "/")] * 3
