"""The three things to try, as a newcomer does them after `make demo`."""

import shlex
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from common import content
from lifecycle.models import Stage
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("demo")]


@pytest.fixture
def newcomer(page: Page) -> Page:
    """On the first page, a click on a persona later."""
    page.goto("/")
    page.get_by_role("button", name="I ship models").click()
    expect(page.locator("#first-steps li")).to_have_count(3)
    return page


def be(page: Page, name: str, key: str = "RECO") -> Visitor:
    """Go on as somebody else of the demo, by the story's own button, which leads to the gate."""
    page.goto("/")
    page.locator("#first-steps").get_by_role("button", name=f"Be {name}").first.click()
    page.wait_for_url("**/gates/**")
    return Visitor(page, User.objects.get(name=name), key)


def test_a_newcomer_follows_the_three_stories(newcomer: Page, new_page: Callable[..., Page]) -> None:
    see_why_the_medical_model_is_blocked(new_page())
    turn_a_check_green(newcomer, new_page())
    decide_the_go_live(newcomer)


def see_why_the_medical_model_is_blocked(page: Page) -> None:
    page.goto("/")
    expect(page.locator(".eg-sample")).to_contain_text("No go.")
    page.get_by_role("button", name="I ship models").click()
    page.get_by_role("button", name="See it as risk officer").click()
    page.wait_for_url("**/projects/MEDR/gates/**")
    story = next(project for project in content.document("demo")["projects"] if project["code"] == "MEDR")

    expect(page.locator("h1")).to_contain_text("No go.")
    expect(page.locator("[data-blocker]")).to_have_count(len(story["expect"]["blocking"]))
    expect(page.locator("[data-blocker]").first).to_contain_text("since")


def turn_a_check_green(page: Page, terminal: Page) -> None:
    page.get_by_role("button", name="Make a token for this").click()
    expect(page.locator("#watch")).not_to_contain_text("one thing less in its way")
    words = shlex.split(page.locator("#call").inner_text().replace("\\\n", " "))
    assert words[:3] == ["curl", "-X", "POST"]
    given = [words[place + 1].split(": ", 1) for place, word in enumerate(words) if word == "-H"]
    answer = terminal.request.post(words[3], data=words[words.index("-d") + 1], headers=dict(given))

    assert answer.status == 201, answer.text()
    expect(page.locator("#watch")).to_contain_text("The gate has one thing less in its way.")


def decide_the_go_live(page: Page) -> None:
    counsel = be(page, "Legal counsel").page
    counsel.locator("[data-blocker]").filter(has_text="ransparency").get_by_role("link", name="Open").click()
    counsel.get_by_role("button", name="Sign as Legal counsel").click()
    expect(counsel.locator("h1")).to_contain_text("Approved")
    operations = be(page, "Operations lead")
    page.locator("[data-blocker]").filter(has_text="perations").get_by_role("link", name="Sign").click()
    operations.press("ops_signature", "Sign")
    be(page, "PM Recommendation").ask()
    be(page, "Retail sponsor").cast("go")
    decider = be(page, "Risk officer")
    expect(decider.choose("go")).to_have_text("Vote go and close the round")
    decider.cast("go")

    assert decider.headline.startswith("Go. Gate 7")
    page.goto("/projects/RECO/")
    expect(page.locator("[aria-current=step]").first).to_contain_text("Maintenance")
    assert Stage.objects.current().of_project("RECO").get().key == "maintenance"
