"""Texts that content carries in several languages, `{"en": …, "zh": …}`."""

from collections.abc import Callable, Iterable, Mapping

from django.utils.translation import get_language, gettext_lazy, override, pgettext

LANGUAGES = ("en", "zh")
# The title of a confidential link to which nobody gave one: rows, journal and packs keep it as it stands here.
CONFIDENTIAL_LINK = "Confidential link"
STORED = {CONFIDENTIAL_LINK: gettext_lazy("Confidential link")}


def language() -> str:
    """The content language of the reader: `zh` for any Chinese, else `en`."""
    return "zh" if (get_language() or "en").lower().startswith("zh") else "en"


def in_each(say: Callable[[], object]) -> dict[str, str]:
    """What `say` says, in every language: `{"en": …, "zh": …}`."""
    found = {}
    for key, code in zip(LANGUAGES, ("en", "zh-hans"), strict=True):
        with override(code):
            found[key] = str(say())
    return found


def localised(text: Mapping[str, str] | str | None) -> str:
    """`text` in the reader's language; the other language where that one is missing; empty for nothing."""
    if not text:
        return ""
    if isinstance(text, str):
        return text
    return text.get(language()) or next((text[key] for key in LANGUAGES if text.get(key)), "")


def is_fallback(text: Mapping[str, str] | str | None) -> bool:
    """Whether `localised` has to show the other language, so that the page can mark it."""
    return isinstance(text, Mapping) and bool(text) and not text.get(language())


def as_read(words: str) -> str:
    """Words that are stored as they are; those that we put there ourselves in the reader's language."""
    return str(STORED.get(words, words))


def listed(words: Iterable[str]) -> str:
    """Words one after another, with the reader's own comma."""
    return pgettext("between the items of a list", ", ").join(str(word) for word in words)
