"""The gate page as those who vote meet it."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from accounts.actor import Actor
from accounts.models import User
from common import clock
from lifecycle import services
from lifecycle.models import Check, Condition, GateReview, Vote
from projects.models import Project
from tests.browser.conftest import Visit
from tests.fixtures.gates import MeetAll, StageOf

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("time")]

WHY = "The charter says what it is for."


@pytest.fixture
def sponsor(project: Project, holder: Any) -> User:
    return holder(project, "sponsor")


def prove_charter(project: Project, user: User, now: datetime) -> None:
    check = Check.objects.select_related("stage__process__project").get(stage__process__project=project, key="charter")
    services.attach_link(check=check, actor=Actor.for_user(user), url="https://x.example/2", title="2", now=now)


def test_a_blocked_go_cannot_be_chosen_and_says_why(blocked: GateReview, sponsor: User, visit: Visit) -> None:
    gate = visit(sponsor).gate("initiation")

    expect(gate.choice("go")).to_be_disabled()
    expect(gate.choice("go")).to_have_accessible_description("Not possible while 1 point is open.")
    gate.page.keyboard.press("1")
    expect(gate.choice("go")).not_to_be_checked()
    expect(gate.panel.locator("[data-choice-button]")).to_be_disabled()


def test_the_chosen_decision_names_the_button_and_tells_what_follows(
    ready: GateReview, sponsor: User, visit: Visit
) -> None:
    gate = visit(sponsor).gate("initiation")
    consequence = gate.panel.locator("[data-choice-consequence]")
    recommended = "Conditional go, because optional checks are open or required ones are waived"
    expect(gate.panel).to_contain_text(recommended)

    expect(gate.choose("go")).to_have_text("Vote go")
    expect(consequence).to_have_text("The project goes on to Requirements analysis.")
    expect(gate.panel.get_by_label("Back to", exact=True)).to_be_hidden()
    expect(gate.choose("recycle")).to_have_text("Vote recycle")
    expect(consequence).to_contain_text("start a new iteration")
    expect(gate.panel.get_by_label("Back to", exact=True)).to_be_visible()
    expect(gate.panel.get_by_label("Condition", exact=True)).to_be_hidden()


def test_the_vote_that_decides_says_so(
    ready: GateReview, project: Project, holder: Any, vote: Any, visit: Visit
) -> None:
    vote(ready, holder(project, "finance_partner"), "go")
    gate = visit(holder(project, "sponsor")).gate("initiation")

    expect(gate.choose("go")).to_have_text("Vote go and close the round")
    gate.cast("go")

    assert gate.headline.startswith("Go.")
    expect(gate.panel).to_contain_text("Decided: Go.")


def test_what_changed_while_one_read_is_told_and_the_vote_is_not_counted(
    ready: GateReview, project: Project, owner: User, sponsor: User, visit: Visit, now: datetime
) -> None:
    gate = visit(sponsor).gate("initiation")
    button = gate.choose("go", WHY)
    prove_charter(project, owner, now)
    button.click()

    told = "1 check changed while you read. Your vote was not counted. Read what changed, then vote again."
    expect(gate.panel.get_by_role("alert")).to_have_text(told)
    expect(gate.panel.get_by_role("alert")).to_be_focused()
    expect(gate.page.locator("#check-charter")).to_contain_text("changed")
    expect(gate.choice("go")).not_to_be_checked()
    assert not Vote.objects.standing().exists()
    expect(gate.panel.get_by_label("Why", exact=True)).to_have_value(WHY)
    gate.cast("go", WHY)
    assert Vote.objects.standing().get().user == sponsor


def test_a_refused_vote_keeps_what_was_typed(ready: GateReview, sponsor: User, visit: Visit) -> None:
    gate = visit(sponsor).gate("initiation")

    gate.choose("hold", WHY).click()

    expect(gate.panel).to_contain_text("Say until when the project is on hold.")
    expect(gate.choice("hold")).to_be_checked()
    expect(gate.panel.get_by_label("Why", exact=True)).to_have_value(WHY)
    expect(gate.panel.get_by_label("Until", exact=True)).to_be_visible()
    expect(gate.panel.locator("[data-choice-button]")).to_have_text("Vote hold")


def test_a_condition_without_its_day_is_refused_at_its_field(
    ready: GateReview, owner: User, sponsor: User, visit: Visit
) -> None:
    gate = visit(sponsor).gate("initiation")
    button = gate.choose("conditional_go", WHY)
    gate.panel.get_by_label("Condition", exact=True).fill("Tell the board.")
    button.click()

    expect(gate.panel).to_contain_text("A condition has an owner and a day.")
    expect(gate.panel.get_by_label("Condition", exact=True)).to_have_value("Tell the board.")
    assert not Vote.objects.exists()


def test_conditions_are_added_and_removed(
    ready: GateReview, sponsor: User, project: Project, holder: Any, vote: Any, visit: Visit
) -> None:
    gate = visit(sponsor).gate("initiation")
    button = gate.choose("conditional_go", WHY)
    for place, text in enumerate(("Tell the board.", "Tell nobody.", "Tell the users.")):
        if place:
            gate.panel.get_by_role("button", name="Add a condition").click()
        item = gate.panel.locator("[data-repeat-item]").nth(place)
        item.get_by_label("Condition", exact=True).fill(text)
        item.get_by_label("Owner", exact=True).select_option(label="Owner")
        item.get_by_label("Due", exact=True).fill("2026-03-20")
    gate.panel.get_by_role("button", name="Remove").nth(1).click()
    with gate.page.expect_navigation():
        button.click()
    vote(ready, holder(project, "finance_partner"), "go")

    told = Condition.objects.order_by("pk").values_list("action__text", "action__due_on")
    assert list(told) == [("Tell the board.", date(2026, 3, 20)), ("Tell the users.", date(2026, 3, 20))]


def test_a_vote_is_taken_back(ready: GateReview, sponsor: User, visit: Visit) -> None:
    gate = visit(sponsor).gate("initiation")
    gate.cast("go")
    expect(gate.panel).to_contain_text("1 of 2 votes are in.")

    gate.panel.get_by_text("I cannot decide").click()
    with gate.page.expect_navigation():
        gate.panel.get_by_role("button", name="Withdraw the vote").click()

    expect(gate.choice("go")).to_be_enabled()
    assert not Vote.objects.standing().exists()


def test_who_may_not_vote_reads_why(ready: GateReview, owner: User, visit: Visit) -> None:
    gate = visit(owner).gate("initiation")

    expect(gate.panel).to_contain_text("You asked for this review, so others decide it.")
    expect(gate.panel.locator("[data-choice-button]")).to_have_count(0)


def test_keys_lead_to_the_vote_and_choose_but_never_confirm(ready: GateReview, sponsor: User, visit: Visit) -> None:
    gate = visit(sponsor).gate("initiation")
    keyboard = gate.page.keyboard

    keyboard.press("v")
    expect(gate.panel).to_be_focused()
    for number, decision in enumerate(("go", "conditional_go", "hold", "recycle", "kill"), 1):
        keyboard.press(str(number))
        expect(gate.choice(decision)).to_be_checked()
        expect(gate.choice(decision)).to_be_focused()
    keyboard.press("t")
    expect(gate.page.locator("#then-now")).to_be_focused()
    why = gate.panel.get_by_label("Why", exact=True)
    why.focus()
    keyboard.type("v1 gdn2")
    expect(why).to_have_value("v1 gdn2")
    expect(gate.choice("kill")).to_be_checked()
    assert not Vote.objects.exists()


def test_single_keys_can_be_switched_off(ready: GateReview, sponsor: User, visit: Visit) -> None:
    User.objects.filter(pk=sponsor.pk).update(single_keys=False)
    sponsor.refresh_from_db()
    gate = visit(sponsor).gate("initiation")

    gate.page.keyboard.press("1")

    expect(gate.choice("go")).not_to_be_checked()


def test_without_scripts_everything_is_a_plain_form(
    project: Project,
    owner: User,
    sponsor: User,
    stage_of: StageOf,
    meet_all: MeetAll,
    visit: Visit,
    time: clock.Frozen,
) -> None:
    meet_all(stage_of(project), by=owner, leave=("charter", "simpler_option"))
    works = visit(owner, java_script_enabled=False).stage("initiation")
    row = works.row("charter")
    row.locator("input[name=url]").fill("https://docs.example.org/charter")
    row.locator("input[name=url]").press("Enter")
    expect(
        works.row("charter").get_by_role("link", name="https://docs.example.org/charter", exact=True)
    ).to_be_visible()
    works.row("simpler_option").get_by_role("button", name="Done").click()
    expect(works.row("simpler_option").get_by_role("button", name="Undo")).to_be_visible()
    works.gate("initiation").ask()

    decides = visit(sponsor, java_script_enabled=False).gate("initiation")
    decides.choice("conditional_go").check()
    decides.panel.get_by_label("Why", exact=True).fill(WHY)
    decides.panel.get_by_label("Condition", exact=True).fill("Tell the board.")
    decides.panel.locator("[data-choice-button]").click()
    expect(decides.panel).to_contain_text("A condition has an owner and a day.")
    decides.panel.get_by_label("Owner", exact=True).select_option(label="Owner")
    decides.panel.get_by_label("Due", exact=True).fill((time.at + timedelta(days=9)).date().isoformat())
    decides.panel.locator("[data-choice-button]").click()

    expect(decides.panel).to_contain_text("You voted")
    assert Vote.objects.standing().get().conditions[0]["text"] == "Tell the board."
