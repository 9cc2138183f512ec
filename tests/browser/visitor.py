"""A person at the browser: what they do, in the words of the product."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from accounts.models import User

PASSWORD = "walk in through the front door"

PASTED = """(field, url) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", url);
    field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody signed in, on a page of their own; `key` is the project they work on."""

    page: Page
    user: User
    key: str

    # --- where one goes

    def open(self, path: str) -> "Visitor":
        """Go there; whose session ended in the meantime signs in again and lands there."""
        self.page.goto(path)
        if "/accounts/login/" in self.page.url:
            enter(self.page, self.user)
            self.page.wait_for_url(f"**{path}")
        return self

    def gate(self, stage: str) -> "Visitor":
        return self.open(f"/projects/{self.key}/gates/{stage}/")

    def stage(self, stage: str) -> "Visitor":
        return self.open(f"/projects/{self.key}/stages/{stage}/")

    # --- at the gate

    @property
    def panel(self) -> Locator:
        return self.page.locator("#vote")

    @property
    def headline(self) -> str:
        return " ".join(self.page.locator("h1").inner_text().split())

    def ask(self, label: str = "Ask for the gate") -> None:
        self.panel.get_by_role("button", name=label, exact=True).click()
        expect(self.panel).to_contain_text("votes are in")

    def choice(self, decision: str) -> Locator:
        return self.panel.locator(f"input[name=decision][value={decision}]")

    def choose(self, decision: str, why: str = "") -> Locator:
        """Choose a decision and say why; the button that would confirm it."""
        self.choice(decision).check()
        if why:
            self.panel.get_by_label("Why", exact=True).fill(why)
        return self.panel.locator("[data-choice-button]")

    def cast(self, decision: str, why: str = "I read it all.") -> None:
        """Vote; the page then shows the vote, or the decision when it was the last one missing."""
        button = self.choose(decision, why)
        with self.page.expect_navigation():
            button.click()

    # --- on a check's row

    def row(self, check: str) -> Locator:
        return self.page.locator(f"#check-{check}")

    def press(self, check: str, label: str) -> None:
        """Press a button of the row; the row comes back changed."""
        self._swap(check, lambda: self.row(check).get_by_role("button", name=label, exact=True).click())

    def paste(self, check: str, url: str) -> None:
        """Paste a link on the row, as one does from the clipboard."""
        field = self.row(check).locator("input[name=url]")
        field.focus()
        self._swap(check, lambda: field.evaluate(PASTED, url))

    def pick_file(self, check: str, file: Path) -> None:
        with self.page.expect_file_chooser() as chooser:
            self.row(check).get_by_role("button", name="Choose a file").click()
        self._swap(check, lambda: chooser.value.set_files(file))

    def _swap(self, check: str, act: Callable[[], object]) -> None:
        with self.page.expect_response(lambda answer: answer.request.method == "POST") as answered:
            act()
        assert answered.value.status == 200, self.row(check).inner_text()
        self.page.wait_for_load_state()


def enter(page: Page, user: User) -> None:
    """Fill in the sign-in form."""
    page.get_by_label("Name").fill(user.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def sign_in(page: Page, user: User, key: str = "RECO") -> Visitor:
    """Through the real form, to one's own work."""
    page.goto("/accounts/login/")
    enter(page, user)
    page.wait_for_url("**/")
    return Visitor(page, user, key)
