"""Files are shown, never run: what a page shows of them, and what leaves for it."""

import hashlib
from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from accounts.models import User
from journal.models import Entry
from projects.models import Project
from records import services
from records.models import Blob, Evidence
from records.selectors import beginning_of, preview_of
from tests.fixtures.rooms import AddFile

pytestmark = pytest.mark.usefixtures("frozen")
PNG = b"\x89PNG\r\n\x1a\nrest"
SCRIPT = "<script>alert(1)</script>"
Browse = Callable[[User], Client]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("chart.png", "image"),
        ("photo.JPEG", "image"),
        ("a.gif", "image"),
        ("a.webp", "image"),
        ("notes.txt", "text"),
        ("table.csv", "text"),
        ("README.md", "text"),
        ("result.json", "text"),
        ("train.log", "text"),
        ("report.pdf", "pdf"),
        ("drawing.svg", ""),
        ("page.html", ""),
        ("page.xhtml", ""),
        ("feed.xml", ""),
        ("mail.eml", ""),
        ("book.ipynb", ""),
        ("weights.pt", ""),
        ("archive.zip", ""),
        ("sheet.xlsx", ""),
        ("png", ""),
        ("chart.png.zip", ""),
    ],
)
def test_what_is_shown_depends_on_the_ending(name: str, kind: str) -> None:
    assert preview_of(name) == kind


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("Prüfplan".encode(), "Prüfplan"),
        (b"\xef\xbb\xbfplan", "plan"),
        ("计划".encode("gb18030"), "计划"),
        ("wide".encode("utf-16"), "wide"),
        (b"a\x00b", "a\ufffdb"),
        (b"", ""),
    ],
)
def test_a_text_is_read_in_its_own_encoding(data: bytes, text: str) -> None:
    assert beginning_of([data]).text == text


def test_only_the_first_hundred_thousand_bytes_are_kept_and_all_are_read() -> None:
    read: list[int] = []

    def chunks():
        for number in range(3):
            read.append(number)
            yield "密".encode() * 20_000

    beginning = beginning_of(chunks())

    assert (len(beginning.text), beginning.cut, read) == (33_333, True, [0, 1, 2])
    assert not beginning_of([b"x" * 100_000]).cut


def test_a_text_is_escaped(browse: Browse, project: Project, contributor: User, add_file: AddFile) -> None:
    row = add_file(project, contributor, "notes.md", f"# Notes\n{SCRIPT}\n<img src=x onerror=alert(1)>".encode())

    html = browse(contributor).get(f"/evidence/{row.pk}/preview/").content.decode()

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "&lt;img src=x" in html
    assert SCRIPT not in html


def test_a_long_text_says_that_it_goes_on(
    browse: Browse, project: Project, contributor: User, add_file: AddFile
) -> None:
    row = add_file(project, contributor, "train.log", b"x" * 100_001)

    html = browse(contributor).get(f"/evidence/{row.pk}/preview/").content.decode()

    assert "The first 100 kB are shown." in html
    assert html.count("x" * 1000) == 100


def test_an_image_leaves_in_a_sandbox(browse: Browse, project: Project, contributor: User, add_file: AddFile) -> None:
    row = add_file(project, contributor, "chart.png", PNG)
    client = browse(contributor)

    page = client.get(f"/evidence/{row.pk}/preview/").content.decode()
    answer = client.get(f"/evidence/{row.pk}/inline/")

    assert f'src="/evidence/{row.pk}/inline/"' in page
    assert answer.getvalue() == PNG
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; img-src 'self'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Content-Disposition"].startswith("inline; filename*=")


@pytest.mark.parametrize("name", ["notes.txt", "report.pdf", "weights.pt"])
def test_nothing_but_images_leaves_inline(
    browse: Browse, project: Project, contributor: User, add_file: AddFile, name: str
) -> None:
    row = add_file(project, contributor, name, b"%PDF-1.4")

    assert browse(contributor).get(f"/evidence/{row.pk}/inline/").status_code == 404


def test_a_hostile_file_that_slipped_in_is_neither_shown_nor_sent_inline(
    browse: Browse, project: Project, contributor: User, add_file: AddFile, now: datetime
) -> None:
    """No door takes SVG or HTML; even a row that an older version left is only offered for download."""
    row = add_file(project, contributor)
    hostile = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
    blob = Blob.objects.create(sha256=hashlib.sha256(hostile).hexdigest(), size=len(hostile), stored_at=now)
    services.path_of(blob).parent.mkdir(parents=True, exist_ok=True)
    services.path_of(blob).write_bytes(hostile)
    client = browse(contributor)

    for name, content_type in (("x.svg", "image/svg+xml"), ("x.html", "text/html")):
        Evidence.objects.filter(pk=row.pk).update(blob=blob, filename=name, content_type=content_type, size=blob.size)
        page = client.get(f"/evidence/{row.pk}/preview/")
        assert "Files of this kind are not shown here." in page.content.decode()
        assert b"onload" not in page.content
        assert client.get(f"/evidence/{row.pk}/inline/").status_code == 404
        sent = client.get(f"/api/v1/evidence/{row.pk}/download/")
        assert sent.headers["Content-Disposition"].startswith("attachment")
        assert sent.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_confidential_files_are_shown_to_those_who_may_download_them(
    browse: Browse, project: Project, contributor: User, viewer: User, auditor: User, add_file: AddFile
) -> None:
    row = add_file(project, contributor, "chart.png", PNG, confidential=True)

    for path in ("preview", "inline"):
        found = {
            user.username: browse(user).get(f"/evidence/{row.pk}/{path}/").status_code
            for user in (contributor, auditor, viewer)
        }
        assert found == {"contributor": 200, "auditor": 200, "viewer": 403}


@pytest.mark.parametrize(("name", "data"), [("notes.txt", b"text"), ("chart.png", PNG), ("report.pdf", b"%PDF-1.4")])
def test_a_damaged_file_is_not_shown_and_told_to_the_journal(
    browse: Browse, project: Project, contributor: User, add_file: AddFile, name: str, data: bytes
) -> None:
    row = add_file(project, contributor, name, data)
    assert row.blob is not None
    services.path_of(row.blob).write_bytes(b"y" * len(data))

    answer = browse(contributor).get(f"/evidence/{row.pk}/preview/")

    assert answer.status_code == 503
    assert "not those that were uploaded" in answer.content.decode()
    assert Entry.objects.filter(verb="evidence.damaged").count() == 1


def test_a_link_has_no_preview(browse: Browse, project: Project, contributor: User, actor_of, now: datetime) -> None:
    row = services.add_link(project=project, actor=actor_of(contributor), url="https://x.example/", now=now)

    assert browse(contributor).get(f"/evidence/{row.pk}/preview/").status_code == 404


def test_scripts_of_the_pdf_are_loaded_on_its_page_only(
    browse: Browse, project: Project, contributor: User, add_file: AddFile
) -> None:
    pdf = add_file(project, contributor, "report.pdf", b"%PDF-1.4")
    text = add_file(project, contributor, "notes.txt", b"text")
    client = browse(contributor)

    assert "dist/pdf.js" in client.get(f"/evidence/{pdf.pk}/preview/").content.decode()
    assert "dist/pdf.js" not in client.get(f"/evidence/{text.pk}/preview/").content.decode()
