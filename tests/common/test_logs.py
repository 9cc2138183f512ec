import json
import logging

import pytest
from django.test import RequestFactory, override_settings

from common.logs import JsonLines, MaskSecrets, request_id
from common.network import client_address

pytestmark = pytest.mark.core
SECRETS = [
    "GET /api/v1/projects/?token=egt_live_x",
    "Authorization: Bearer egt_abc123DEF456_" + "x" * 43,
    "{'password': 'hunter2hunter2'}",
    "password=hunter2hunter2&login=ann",
    "whsec_aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ=",
]


def line(message: str, *arguments: object) -> dict[str, object]:
    record = logging.LogRecord("test", logging.INFO, "x.py", 1, message, arguments, None)
    MaskSecrets().filter(record)
    found: dict[str, object] = json.loads(JsonLines().format(record))
    return found


@pytest.mark.parametrize("text", SECRETS)
def test_secrets_are_blotted_out(text: str) -> None:
    for message in (line(text)["message"], line("%s", text)["message"]):
        assert not any(secret in str(message) for secret in ("live_x", "x" * 43, "hunter2", "aGVsbG8"))
        assert "***" in str(message)


def test_a_line_names_its_request() -> None:
    mark = request_id.set("r-1")

    found = line("done in %s ms", 3)

    request_id.reset(mark)
    assert found["request_id"] == "r-1"
    assert found["message"] == "done in 3 ms"
    assert found["level"] == "info"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "6.6.6.6", "10.0.0.1"),
        (1, "6.6.6.6, 7.7.7.7", "7.7.7.7"),
        (1, "", "10.0.0.1"),
        (2, "6.6.6.6, 7.7.7.7, 8.8.8.8", "7.7.7.7"),
        (3, "7.7.7.7", "7.7.7.7"),
        (1, "7.7.7.7:5555", "7.7.7.7"),
        (1, "2001:DB8::0:1", "2001:db8::1"),
        (1, "[2001:db8::1]", "2001:db8::1"),
        (1, "[2001:db8::1]:5555", "2001:db8::1"),
        (1, "fe80::1%eth0", "fe80::1"),
        (1, "::ffff:7.7.7.7", "7.7.7.7"),
        (1, "unknown", None),
        (1, "7.7.7.7:", None),
        (1, "[]:1", None),
        (1, "7.7.7.7\x00", None),
        (1, "7" * 5000, None),
    ],
)
def test_only_our_own_proxies_are_believed(proxies: int, forwarded: str, expected: str | None) -> None:
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR="10.0.0.1")

    with override_settings(TRUSTED_PROXIES=proxies):
        assert client_address(request) == expected
