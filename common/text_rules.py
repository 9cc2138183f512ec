"""What text may hold, asked the same way by serializers and forms."""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SURROGATE = re.compile("[\ud800-\udfff]")
# C0 and C1 controls, line and paragraph separators, and the bidirectional overrides that make "gpj.exe" read "exe.jpg".
LINE_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
TEXT_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
HOST = re.compile(r"\[[0-9A-Fa-f:.]+\]|[^\s/@\\:?#\[\]]+")
INVISIBLE = frozenset("\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u2800\u3164\uffa0")


@dataclass(frozen=True, slots=True)
class Flaw:
    code: str
    detail: str | Promise


MESSAGES: dict[str, str | Promise] = {
    "null_character": _("Text may not hold a null character."),
    "invalid_unicode": _("The text holds half of a character (a lone surrogate)."),
    "control_character": _("The text may not hold line breaks or control characters."),
    "blank": _("This may not be empty."),
}


def encoding_flaw(text: str) -> Flaw | None:
    """What no text may hold, anywhere."""
    if "\x00" in text:
        return Flaw("null_character", MESSAGES["null_character"])
    if SURROGATE.search(text):
        return Flaw("invalid_unicode", MESSAGES["invalid_unicode"])
    return None


def is_blank(text: str) -> bool:
    """Whether nothing of `text` can be seen: spaces, zero-width and other format characters only."""
    return all(c.isspace() or c in INVISIBLE or unicodedata.category(c) in {"Cf", "Cc"} for c in text)


def line_flaw(text: str) -> Flaw | None:
    """What one line of text may not hold. Ends in mail headers, file names and table cells."""
    if flaw := encoding_flaw(text):
        return flaw
    if LINE_CONTROL.search(text):
        return Flaw("control_character", MESSAGES["control_character"])
    return None


def text_flaw(text: str) -> Flaw | None:
    """What text of several lines may not hold; tabs, line breaks and bidi marks are fine there."""
    if flaw := encoding_flaw(text):
        return flaw
    if TEXT_CONTROL.search(text):
        return Flaw("control_character", MESSAGES["control_character"])
    return None


def is_web_address(text: str) -> bool:
    """Whether `text` is an http or https address with a host and without user or password."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    host = parts.netloc.rsplit(":", 1)[0] if port is not None else parts.netloc
    return parts.scheme in {"http", "https"} and bool(HOST.fullmatch(host)) and " " not in text
