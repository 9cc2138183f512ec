"""Everything a person reads is in their language."""

import re
from pathlib import Path

import polib
import pytest

CATALOGUE = Path(__file__).parent.parent / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
ENTRIES = list(polib.pofile(str(CATALOGUE)))
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


def words(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def test_the_catalogue_holds_the_whole_product():
    assert len(ENTRIES) > 1500


def test_every_text_has_its_chinese():
    missing = [entry.msgid for entry in ENTRIES if entry.fuzzy or not all(words(entry))]

    assert not missing


def test_a_translation_fills_only_the_blanks_that_its_text_has():
    wrong = [
        entry.msgid
        for entry in ENTRIES
        for text in words(entry)
        if not set(PLACEHOLDER.findall(text)) <= set(PLACEHOLDER.findall(entry.msgid + entry.msgid_plural))
    ]

    assert not wrong


@pytest.mark.parametrize("mark", [",", ";", "!", "?", ":"])
def test_chinese_uses_full_width_marks_beside_its_characters(mark):
    beside = re.compile(rf"[\u4e00-\u9fff]\{mark}(?!\w)")
    wrong = [text for entry in ENTRIES for text in words(entry) if beside.search(text)]

    assert not wrong
