"""A running system changes: opened by who works on it, proved again on its page, confirmed by a gatekeeper."""

from typing import Any

import pytest
from playwright.sync_api import expect

from accounts.models import User
from lifecycle.models import Change
from tests.browser.conftest import Visit
from tests.fixtures.changes import InService

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("time")]


def test_a_new_prompt_is_proved_again_and_confirmed(
    nothing_is_material: None, in_service: InService, worker: User, meet_again: Any, holder: Any, visit: Visit
) -> None:
    project = in_service("standard")
    at = visit(worker).stage("maintenance")
    at.page.get_by_role("link", name="Open a change").click()
    at.page.get_by_label("What changes, and why").fill("Shorter answers")
    at.page.get_by_label("New prompt").fill("p2")
    at.page.get_by_role("button", name="Open the change").click()
    expect(at.page.locator("h1")).to_have_text(
        "Not settled. 2 of 2 checks are to be met again before this change is settled."
    )
    change = Change.objects.get()

    meet_again(change, by=worker, leave=("human_trial",))
    at.open(f"/changes/{change.pk}/")
    at.paste("human_trial", "https://docs.example.org/trial-2")
    at.open(f"/changes/{change.pk}/")
    assert at.headline == "Ready. All its checks are met again; a gatekeeper confirms it."

    gatekeeper = visit(holder(project, "sponsor")).open(f"/changes/{change.pk}/")
    gatekeeper.page.get_by_role("button", name="Confirm the change").click()

    expect(gatekeeper.page.locator("h1")).to_have_text("Confirmed. What changed is settled.")
    assert Change.objects.get().state == "confirmed"
