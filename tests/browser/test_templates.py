"""A portfolio manager edits a template, sees whom it would turn red, and publishes it; with and without scripts."""

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from accounts.models import User
from lifecycle.models import TemplateVersion
from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor
from tests.fixtures.people import MakeProject

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HERE = "/templates/eight_stage/"


@pytest.fixture
def editor(transactional_db: None, make_user: object) -> User:
    call_command("load_content", verbosity=0)
    return User.objects.create_user("editor", "editor@example.org", name="Editor", is_admin=True)


@pytest.mark.parametrize(
    "options",
    [{}, {"java_script_enabled": False, "viewport": {"width": 360, "height": 740}}],
    ids=["with scripts", "a phone without scripts"],
)
@pytest.mark.usefixtures("time")
def test_a_template_is_edited_reviewed_and_published(
    options: dict[str, object], editor: User, visit: Visit, make_project: MakeProject
) -> None:
    make_project("RED", adopt_at="design", name="Reading Room")
    make_project("CALM", adopt_at="data", name="Calm Sea")
    page = visit(editor, **options).open(HERE).page

    begin(page)
    add_a_metric(page)
    move_it_up(page)
    ask_for_three_votes(page)
    review(page)
    publish(page)

    published = TemplateVersion.objects.newest().get(template__key="eight_stage")
    stage, item = published.definition.find("toxicity_is_low") or pytest.fail("the check is gone")
    assert (published.number, published.published_by, stage.key) == (2, editor, "design")
    assert (item.criterion["threshold"], item.criterion["operator"]) == (1, "<=")
    assert [one.key for one in stage.items][-2] == "toxicity_is_low"
    assert stage.rules["standard"].quorum == 3


def begin(page: Page) -> None:
    press(page, "Edit a draft")
    expect(page.locator("h1")).to_have_text("The draft of version 2 says what is published already.")


def add_a_metric(page: Page) -> None:
    page.locator("#stages").get_by_role("link", name="Model design").click()
    page.get_by_role("link", name="A metric within a limit").click()
    page.get_by_label("Text (English)").fill("Toxicity is low.")
    # What is missing is said at its field, and what was typed stays.
    press(page, "Add the check")
    expect(page.locator("#id_metric_error")).to_be_visible()
    expect(page.get_by_label("Text (English)")).to_have_value("Toxicity is low.")
    page.locator("#id_metric").select_option("hallucination_rate")
    page.locator("#id_threshold").fill("1")
    page.locator("#id_from_level").select_option("lean")
    press(page, "Add the check")
    expect(page.locator("#check-toxicity_is_low")).to_contain_text("hallucination_rate ≤ 1")


def move_it_up(page: Page) -> None:
    button = page.get_by_role("button", name="Move “Toxicity is low.” up")
    button.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#checks li").nth(-2)).to_have_id("check-toxicity_is_low")


def ask_for_three_votes(page: Page) -> None:
    page.locator("#gate-standard summary").click()
    page.locator("#gate-standard").get_by_label("Votes needed").fill("3")
    press(page, "Save who decides", inside="#gate-standard")
    expect(page.locator("#gate-standard summary")).to_contain_text("3 votes")


def review(page: Page) -> None:
    page.goto(f"{HERE}draft/review/")
    expect(page.locator("h1")).to_have_text("1 of 2 running projects would turn red.")
    touched = page.locator("#project-RED")
    expect(touched).to_contain_text("Reading Room")
    expect(touched).to_contain_text("No result yet")
    expect(page.locator("#impact")).not_to_contain_text("Calm Sea")
    expect(page.locator("#changes")).to_contain_text("New in “Model design”: Toxicity is low.")
    page.locator("#changes summary", has_text="at Standard changes").click()
    expect(page.locator("#changes")).to_contain_text("votes needed")


def publish(page: Page) -> None:
    press(page, "Publish version 2")
    expect(page.locator("h1")).to_have_text("2 of 2 running projects are not on version 2 yet.")
    page.locator("#row-RED").get_by_role("link", name="Move over").click()
    assert page.url.endswith("/projects/RED/process/?version=2#changes")


def press(page: Page, name: str, inside: str = "main") -> None:
    with page.expect_navigation():
        page.locator(inside).get_by_role("button", name=name, exact=True).click()


def test_two_people_who_edit_the_same_check_see_both_texts(editor: User, visit: Visit) -> None:
    other = User.objects.create_user("other", "other@example.org", name="Other", is_admin=True)
    mine, theirs = visit(editor), visit(other)
    begin(mine.open(HERE).page)
    for one in (mine, theirs):
        one.open(f"{HERE}draft/checks/charter/")

    write(theirs, "Theirs.")
    write(mine, "Mine.")

    expect(mine.page.locator("#lost")).to_contain_text("Theirs.")
    expect(mine.page.get_by_label("Text (English)")).to_have_value("Mine.")
    press(mine.page, "Save the check")
    expect(mine.page.locator("#check-charter")).to_contain_text("Mine.")


def write(who: Visitor, text: str) -> None:
    who.page.get_by_label("Text (English)").fill(text)
    press(who.page, "Save the check")


@pytest.mark.parametrize("options", [{}, {"java_script_enabled": False}], ids=["with scripts", "without scripts"])
def test_what_was_typed_comes_along_to_another_kind(options: dict[str, bool], editor: User, visit: Visit) -> None:
    page = visit(editor, **options).open(HERE).page
    begin(page)
    page.goto(page.url.replace("draft/", "draft/stages/design/checks/new/?kind=manual"))
    page.get_by_label("Text (English)").fill("Toxicity is low.")
    page.get_by_label("Text (Chinese)").fill("毒性低。")

    with page.expect_navigation():
        page.get_by_label("Kind", exact=True).select_option("metric")
        if not options.get("java_script_enabled", True):
            page.get_by_role("button", name="Show its fields").click()

    expect(page.get_by_label("Text (English)")).to_have_value("Toxicity is low.")
    expect(page.get_by_label("Text (Chinese)")).to_have_value("毒性低。")
    expect(page.locator("#check-form [name=threshold]")).to_be_visible()
    expect(page.locator("#check-form .eg-field-error")).to_have_count(0)
    assert not TemplateVersion.objects.get(published_at=None, template__key="eight_stage").definition.find(
        "toxicity_is_low"
    )
