"""Files at the API's door, read as `checks/{id}/evidence/` reads them."""

import base64
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as product
from django.test import RequestFactory
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import ApiRequest
from accounts.models import User
from common import clock
from common.api import StrictJSONParser, StrictMultiPartParser
from projects.models import Project
from records import services
from records.models import Evidence
from records.serializers import read_evidence, shown_evidence

pytestmark = pytest.mark.core
Send = Callable[..., Any]
CUT = "LS1iDQpDb250ZW50LURpc3Bvc2l0aW9uOiBmb3JtLWRhdGE7IG5hbWU9ImZpbGUiOyBmaWxlbmFtZT0iYS50eHQiDQoNCmFi"


class Upload(APIView):
    """The smallest endpoint that takes proof."""

    authentication_classes = ()
    permission_classes = ()
    parser_classes = (StrictJSONParser, StrictMultiPartParser)
    project: Any = None

    def post(self, request: ApiRequest) -> Response:
        now = clock.now()
        given = read_evidence(request, now=now)
        actor: Any = request._request.actor  # type: ignore[attr-defined] # set below
        if given.file is None:
            row = services.add_link(project=self.project, actor=actor, url=given.url, now=now, **given.facts)
        else:
            with services.received(file=given.file, declared_sha256=given.declared_sha256) as taken:
                row = services.add_file(project=self.project, actor=actor, file=taken, now=now, **given.facts)
        return Response(shown_evidence(row, confidential=True), 201)


@pytest.fixture
def send(project: Project, contributor: User, actor_of: Callable[[User], Any], now: datetime) -> Send:
    view = Upload.as_view(project=project)

    def post(body: bytes | str, content_type: str = "multipart/form-data; boundary=b", **headers: str) -> Any:
        request = RequestFactory().post("/api/v1/upload/", body, content_type=content_type, **headers)  # type: ignore[arg-type]
        request.actor = actor_of(contributor)  # type: ignore[attr-defined]
        with clock.frozen(now):
            answer = view(request)
        # The server does this after each answer: temporary files go.
        request.close()
        return answer

    return post


def part(name: str, data: bytes, filename: str | None = None) -> bytes:
    shown = f'; filename="{filename}"' if filename is not None else ""
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{shown}\r\n\r\n'.encode() + data + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--b--\r\n"


def stored_files() -> list[Path]:
    return [path for path in Path(product.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_a_file_arrives_with_its_facts(send: Send) -> None:
    answer = send(
        form(
            part("title", "Prüfplan".encode()),
            part("valid_until", b"2026-12-31"),
            part("confidential", b"true"),
            part("file", b"x", "../../etc/cron.d/x.txt"),
        )
    )

    assert answer.status_code == 201
    assert (answer.data["filename"], answer.data["title"], answer.data["confidential"]) == ("x.txt", "Prüfplan", True)
    assert answer.data["download"] == f"/api/v1/evidence/{answer.data['id']}/download/"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (form(part("file", b"<svg onload='alert(1)'><script/></svg>", "x.svg")), "file_type_not_allowed"),
        (form(part("file", b"<html><script>alert(1)</script>", "report.pdf")), "content_mismatch"),
        (form(part("file", b"x", "..")), "invalid_filename"),
        (form(part("file", b"", "a.txt")), "empty_file"),
        (base64.b64decode(CUT), "malformed_multipart"),
        (form(part("file", b"x", "a.txt"))[:-8], "malformed_multipart"),
        (b"no parts at all", "malformed_multipart"),
        (form(part("title", b"no file")), "file_missing"),
        (form(part("file", b"x", "a.txt"), part("file", b"y", "b.txt")), "too_many_files"),
        (form(part("file", b"x", "a.txt"), part("other", b"y", "b.txt")), "too_many_files"),
        (form(part("file", b"x", "a.txt"), part("title", b"a"), part("title", b"b")), "duplicate_key"),
        (form(part("file", b"x", "a.txt"), part("colour", b"red")), "unknown_field"),
        (form(part("file", b"x", "a.txt"), part("sha256", b"0" * 64)), "digest_mismatch"),
        (form(part("file", b"x", "a.txt"), part("effective_at", b"2026-03-01T00:00:00")), "timezone_required"),
    ],
)
def test_uploads_that_are_not_whole_or_not_wanted_are_refused(send: Send, body: bytes, code: str) -> None:
    answer = send(body)

    assert (answer.status_code, answer.data["code"]) == (400, code)
    assert not Evidence.objects.exists()
    assert stored_files() == []


@pytest.mark.parametrize("name", ["a" * 300 + ".txt", 'a"\r\nSet-Cookie: x=1;.txt', "甲" * 200 + ".txt"])
def test_odd_names_are_cut_or_refused(send: Send, name: str) -> None:
    answer = send(form(part("file", b"x", name)))

    assert answer.status_code == 201 or answer.data["code"] == "invalid_filename"


def test_a_polyglot_is_stored_and_never_shown(send: Send) -> None:
    answer = send(form(part("file", b"%PDF-1.4\n<script>alert(1)</script>\n%%EOF", "poly.pdf")))

    assert (answer.status_code, answer.data["content_type"]) == (201, "application/pdf")


def test_a_file_one_byte_too_large_leaves_nothing(send: Send) -> None:
    answer = send(form(part("file", b"x" * (25 * 1024 * 1024 + 1), "big.txt")))

    assert (answer.status_code, answer.data["code"]) == (413, "file_too_large")
    assert stored_files() == []


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        ("sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:", 400, "digest_mismatch"),
        ("sha-256=:LXEWQrcm9EQBRnyp+9iwIK9F8O4xERk8+rOw7VKYAKE=:", 400, "digest_mismatch"),
        ("sha-256=:LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=:", 201, ""),
        ("sha-256=:AAAA:", 400, "invalid_header"),
    ],
)
def test_the_digest_header_is_compared(send: Send, header: str, status: int, code: str) -> None:
    answer = send(form(part("file", b"x", "a.txt")), HTTP_REPR_DIGEST=header)

    assert answer.status_code == status
    assert answer.data.get("code", "") == code


def test_a_link_arrives_as_json(send: Send) -> None:
    link = '{"url": "https://wiki.example/plan", "title": "Plan", "valid_until": "2026-12-31"}'

    answer = send(link, "application/json")
    wrong = send('{"url": "javascript:alert(1)", "title": "Plan"}', "application/json")

    assert (answer.status_code, answer.data["url"], answer.data["download"]) == (
        201,
        "https://wiki.example/plan",
        None,
    )
    assert (wrong.status_code, wrong.data["code"]) == (400, "invalid_url")
