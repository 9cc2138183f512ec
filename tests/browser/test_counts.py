"""The numbers around a row follow what is done on it; nobody loads the page again to learn how much is left."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from common import clock
from lifecycle.models import Check
from projects.models import Project
from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def late(project: Project, owner: User, time: clock.Frozen) -> list[Check]:
    """The manual checks of the first stage, all the owner's and all late."""
    rows = Check.objects.filter(stage__process__project=project, stage__state="active", kind="manual")
    rows.update(assignee=owner, due_on=timezone.localdate() - timedelta(days=9000))
    return list(rows)


def number(page: Page, region: str) -> int:
    return int(re.search(r"\d+", page.locator(f'[data-live="{region}"]').inner_text()).group())  # type: ignore[union-attr]


def test_my_work_counts_again_after_a_tick_and_its_undo(late: list[Check], owner: User, visit: Visit) -> None:
    page = visit(owner).open("/").page
    owed, group = number(page, "place-/"), number(page, "count-late")
    sentence, row = page.locator("h1").inner_text(), page.locator(f"#check-{late[0].pk}")

    row.get_by_role("button", name="Done", exact=True).click()

    expect(page.locator('[data-live="count-late"]')).to_have_text(str(group - 1))
    expect(page.locator('[data-live="place-/"]')).to_contain_text(str(owed - 1))
    expect(page.locator("h1")).not_to_have_text(sentence)
    row.get_by_role("button", name="Undo").click()
    expect(page.locator('[data-live="count-late"]')).to_have_text(str(group))
    expect(page.locator('[data-live="place-/"]')).to_contain_text(str(owed))
    expect(page.locator("h1")).to_have_text(sentence)


def test_a_group_that_is_done_counts_none(late: list[Check], owner: User, visit: Visit) -> None:
    Check.objects.filter(pk__in=[check.pk for check in late[1:]]).update(assignee=None, due_on=None)
    page = visit(owner).open("/").page
    assert number(page, "count-late") == 1

    page.locator(f"#check-{late[0].pk}").get_by_role("button", name="Done", exact=True).click()

    expect(page.locator('[data-live="count-late"]')).to_have_text("0")


def test_a_stage_counts_again_beside_every_heading(late: list[Check], owner: User, visit: Visit) -> None:
    at = visit(owner).stage("initiation")
    opened, owed = number(at.page, "count-open"), number(at.page, "place-/")
    met = at.page.locator(".eg-facts").inner_text()

    at.press(late[0].key, "Done")

    expect(at.page.locator('[data-live="count-open"]')).to_have_text(str(opened - 1))
    expect(at.page.locator('[data-live="place-/"]')).to_contain_text(str(owed - 1))
    expect(at.page.locator(".eg-facts")).not_to_have_text(met)


def test_what_a_page_does_not_count_is_not_asked_for(owner: User, visit: Visit, time: clock.Frozen) -> None:
    page = visit(owner).open("/inbox/").page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.get_by_role("link", name="Projects", exact=True).first.click()

    expect(page).to_have_url(re.compile("/projects/$"))
    assert not [url for url in asked if url.endswith("/inbox/")]
