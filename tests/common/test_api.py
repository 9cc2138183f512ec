"""The strict JSON door: what comes in."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from common import clock

pytestmark = [pytest.mark.core, pytest.mark.urls("tests.common.door"), pytest.mark.django_db]
THINGS = "/api/v1/things/"
Problem = dict[str, Any]


@pytest.fixture
def client(stranger: User, api: Callable[[User], APIClient]) -> APIClient:
    return api(stranger)


def problem_of(response: Any, status: int) -> Problem:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    found: Problem = response.json()
    assert found["request_id"] == response["X-Request-Id"]
    assert found["type"] == f"/api/docs/problems/#{found['code']}"
    return found


def post(client: APIClient, body: str | bytes, content_type: str = "application/json", **headers: str) -> Any:
    return client.generic("POST", THINGS, body, content_type=content_type, headers=headers)


RAW = [
    ('{"name":', "malformed_json", None),
    ("[1, 2]", "validation_failed", ""),
    ('{"name":"first","name":"second"}', "duplicate_key", "/name"),
    ('{"name":"a","parts":[{"x":1,"x":2}]}', "duplicate_key", "/parts/0/x"),
    ('{"name":"a","nmae":"x"}', "unknown_field", "/nmae"),
    ('{"name":"a","value":NaN}', "not_finite", "/value"),
    ('{"name":"a","value":-Infinity}', "not_finite", "/value"),
    ('{"name":"a","value":1e999}', "not_finite", "/value"),
    ('{"name":"a","value":"NaN"}', "invalid_type", "/value"),
    ('{"name":"a","value":true}', "invalid_type", "/value"),
    ('{"name":"a","value":101}', "out_of_range", "/value"),
    ('{"name":"a","value":' + "9" * 5000 + "}", "out_of_range", "/value"),
    ('{"name":"a","step":' + "9" * 30 + "}", "out_of_range", "/step"),
    ('{"name":"a","step":1.5}', "invalid_type", "/step"),
    ('{"name":"a","step":-1}', "out_of_range", "/step"),
    ('{"name":"a","cost":"1e1000000"}', "out_of_range", "/cost"),
    ('{"name":"a","cost":"NaN"}', "not_finite", "/cost"),
    ('{"name":"a","cost":"many"}', "invalid_type", "/cost"),
    ('{"name":"a","cost":"1.234"}', "out_of_range", "/cost"),
    ('{"name":"a","flag":"yes"}', "invalid_type", "/flag"),
    ('{"name":7}', "invalid_type", "/name"),
    ('{"name":null}', "null_not_allowed", "/name"),
    ('{"key":"AB"}', "required", "/name"),
    (r'{"key":"NULB","nmae":"a\u0000b"}', "null_character", "/nmae"),
    (r'{"custom":{"k":"a\u0000b"}}', "null_character", "/custom/k"),
    (r'{"custom":{"k":"\ud800"}}', "invalid_unicode", "/custom/k"),
    (r'{"name":"a\ud800"}', "invalid_unicode", "/name"),
    (r'{"a\u0000":1}', "null_character", ""),
    (r'{"name":"a\r\nBcc: victim@example.org"}', "control_character", "/name"),
    (r'{"name":"a\n"}', "control_character", "/name"),
    ('{"name":"\u200b\u200d\u2060"}', "blank", "/name"),
    ('{"name":"  "}', "blank", "/name"),
    ('{"name":"report\u202egpj.exe"}', "control_character", "/name"),
    ('{"name":"' + "a" * 21 + '"}', "too_long", "/name"),
    (r'{"name":"a","note":"a\u0007b"}', "control_character", "/note"),
    ('{"name":"a","key":"ab"}', "invalid_key", "/key"),
    ('{"name":"a","key":"ABCDEFGHIJK"}', "invalid_key", "/key"),
    ('{"name":"a","zone":"../../etc/passwd"}', "invalid_timezone", "/zone"),
    ('{"name":"a","zone":"localtime"}', "invalid_timezone", "/zone"),
    ('{"name":"a","url":"javascript:alert(1)"}', "invalid_url", "/url"),
    ('{"name":"a","url":"http://user:pw@example.org/"}', "invalid_url", "/url"),
    ('{"name":"a","url":"https://"}', "invalid_url", "/url"),
    ('{"name":"a","on":"2027-02-30"}', "invalid_date", "/on"),
    ('{"name":"a","on":"20270230"}', "invalid_date", "/on"),
    ('{"name":"a","on":"1066-10-14"}', "out_of_range", "/on"),
    ('{"name":"a","on":7}', "invalid_type", "/on"),
    ('{"name":"a","at":"2027-03-28T02:30:00"}', "timezone_required", "/at"),
    ('{"name":"a","at":"0001-01-01T00:00:00+14:00"}', "out_of_range", "/at"),
    ('{"name":"a","at":"9999-12-31T23:59:59-14:00"}', "out_of_range", "/at"),
    ('{"name":"a","at":"yesterday"}', "invalid_date", "/at"),
    ('{"name":"a","measured_at":"2099-01-01T00:00:00Z"}', "in_the_future", "/measured_at"),
    ('{"name":"a","id":777,"owner":1}', "read_only_field", "/id"),
    ('{"name":"a","parts":["ok","b\\nc"]}', "control_character", "/parts/1"),
    ('{"name":"a","x":{' + ",".join(f'"k{n}":1' for n in range(1001)) + "}}", "too_many_keys", "/x"),
]


@pytest.mark.parametrize(("body", "code", "pointer"), RAW, ids=[f"{code}-{n}" for n, (_, code, _p) in enumerate(RAW)])
def test_a_bad_body_is_refused_with_its_code_and_place(
    client: APIClient, body: str, code: str, pointer: str | None
) -> None:
    response = post(client, body.encode("utf-8", "surrogatepass"))

    found = problem_of(response, 400)
    assert found["code"] == code
    if pointer is not None:
        assert pointer in [error["pointer"] for error in found["errors"] if error["code"] == code]


def test_a_broken_body_names_line_and_column(client: APIClient) -> None:
    response = post(client, '{"name":\n  oops}')

    assert "line 2, column 3" in problem_of(response, 400)["detail"]


@pytest.mark.parametrize("depth", [21, 900, 100_000])
def test_nesting_ends_at_twenty_levels(client: APIClient, depth: int) -> None:
    response = post(client, '{"custom":' + "[" * (depth - 1) + "]" * (depth - 1) + "}")

    assert problem_of(response, 400)["code"] == "json_too_deep"


def test_brackets_inside_text_are_no_levels(client: APIClient) -> None:
    response = post(client, json.dumps({"name": "a", "note": "[" * 100 + '\\"{'}))

    assert response.status_code == 201


def test_an_unterminated_string_of_quotes_is_refused_fast(client: APIClient) -> None:
    started = datetime.now(UTC)

    response = post(client, '{"name":"' + '\\"' * 900_000)

    assert problem_of(response, 400)["code"] == "malformed_json"
    assert (datetime.now(UTC) - started).total_seconds() < 2


def test_bytes_that_are_not_utf8_are_refused(client: APIClient) -> None:
    response = post(client, b'{"name":"\xff"}')

    assert problem_of(response, 400)["code"] == "invalid_unicode"


@pytest.mark.parametrize("charset", ["utf-7", "idna", "unicode_escape", "latin-1", "no-such"])
def test_only_utf8_is_read(client: APIClient, charset: str) -> None:
    response = post(client, '{"name":"a"}', f"application/json; charset={charset}")

    assert problem_of(response, 415)["code"] == "unsupported_charset"


def test_utf8_may_be_named(client: APIClient) -> None:
    response = post(client, '{"name":"a"}', "application/json; charset=UTF-8")

    assert response.status_code == 201


def test_packed_bodies_are_refused(client: APIClient) -> None:
    response = post(client, '{"name":"a"}', **{"Content-Encoding": "gzip"})

    assert problem_of(response, 415)["code"] == "unsupported_content_encoding"


def test_a_form_is_not_json(client: APIClient) -> None:
    response = post(client, "&".join(f"f{n}=1" for n in range(2000)), "application/x-www-form-urlencoded")

    assert problem_of(response, 415)["code"] == "unsupported_media_type"


def test_sixty_megabytes_are_refused_by_their_length(client: APIClient) -> None:
    response = post(client, b'{"name":"' + b"a" * 60_000_000 + b'"}')

    assert problem_of(response, 413)["code"] == "body_too_large"


def test_a_body_that_cannot_be_read_is_refused_before_the_sign_in(api: Callable[[None], APIClient]) -> None:
    response = post(api(None), '{"name":')

    assert problem_of(response, 400)["code"] == "malformed_json"


def test_values_pass_unchanged(client: APIClient) -> None:
    body = {
        "name": "Ünïcode 项目",
        "note": "two\nlines\twith \u202emarks",
        "value": 0.5,
        "step": 2**40,
        "cost": "12.50",
        "zone": "Europe/Berlin",
        "url": "https://example.org:8443/a?b=c#d",
        "on": "2027-02-28",
        "at": "2027-03-28T02:30:00+02:00",
    }

    response = client.post(THINGS, body)

    assert response.status_code == 201
    shown = response.json()
    assert shown["name"] == body["name"]
    assert shown["note"] == body["note"]
    assert shown["step"] == str(2**40)
    assert shown["at"] == "2027-03-28 00:30:00+00:00"


def test_five_minutes_of_clock_difference_are_forgiven(client: APIClient) -> None:
    with clock.frozen(datetime(2026, 11, 1, tzinfo=UTC)):
        early = client.post(THINGS, {"name": "a", "measured_at": "2026-11-01T00:04:59Z"})
        late = client.post(THINGS, {"name": "b", "measured_at": "2026-11-01T00:05:01Z"})

    assert early.status_code == 201
    assert problem_of(late, 400)["code"] == "in_the_future"


def test_read_only_fields_may_come_back_unchanged(client: APIClient) -> None:
    same = client.patch(f"{THINGS}7/", {"id": 7, "owner": "ann", "name": "new", "version": 3})
    changed = client.patch(f"{THINGS}7/", {"id": 8, "name": "new", "version": 3})

    assert same.json() == {"version": 3, "name": "new"}
    assert problem_of(changed, 400)["code"] == "read_only_field"


BLOCKER = {"check": None, "code": "metric_missing", "since": "2026-11-01", "who": ["data_lead"]}


@pytest.mark.parametrize(
    ("name", "shown", "other"),
    [
        ("done_by", None, "ann"),
        ("seen_at", "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"),
        ("spent", "10.50", "10.51"),
        ("blocker", BLOCKER, BLOCKER | {"who": []}),
    ],
)
def test_what_was_read_is_unchanged_in_the_form_it_was_read(
    client: APIClient, name: str, shown: object, other: object
) -> None:
    same = client.patch(f"{THINGS}7/", {name: shown, "version": 3})
    changed = client.patch(f"{THINGS}7/", {name: other, "version": 3})

    assert same.json() == {"version": 3}
    problem = problem_of(changed, 400)
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [(f"/{name}", "read_only_field")]


def test_a_whole_document_may_name_its_version(client: APIClient) -> None:
    put = client.put(f"{THINGS}7/", {"name": "new", "version": 3})
    posted = client.post(THINGS, {"name": "new", "version": 3})

    assert put.json() == {"version": 3, "name": "new"}
    assert problem_of(posted, 400)["code"] == "unknown_field"


@pytest.mark.parametrize(
    ("tag", "status", "code"),
    [(None, 428, "precondition_required"), ("*", 400, "invalid_header"), ("v3", 400, "invalid_header")],
)
def test_a_change_says_which_version_it_rests_on(client: APIClient, tag: str | None, status: int, code: str) -> None:
    response = client.patch(f"{THINGS}7/", {"name": "new"}, headers={"If-Match": tag} if tag else None)

    assert problem_of(response, status)["code"] == code


@pytest.mark.parametrize(("tag", "version"), [('"v3"', 3), ('"1"', -1), ('W/"v3"', -1)])
def test_only_our_own_strong_tags_can_match(client: APIClient, tag: str, version: int) -> None:
    response = client.patch(f"{THINGS}7/", {"name": "new"}, headers={"If-Match": tag})

    assert response.json()["version"] == version


def test_the_answer_carries_its_tag(client: APIClient) -> None:
    assert client.get(f"{THINGS}7/")["ETag"] == '"v3"'


CUT = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nab'


def test_a_cut_upload_is_refused(client: APIClient) -> None:
    response = client.generic("POST", "/api/v1/uploads/", CUT, content_type="multipart/form-data; boundary=b")

    assert problem_of(response, 400)["code"] == "malformed_multipart"


def test_a_whole_upload_arrives(client: APIClient) -> None:
    body = CUT + b"\r\n--b--\r\n"

    response = client.generic("POST", "/api/v1/uploads/", body, content_type="multipart/form-data; boundary=b")

    assert response.json() == {"size": 2}
