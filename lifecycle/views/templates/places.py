"""Where in the editor a place of a document is mended, by its JSON pointer."""

import re
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from common.errors import FieldError
from common.texts import localised
from lifecycle.models.format import Document

STAGE = re.compile(
    r"/stages/(?P<stage>[0-9]+)(?:/items/(?P<item>[0-9]+)|/gate/levels/(?P<level>[a-z]+)|(?P<gate>/gate))?"
)
WORDS = re.compile(r"/(levels|decisions|separation_rules)\b")


def problems(key: str, document: Document, errors: list[FieldError]) -> list[dict[str, Any]]:
    """What keeps a draft from being published: where, why, and the page that mends it."""
    return [{"detail": str(error.detail), **_place(key, document, error.pointer)} for error in errors]


def _place(key: str, document: Document, pointer: str) -> dict[str, str]:
    if match := STAGE.match(pointer):
        return _in_stage(key, document, match)
    if WORDS.match(pointer):
        return {"where": _("Levels, decisions, rules"), "url": reverse("draft-words", args=[key])}
    return {"where": _("The template"), "url": reverse("template-draft", args=[key]) + "#data"}


def _in_stage(key: str, document: Document, match: re.Match[str]) -> dict[str, str]:
    stage = document["stages"][int(match["stage"])]
    url, name = reverse("draft-stage", args=[key, stage["key"]]), localised(stage["name"])
    if match["item"]:
        item = stage["items"][int(match["item"])]
        return {"where": localised(item["text"]), "url": reverse("draft-check", args=[key, item["key"]])}
    if match["level"]:
        return {"where": _("Gate of “%(stage)s”") % {"stage": name}, "url": f"{url}#gate-{match['level']}"}
    if match["gate"]:
        return {"where": _("Gate of “%(stage)s”") % {"stage": name}, "url": f"{url}#gate"}
    return {"where": _("Stage “%(stage)s”") % {"stage": name}, "url": f"{url}#data"}
