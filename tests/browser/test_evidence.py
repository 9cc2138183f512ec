"""Proof in a real browser: shown without being run, revised, chosen again; hostile files never come alive."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import Page, expect

from accounts.actor import Actor
from accounts.models import User
from lifecycle import services
from lifecycle.models import Check
from projects.models import Project
from records.models import Evidence
from records.services import set_subject
from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("time")]

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script><img src=x onerror=alert(2)>"
# One red pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
PAGE = b"""<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Annots [6 0 R]
/Resources << /Font << /F1 5 0 R >> >> >>"""
LINK = b"""<< /Type /Annot /Subtype /Link /Rect [0 0 595 842]
/A << /S /URI /URI (javascript:alert\\(1\\)) >> >>"""


def pdf(text: str) -> bytes:
    """One page with these words, and a script that a reader might run when it is opened."""
    drawn = f"BT /F1 24 Tf 60 700 Td ({text}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        PAGE,
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        LINK,
    ]
    body, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    table = b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(objects) + 1, rows)
    end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(body))
    return body + table + end


@pytest.fixture
def keep(project: Project, owner: User, now: datetime) -> Any:
    """`keep("chart.png", PNG)`: a file as proof of the charter."""

    def attach(name: str, data: bytes, **facts: Any) -> Evidence:
        check = Check.objects.select_related("stage__process__project__subject").get(
            stage__process__project=project, key="charter"
        )
        file = SimpleUploadedFile(name, data)
        return services.attach_file(check=check, actor=Actor.for_user(owner), file=file, now=now, **facts)

    return attach


def alerts(page: Page) -> list[str]:
    """What a script that came alive would have said."""
    found: list[str] = []
    page.on("dialog", lambda dialog: (found.append(dialog.message), dialog.dismiss()))
    return found


def test_an_image_is_shown(keep: Any, owner: User, visit: Visit) -> None:
    row = keep("chart.png", PNG)
    page = visit(owner).open(f"/evidence/{row.pk}/preview/").page

    assert page.locator("figure img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 1


def test_a_text_is_shown_and_no_markup_in_it_lives(keep: Any, owner: User, visit: Visit) -> None:
    row = keep("notes.md", b"# Notes\n<script>alert(1)</script><img src=x onerror=alert(2)>")
    page = visit(owner).page
    said = alerts(page)

    page.goto(f"/evidence/{row.pk}/preview/")

    expect(page.locator("pre")).to_contain_text("<script>alert(1)</script>")
    assert page.locator("pre *").count() == 0
    assert said == []


def test_a_pdf_is_drawn_and_neither_its_scripts_nor_its_links_live(keep: Any, owner: User, visit: Visit) -> None:
    row = keep("plan.pdf", pdf("How it is tested"))
    page = visit(owner).page
    said = alerts(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(f"/evidence/{row.pk}/preview/")

    expect(page.locator(".eg-pdf-page[data-drawn]")).to_have_count(1)
    expect(page.get_by_text("How it is tested")).to_be_attached()
    expect(page.get_by_text("Page 1 of 1")).to_be_visible()
    ink = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(v => v < 128)"
    assert page.locator(".eg-pdf-page canvas").evaluate(ink)
    assert page.locator(".eg-pdf a").count() == 0
    assert any(url.endswith("/dist/pdf-worker.js") for url in asked)
    assert said == []


def test_a_pdf_that_cannot_be_read_says_so(keep: Any, owner: User, visit: Visit) -> None:
    row = keep("broken.pdf", b"%PDF-1.4\n<script>alert(1)</script>\n%%EOF")
    page = visit(owner).open(f"/evidence/{row.pk}/preview/").page

    expect(page.get_by_text("This PDF cannot be shown here.")).to_be_visible()


def test_html_and_svg_are_taken_under_no_name(
    project: Project, owner: User, visit: Visit, tmp_path: Path, check_of: Any
) -> None:
    page = visit(owner).page
    said = alerts(page)
    for name, data in (
        ("x.svg", SVG),
        ("x.html", HTML),
        ("chart.png", SVG),
        ("report.pdf", HTML),
        ("notes.txt", HTML),
        ("notes.md", b"\xef\xbb\xbf  " + SVG),
    ):
        (tmp_path / name).write_bytes(data)
        page.goto(f"/checks/{check_of(project, 'charter').pk}/proof/")
        page.get_by_label("File", exact=True).set_input_files(tmp_path / name)
        page.get_by_role("button", name="Attach the proof").click()
        expect(page.locator("#proof-form .eg-field-error")).to_be_visible()

    assert not Evidence.objects.exists()
    assert said == []


def test_a_polyglot_opened_by_its_address_is_a_picture_and_nothing_else(
    keep: Any, owner: User, visit: Visit, site: str
) -> None:
    row = keep("chart.png", PNG + HTML + SVG)
    signed_in = visit(owner).page.context
    # The sandbox refuses the browser's own style for lone pictures, too, which no other page may get away with.
    assert signed_in.browser is not None
    aside = signed_in.browser.new_context(storage_state=signed_in.storage_state(), base_url=site)
    page = aside.new_page()
    said = alerts(page)

    answer = page.goto(f"/evidence/{row.pk}/inline/")

    assert answer is not None
    assert answer.headers["content-security-policy"] == "default-src 'none'; img-src 'self'; sandbox"
    assert page.locator("script").count() == 0
    assert page.evaluate("document.contentType") == "image/png"
    assert said == []
    aside.close()


def test_a_proof_is_revised_and_the_page_of_the_older_one_leads_on(
    keep: Any, owner: User, visit: Visit, tmp_path: Path
) -> None:
    row = keep("plan.txt", b"first", title="Test plan")
    (tmp_path / "plan.txt").write_bytes(b"second")
    page = visit(owner).open(f"/evidence/{row.pk}/").page

    page.get_by_label("File", exact=True).set_input_files(tmp_path / "plan.txt")
    page.get_by_label("Holds until").fill("2026-12-31")
    with page.expect_navigation():
        page.get_by_role("button", name="Add the revision").click()

    expect(page.locator("h1")).to_contain_text("Test plan. It proves 1 check.")
    expect(page.locator("#revisions li")).to_have_count(2)
    page.locator("#revisions").get_by_role("link", name="Test plan").nth(1).click()
    expect(page.locator("h1")).to_contain_text("A later revision has taken its place.")
    page.get_by_role("link", name="Go to revision 2").click()
    expect(page.locator("h1")).to_contain_text("It proves 1 check.")


def test_one_proof_is_chosen_for_another_check_without_scripts(
    keep: Any, project: Project, owner: User, visit: Visit
) -> None:
    keep("plan.txt", b"text", title="Test plan")
    works = visit(owner, java_script_enabled=False).stage("initiation")

    works.row("positioning").get_by_role("link", name="With dates, or what the project has").click()
    works.page.get_by_role("button", name="Attach this one").click()

    expect(works.row("positioning").get_by_role("link", name="Test plan", exact=True)).to_be_visible()


def test_candidates_come_with_the_gate_and_an_older_model_shows_its_price(
    project: Project, owner: User, visit: Visit, push_metric: Any, check_of: Any, now: datetime
) -> None:
    actor = Actor.for_user(owner)
    for model in ("reco 1", "reco 2"):
        set_subject(project=project, actor=actor, parts={"model": model}, now=now)
    check = check_of(project, "run_log")
    services.attach_link(check=check, actor=actor, url="https://x.example/", title="Log", now=now)
    push_metric(project, owner, 91.0, run_id="pr-7", candidate=True, subject={"model": "reco 3"})
    visitor = visit(owner).gate("initiation")

    expect(visitor.page.locator("#candidates")).to_contain_text("pr-7")
    expect(visitor.page.locator("#candidates")).to_contain_text("Model reco 3")
    visitor.open("/projects/RECO/records/")
    visitor.page.get_by_text("Earlier values").click()
    visitor.page.get_by_role("link", name="reco 1").click()
    expect(visitor.page.locator("h1")).to_contain_text("Model: from reco 2 back to reco 1. 1 check turns stale.")
    expect(visitor.page.locator("#stale")).to_contain_text("was made for model reco 2, now reco 1.")
    visitor.page.get_by_role("button", name="Make reco 1 current").click()
    expect(visitor.page.locator("h1")).to_contain_text("Now about reco 1.")
