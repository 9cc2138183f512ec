import pytest
from django.utils import translation

from common.texts import is_fallback, localised

pytestmark = pytest.mark.core
BOTH = {"en": "Gate", "zh": "关口"}


@pytest.mark.parametrize(("language", "expected"), [("en", "Gate"), ("zh-hans", "关口"), ("zh-tw", "关口")])
def test_a_text_is_given_in_the_readers_language(language: str, expected: str) -> None:
    with translation.override(language):
        assert localised(BOTH) == expected


def test_a_missing_language_falls_back_and_says_so() -> None:
    with translation.override("zh-hans"):
        assert localised({"en": "Gate"}) == "Gate"
        assert is_fallback({"en": "Gate"})
        assert not is_fallback(BOTH)


@pytest.mark.parametrize("nothing", [None, {}, ""])
def test_nothing_is_empty(nothing: None) -> None:
    assert localised(nothing) == ""


def test_a_plain_text_is_itself() -> None:
    assert localised("Gate") == "Gate"
