"""People who sign in with a password, each at a browser of their own."""

from collections.abc import Callable, Iterator
from datetime import datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Page

from accounts.models import User
from common import clock
from tests.browser.visitor import PASSWORD, Visitor, sign_in

Visit = Callable[..., Visitor]


@pytest.fixture
def time(now: datetime) -> Iterator[clock.Frozen]:
    """The product's clock, server included; it moves when the test moves it."""
    with clock.frozen(now) as frozen:
        yield frozen


@pytest.fixture
def visit(new_page: Callable[..., Page]) -> Visit:
    """`visit(user, **options)`: this person signed in through the form; options are those of `new_page`."""

    def come(user: User, *, key: str = "RECO", **options: Any) -> Visitor:
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
        return sign_in(new_page(**options), user, key)

    return come


@pytest.fixture
def demo(transactional_db: None, settings: Any, time: clock.Frozen) -> None:
    """The demo as `make demo` shows it, on the running application."""
    settings.DEMO = True
    call_command("load_demo", stdout=StringIO())
