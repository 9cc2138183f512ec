"""Icons, dates, durations and figures as the pages write them."""

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.template import Context, Template
from django.utils import translation

from common.templatetags import eightgate

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 7, 6)


def drawn(source: str, **context: Any) -> str:
    return Template("{% load eightgate %}" + source).render(Context(context))


def sprite() -> set[str]:
    names = set(json.loads((ROOT / "frontend" / "icons.json").read_text()))
    signs = re.findall(r'<symbol id="i-([a-z_-]+)"', (ROOT / "frontend" / "signs.svg").read_text())
    return names | set(signs)


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    pages = "\n".join(page.read_text() for page in (ROOT / "templates").rglob("*.html"))

    missing = set(re.findall(r'{% icon "([^"]+)"', pages)) - sprite()

    assert missing == set()


def test_every_state_has_an_icon_of_the_sprite() -> None:
    icons = {icon for _tone, icon in eightgate.CHECK_STATES.values()} | set(eightgate.LEVEL_ICONS.values())

    assert icons <= sprite()


def test_icon_is_decoration_unless_it_has_a_label() -> None:
    assert 'aria-hidden="true"' in drawn('{% icon "search" %}')
    assert 'role="img" aria-label="Private &amp; safe"' in drawn(
        '{% icon "lock" label=words %}', words="Private & safe"
    )


def test_sign_of_an_unknown_verdict_is_that_of_a_hold() -> None:
    assert "#g-none" in drawn('{% sign "archived" %}')
    assert "#g-waiting" in drawn('{% sign "waiting" %}')


@pytest.mark.parametrize(
    ("language", "value", "said"),
    [
        ("en", date(2026, 7, 6), "6 Jul"),
        ("en", date(2027, 1, 31), "31 Jan 2027"),
        ("en", datetime(2026, 5, 7, 9, 12, tzinfo=UTC), "7 May"),
        ("en", None, ""),
    ],
)
def test_day_names_its_year_only_when_it_is_another(language: str, value: date | None, said: str) -> None:
    with translation.override(language):
        assert drawn("{{ value|day:today }}", value=value, today=TODAY) == said


@pytest.mark.parametrize(
    ("due", "said"),
    [
        (date(2026, 6, 28), "8 days late"),
        (date(2026, 7, 5), "1 day late"),
        (date(2026, 7, 6), "today"),
        (date(2026, 7, 24), "in 18 days"),
    ],
)
def test_due_date_is_told_as_the_days_to_or_past_it(due: date, said: str) -> None:
    with translation.override("en"):
        assert eightgate.due_in(due, TODAY) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(Decimal("9.40"), "9.4"), (1510, "1,510"), (0, "0"), (Decimal("1E+3"), "1,000"), (0.05, "0.05"), (None, "–")],
)
def test_figure_has_thousands_apart_and_no_zeros_at_its_end(value: Any, said: str) -> None:
    assert eightgate.figure(value) == said


def test_figure_keeps_the_places_asked_for() -> None:
    assert eightgate.figure(Decimal("2.5"), 2) == "2.50"


@pytest.mark.parametrize(
    ("name", "letters"), [("Risk officer", "RO"), ("admin", "AD"), ("pm-reco", "PR"), ("王小明", "明"), ("", "")]
)
def test_initials_of_a_name(name: str, letters: str) -> None:
    assert eightgate.initials(name) == letters


def test_text_in_the_other_language_is_marked() -> None:
    with translation.override("en"):
        assert drawn("{% text_of text %}", text={"zh": "数据"}) == '<span lang="zh-Hans">数据</span>'
        assert drawn("{% text_of text %}", text={"en": "Data <b>", "zh": "数据"}) == "Data &lt;b&gt;"
