"""Every page that can be read: at both widths, in both colours, in both languages, by people and by screen readers."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as product
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from playwright.sync_api import Page, expect

from accounts.actor import Actor
from accounts.models import User
from common import clock
from library.models import Case
from lifecycle.models import Check, GateReview, ProcessTemplate
from lifecycle.services import attach_file, open_change, start_draft, start_project
from projects.models import Portfolio
from records.services import move_subject
from risks.models import Risk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS, COLOURS = (1280, 360), ("light", "dark")
LANGUAGES = {"en-GB": "en", "zh-CN": "zh-Hans"}
# Whose page it is, when not the portfolio manager's.
READERS = {"journal": "auditor"}
# What can be opened but is no page of its own.
NO_PAGE = {
    "account_logout",
    "account_reset_password_from_key",
    "api-schema",
    "demo-call",
    "demo-mail",
    "demo-watch",
    "health-details",
    "inline-evidence",
    "livez",
    "readyz",
}
# The API's own description has one language.
ENGLISH = {"/api/docs/"}
# Pages that differ from those that the routes name with MEDR's things.
MORE = (
    "/projects/RECO/",
    "/projects/RECO/gates/deployment/",
    "/projects/RECO/gates/evaluation/",
    "/projects/RECO/stages/maintenance/",
    "/projects/CARE/",
    "/projects/CARE/gates/data/",
    "/projects/?search=nothing",
    "/inbox/?all",
    "/search/?q=model",
    "/cases/?search=nothing",
    "/nowhere/",
)
# Read aloud: the pages that people spend their day on, and one of each kind besides.
READ_ALOUD = (
    "/",
    "/accounts/login/",
    "/api/docs/problems/",
    "/cases/",
    "/inbox/",
    "/portfolio/",
    "/profile/",
    "/projects/",
    "/projects/MEDR/",
    "/projects/MEDR/budget/",
    "/projects/MEDR/gates/evaluation/",
    "/projects/MEDR/log/",
    "/projects/MEDR/risks/",
    "/projects/MEDR/settings/",
    "/projects/MEDR/stages/",
    "/projects/MEDR/stages/evaluation/",
    "/projects/RECO/gates/deployment/",
    "/projects/new/",
    "/risks/",
    "/templates/eight_stage/",
    "/templates/eight_stage/draft/",
    "/templates/eight_stage/draft/checks/fairness/",
    "/templates/eight_stage/draft/review/",
    "/templates/eight_stage/draft/stages/evaluation/",
    "/templates/import/",
)
AXE = Path(product.BASE_DIR, "node_modules", "axe-core", "axe.min.js")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN_AXE = """async (tags) => (await axe.run({ runOnly: tags, resultTypes: ["violations"] })).violations
    .filter((one) => ["serious", "critical"].includes(one.impact))
    .flatMap((one) => one.nodes.slice(0, 2).map((node) => `${one.id}: ${node.html.slice(0, 120)}`))"""
# How wide the page is, and what sticks out of it.
WIDE = """() => [Math.ceil(document.documentElement.scrollWidth), [...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 3).map((one) => one.outerHTML.replaceAll(/\\s+/g, " ").slice(0, 90))]"""


@pytest.fixture
def reader(new_page: Callable[..., Page]) -> Callable[..., Page]:
    """`reader("auditor", locale="zh-CN")`: one of the demo's people, signed in."""

    def come(username: str, **options: Any) -> Page:
        page = new_page(**options)
        page.goto("/accounts/login/")
        page.locator("#id_login").fill(username)
        page.locator("#id_password").fill("eightgate-demo")
        page.locator("#sign-in button").click()
        page.wait_for_url("**/")
        return page

    return come


def begin_a_draft() -> None:
    """Of the eight stages' next version, for the pages that edit it."""
    template = ProcessTemplate.objects.get(key="eight_stage")
    start_draft(template=template, actor=Actor.system(), now=clock.now())


def in_operation(owner: User) -> dict[str, dict[str, int]]:
    """What the demo's projects do not have: a file as proof, and a change of what runs. Ids by the route's name."""
    actor, now = Actor.for_user(owner), clock.now()
    project = start_project(
        actor=actor, now=now, key="LIVE", name="Live", objective="Run", level="lean", adopt_at="maintenance"
    )
    move_subject(project=project, actor=actor, parts={"prompt": "p1"}, force=False, now=now)
    check = Check.objects.asked().filter(stage__process__project=project, kind="evidence", stage__key="maintenance")[0]
    file = SimpleUploadedFile("report.txt", b"What was measured.\n" * 40)
    proof = attach_file(check=check, actor=actor, file=file, title="Report", now=now)
    change = open_change(project=project, actor=actor, text="Another prompt", subject={"prompt": "p2"}, now=now)
    same = {"pk": proof.pk}
    return {"preview-evidence": same, "evidence": same, "check-proof": {"pk": check.pk}, "change": {"pk": change.pk}}


def alone_of_their_kind() -> Iterator[str]:
    """Pages that few open, of a project in operation with a file as proof, a change and a value to go back to."""
    manager = User.objects.get(username="portfolio-manager")
    own = in_operation(manager)
    own["pack"] = {"pk": GateReview.objects.decided().filter(stage__process__project__key="MEDR").latest("pk").pk}
    for name, values in own.items():
        yield reverse(name, kwargs=values)
    yield from (
        "/profile/deputies/",
        "/projects/LIVE/changes/",
        "/projects/LIVE/subject/?part=prompt&value=p0",
        "/projects/LIVE/subject/",
        "/projects/MEDR/checks/fairness/limit/",
        "/projects/MEDR/gates/evaluation/candidates/",
        "/projects/MEDR/gates/evaluation/history/",
        "/projects/MEDR/process/",
        "/projects/MEDR/process/?level=lean",
        "/projects/MEDR/records/",
    )


def pages() -> Iterator[tuple[str, str]]:
    """(whose page, its address) for every route of the table of contents that does not only take a POST."""
    quick = Client()
    manager = User.objects.get(username="portfolio-manager")
    quick.force_login(manager)
    given = {"key": "MEDR", "stage": "evaluation", "questionnaire": "ethics_review", "pk": 0, "check_key": "fairness"}
    given |= {"username": "pm-med", "role": 0}
    eight = {"key": "eight_stage", "number": 1, "level": "lean", "section": "levels", "word": "lean"}
    begin_a_draft()
    own = in_operation(manager) | {
        "pack": {"pk": GateReview.objects.decided().filter(stage__process__project__key="MEDR").latest("pk").pk},
        "portfolio-page": {"pk": Portfolio.objects.get(name="Demo Group").pk},
        "case": {"key": Case.objects.order_by("pk")[0].key},
        "risk": {"pk": Risk.objects.filter(project__key="MEDR").with_score().highest_first()[0].pk},
    }
    for route in get_resolver().url_patterns:
        if isinstance(route, URLPattern) and route.name and route.name not in NO_PAGE:
            of_template = eight if str(route.pattern).startswith("templates/") else {}
            known = {**given, **of_template, **own.get(route.name, {})}
            values = {name: known[name] for name in route.pattern.converters}
            address = reverse(route.name, kwargs=values)
            if quick.get(address).status_code != 405:
                yield READERS.get(route.name, "portfolio-manager"), address
    yield from (("portfolio-manager", address) for address in MORE)


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("locale", LANGUAGES)
def test_every_page_fits_both_widths_in_both_colours(locale: str, reader: Callable[..., Page]) -> None:
    """The browser's own complaints (scripts, styles, the content policy) fail the test at its end."""
    found: list[str] = []
    readers = {name: reader(name, locale=locale) for name in ("portfolio-manager", "auditor")}
    seen = 0
    for name, address in pages():
        page = readers[name]
        answer = page.goto(address)
        assert answer is not None
        seen += 1
        found += [f"{address}: {answer.status}"] if answer.status != (404 if address == "/nowhere/" else 200) else []
        found += [f"{address}: {complaint}" for complaint in looks(page, LANGUAGES[locale])]
    assert not found, "\n".join(found)
    assert seen > 35


def looks(page: Page, language: str) -> Iterator[str]:
    spoken = page.locator("html").get_attribute("lang")
    if spoken != language and urlsplit(page.url).path not in ENGLISH:
        yield f"speaks {spoken}"
    for colour in COLOURS:
        page.emulate_media(color_scheme=colour, reduced_motion="reduce")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            wide, culprits = page.evaluate(WIDE)
            if wide > width:
                yield f"{wide} wide at {width}: {culprits}"
    page.set_viewport_size({"width": WIDTHS[0], "height": 800})


def test_the_address_of_a_form_is_a_page_too(page: Page) -> None:
    answer = page.goto("/accounts/login/as/")

    assert answer is not None
    assert answer.status == 405
    expect(page.locator("h1")).to_contain_text("There is nothing to read at this address")


@pytest.mark.usefixtures("demo")
def test_screen_readers_can_read_the_pages(reader: Callable[..., Page]) -> None:
    page, found = reader("portfolio-manager"), []
    begin_a_draft()
    script = AXE.read_text()
    for address in (*READ_ALOUD, *alone_of_their_kind()):
        answer = page.goto(address)
        found += [] if answer is not None and answer.ok else [f"{address} is no page"]
        page.evaluate(script)
        # The colours are those of the pages above: once is enough for one of each kind.
        for colour in COLOURS if address in READ_ALOUD else COLOURS[:1]:
            page.emulate_media(color_scheme=colour, reduced_motion="reduce")
            found += [f"{address}, {colour}: {violation}" for violation in page.evaluate(RUN_AXE, TAGS)]
    assert not found, "\n".join(found)
