"""How many clicks it takes (design §1): counted in the page, as the browser saw them."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from accounts.models import User
from lifecycle.models import Check, GateReview, Vote
from overview.services import sweep
from projects.models import Project
from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("time")]

# A label passes its click on to its field: that is one click of a person. What a script clicks is not trusted, and a
# form sent by Enter clicks its button without a pointer (detail 0).
COUNTER = """
    let last = -1000;
    addEventListener("click", (event) => {
        if (!event.isTrusted || !event.detail) return;
        if (event.timeStamp - last > 30) window.clicked(event.target.outerHTML.slice(0, 120));
        last = event.timeStamp;
    }, true);
"""


@pytest.fixture
def counted(visit: Visit) -> Callable[[User], tuple[Page, list[str]]]:
    """`counted(user)`: their page, signed in, and the list that every click from now on joins."""

    def come(user: User) -> tuple[Page, list[str]]:
        page, clicks = visit(user).page, []
        page.expose_function("clicked", lambda what: clicks.append(f"{page.url}: {what}"))
        page.add_init_script(COUNTER)
        return page, clicks

    return come


def tab_to(page: Page, name: str) -> None:
    """By keyboard, as one who types does."""
    for _ in range(12):
        if page.evaluate("document.activeElement.name") == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} is not near")


def test_a_gatekeeper_decides_with_two_clicks_from_the_mail(
    ready: GateReview, project: Project, holder: Any, vote: Any, site: str, counted: Any, now: datetime
) -> None:
    sponsor = holder(project, "sponsor")
    sweep(now)
    letter = next(one for one in mail.outbox if one.to == [sponsor.email])
    link = next(found for found in re.findall(rf"{re.escape(site)}/\S+", str(letter.body)) if "/gates/" in found)
    vote(ready, holder(project, "finance_partner"), "go")
    page, clicks = counted(sponsor)

    page.goto(link)
    assert clicks == []
    page.locator("#vote label", has=page.locator("input[name=decision][value=go]")).click()
    tab_to(page, "rationale")
    page.keyboard.type("The charter says what it is for.")
    with page.expect_navigation():
        page.locator("#vote [data-choice-button]").click()

    expect(page.locator("#vote")).to_contain_text("Decided: Go.")
    assert len(clicks) == 2, clicks
    ready.refresh_from_db()
    assert (ready.decision, Vote.objects.get(user=sponsor).rationale) == ("go", "The charter says what it is for.")


def test_a_contributor_finds_proves_and_ticks_with_three_clicks(
    project: Project, owner: User, counted: Any, check_of: Callable[[Project, str], Check], now: datetime
) -> None:
    paper, tick = check_of(project, "charter"), check_of(project, "simpler_option")
    Check.objects.filter(pk__in=[paper.pk, tick.pk]).update(assignee=owner, due_on=now.date())
    page, clicks = counted(owner)

    page.goto("/")
    row = page.locator(f"#check-{paper.pk}")
    row.locator("input[name=url]").click()
    page.keyboard.type("https://docs.example.org/charter")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.keyboard.press("Enter")
    expect(row).to_have_class(re.compile("eg-done"))
    done = page.locator(f"#check-{tick.pk}").get_by_role("button", name="Done", exact=True)
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        done.click()
    expect(page.locator(f"#check-{tick.pk}")).to_have_class(re.compile("eg-done"))

    assert len(clicks) == 2, clicks  # the field and Done; three are allowed
    assert [check_of(project, one.key).answer for one in (paper, tick)] == ["open", "met"]
    assert paper.evidence_links.get().evidence.url == "https://docs.example.org/charter"
