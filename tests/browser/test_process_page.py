"""The process of a project as those who run it meet it: look at a move, make it, work on."""

from typing import Any

import pytest
from playwright.sync_api import expect

from accounts.models import User
from lifecycle.models import Process
from projects.models import Project
from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("time")]


def test_the_risk_officer_looks_at_lean_and_moves_there(
    project: Project, owner: User, holder: Any, visit: Visit
) -> None:
    at = visit(holder(project, "risk_officer")).open("/projects/RECO/stages/")
    page = at.page
    page.get_by_role("link", name="Level and template").click()
    assert at.headline.startswith("Project RECO runs at the level Standard")

    page.get_by_role("link", name="See what Lean changes").click()
    changes = page.locator("#changes")
    expect(changes).to_contain_text("checks no longer asked for")
    changes.get_by_text("Asked for no longer; what was said is kept").click()
    expect(changes.locator("details[open] li").last).to_be_visible()
    assert Process.objects.get(project=project).level == "standard"

    changes.get_by_label("Why").fill("One team, one use, nobody's data.")
    changes.get_by_role("button", name="Move to Lean").click()

    expect(page.locator("h1")).to_have_text(
        "Project RECO runs at the level Lean: 20 required checks and 8 votes over 8 gates."
    )
    assert Process.objects.get(project=project).level == "lean"
    seen = visit(owner).open("/projects/RECO/process/").page
    expect(seen.locator("#moves")).to_contain_text("One team, one use, nobody's data.")
    expect(seen.get_by_role("link", name="See what Standard changes")).to_have_count(0)


def test_nothing_scrolls_sideways_on_a_phone(project: Project, holder: Any, visit: Visit) -> None:
    page = (
        visit(holder(project, "risk_officer"), viewport={"width": 360, "height": 800})
        .open("/projects/RECO/process/?level=regulated")
        .page
    )

    assert page.evaluate("document.documentElement.scrollWidth") <= 360
