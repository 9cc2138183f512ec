"""A change of a template in words, for pages and for those who read the API's answer."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.texts import listed, localised
from lifecycle.models.format import Document
from lifecycle.selectors.templates.differences import Change, Field

Word = str | Promise
SENTENCES: dict[str, Word] = {
    "template_changed": _("The template changes: %(fields)s"),
    "level_changed": _("The level “%(text)s” changes: %(fields)s"),
    "decision_changed": _("The decision “%(text)s” changes: %(fields)s"),
    "rule_changed": _("A rule of separation changes: %(fields)s"),
    "stage_added": _("The stage “%(text)s” is new"),
    "stage_removed": _("The stage “%(text)s” is gone"),
    "stage_moved": _("The stage “%(text)s” moves from place %(before)s to %(after)s"),
    "stage_changed": _("The stage “%(text)s” changes: %(fields)s"),
    "gate_changed": _("The gate of “%(text)s” changes: %(fields)s"),
    "gate_changed_at_level": _("Who decides the gate of “%(text)s” at %(level)s changes: %(fields)s"),
    "check_added": _("New in “%(stage)s”: %(text)s"),
    "check_removed": _("Gone from “%(stage)s”: %(text)s"),
    "check_moved": _("Moves from “%(before)s” to “%(after)s”: %(text)s"),
    "check_reordered": _("Has another place in “%(stage)s”: %(text)s"),
    "check_changed": _("Changes (%(fields)s): %(text)s"),
}
FIELDS: dict[str, Word] = {
    "name": pgettext_lazy("property of a template", "name"),
    "description": _("description"),
    "seed_section": _("section"),
    "not_for_tags": _("tags it is not for"),
    "order": _("place"),
    "default": _("default"),
    "help": _("help"),
    "purpose": _("purpose"),
    "deliverables": _("deliverables"),
    "duration_days": _("duration"),
    "recurring": _("recurring"),
    "cycle_days": _("days between two runs"),
    "cycle_from": _("cycle counts from"),
    "raci": _("who does the work"),
    "question": _("question"),
    "decision_names": _("names of decisions"),
    "return_to": _("where a recycle returns to"),
    "quorum": _("votes needed"),
    "deciders": _("deciders"),
    "must_include": _("must be in favour"),
    "separation": _("separation of duties"),
    "key": _("key"),
    "kind": _("kind"),
    "text": _("text"),
    "guidance": _("guidance"),
    "refs": _("references"),
    "required": pgettext_lazy("property of a check", "required"),
    "required_when": _("required with the tags"),
    "from": _("from level"),
    "depends_on": _("depends on"),
    "on_recycle": _("after a loop back"),
    "material": _("material"),
    "source_state": _("source of the limit"),
    "metric": _("metric and limit"),
    "criterion": _("risk criterion"),
    "assessment": _("questionnaire"),
    "role": _("who signs"),
}
LEVEL_NAMES: dict[str, Word] = {"lean": _("Lean"), "standard": _("Standard"), "regulated": _("Regulated")}


def said(change: Change, names: Mapping[str, Any]) -> str:
    """A change in one sentence; `names` are those of stages by key."""
    what = "gate_changed_at_level" if change.level else change.what
    before, after = _ends(change, names)
    return str(SENTENCES[what]) % {
        "text": localised(change.text),
        "stage": localised(names.get(change.stage, change.stage)),
        "level": LEVEL_NAMES.get(change.level, change.level),
        "fields": listed(str(FIELDS.get(field.name, field.name)) for field in change.fields),
        "before": before,
        "after": after,
    }


def _ends(change: Change, names: Mapping[str, Any]) -> tuple[Any, Any]:
    if change.what not in {"stage_moved", "check_moved"}:
        return "", ""
    field = change.fields[0]
    if not change.check:
        return field.before, field.after
    return localised(names.get(field.before, field.before)), localised(names.get(field.after, field.after))


def names_in(*documents: Document | None) -> dict[str, Any]:
    """Names of stages by key, of the last document that has them."""
    return {stage["key"]: stage["name"] for document in documents if document for stage in document["stages"]}


def labelled(field: Field) -> tuple[str, str, str]:
    """A changed value as a row: what it is called, what stood there, what stands there now."""
    return str(FIELDS.get(field.name, field.name)), shown(field.before), shown(field.after)


def shown(value: Any) -> str:
    """A value of a document in a few words."""
    if value is None or value in ([], {}):
        return "–"
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, list):
        return listed(shown(entry) for entry in value)
    if isinstance(value, dict):
        return _words_of(value)
    return str(value)


def _words_of(value: Mapping[str, Any]) -> str:
    if set(value) <= {"en", "zh"}:
        return " · ".join(value[language] for language in ("en", "zh") if language in value)
    if "threshold" in value:
        return limit_words(value)
    return ", ".join(f"{FIELDS.get(name, name)} {shown(entry)}" for name, entry in value.items())


def limit_words(metric: Mapping[str, Any]) -> str:
    """As “task_quality ≥ 80, women, n ≥ 100”."""
    sign = {">=": "≥", "<=": "≤"}[metric["operator"]]
    parts = [f"{metric['key']} {sign} {metric['threshold']}"]
    if "slice" in metric:
        parts.append(str(metric["slice"]))
    if "min_sample" in metric:
        parts.append(f"n ≥ {metric['min_sample']}")
    if "baseline" in metric:
        parts.append(str(_("against the baseline")))
    return ", ".join(parts)
