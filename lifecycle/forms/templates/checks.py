"""The form of a check in a draft: what all kinds say, then what its kind asks."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common import content
from common.forms import LineField, TextField
from common.text_rules import line_flaw
from common.texts import localised
from lifecycle.forms.templates.pieces import (
    WRONG_KEY,
    Choices,
    PieceForm,
    key_flaw,
    key_of,
    named,
    roles,
    said,
    seen_by,
    several,
    tags,
    words,
)
from lifecycle.forms.templates.whole import KEY
from lifecycle.models.definition import ANY, KINDS, LEVELS
from lifecycle.models.format import Document
from lifecycle.models.format.rules import OPERATORS
from lifecycle.selectors.templates import LEVEL_NAMES
from lifecycle.services.templates import edits
from records.models import PARTS

KIND_NAMES = {
    "manual": _("Ticked by a person"),
    "evidence": _("Met by proof"),
    "metric": _("A metric within a limit"),
    "risk": _("No open risk above a level"),
    "assessment": _("An approved assessment"),
    "approval": _("Signed by a role"),
}
PART_NAMES = {"model": _("model"), "dataset": _("training data"), "prompt": _("prompt"), "code": _("code")}
ON_RECYCLE = {
    "keep": _("keep: it stands as it is"),
    "reverify": _("reverify: somebody looks again"),
    "redo": _("redo: only what comes after the loop counts"),
}
SOURCES = {
    "default": _("our own figure"),
    "unconfirmed": _("legal, not yet compared with the text"),
    "confirmed": _("compared with the legal text"),
}
RISK_LEVELS = {"low": _("low"), "medium": _("medium"), "high": _("high"), "critical": _("critical")}
CHANGES = {"absolute": _("by this much (absolute)"), "relative": _("by this many percent (relative)")}


class CheckForm(PieceForm):
    """A check of one kind. `better` says of each metric which direction is better."""

    def __init__(
        self, *args: Any, document: Document, kind: str, metrics: Mapping[str, str], key: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.check, self.metrics = kind, key, metrics
        self.taken = [item["key"] for stage in document["stages"] for item in stage["items"]]
        self.fields |= words("text", _("Text"), needed=True) | words("guidance", _("Guidance"), long=True)
        if not key:
            self.fields["key"] = forms.RegexField(
                KEY,
                label=_("Key"),
                max_length=60,
                required=False,
                help_text=_("Left empty, it is made of the English text."),
                error_messages={"invalid": WRONG_KEY},
            )
        self.fields |= FIELDS[kind](metrics)
        self.fields |= self._common()

    def _common(self) -> dict[str, forms.Field]:
        made: dict[str, forms.Field] = {
            "required": forms.BooleanField(label=_("Required, from its level on"), required=False),
            "from_level": forms.ChoiceField(
                label=_("Applies from"), choices=[(level, LEVEL_NAMES[level]) for level in LEVELS], initial="standard"
            ),
            "required_when": several(_("Required at every level for projects with"), tags()),
            "depends_on": several(_("Stale once this moves"), [(part, str(PART_NAMES[part])) for part in PARTS]),
            "on_recycle": forms.ChoiceField(
                label=_("After a loop back"), choices=list(ON_RECYCLE.items()), initial="reverify"
            ),
            "material": forms.BooleanField(
                label=_("Material: a change after the decision asks for a new review"), required=False
            ),
            "source_state": forms.ChoiceField(
                label=_("Where its number comes from"), choices=list(SOURCES.items()), initial="default"
            ),
            "refs": TextField(
                label=_("References"),
                required=False,
                max_length=13_000,
                widget=forms.Textarea(attrs={"rows": 3}),
                help_text=_("One a line, as in eu_ai_act#Art. 15"),
            ),
        }
        if self.kind == "risk":
            del made["depends_on"]
        if self.kind == "approval":
            del made["on_recycle"]
        if self.kind != "metric":
            made["source_state"] = forms.ChoiceField(
                label=_("Where its number comes from"),
                choices=[("", _("it has none")), *SOURCES.items()],
                required=False,
            )
        return made

    @staticmethod
    def initial_of(item: Document) -> dict[str, Any]:
        criterion = item.get("metric") or item.get("criterion") or {}
        return seen_by(
            {
                **said("text", item["text"]),
                **said("guidance", item.get("guidance")),
                "required": item["required"],
                "from_level": item["from"],
                "required_when": item.get("required_when", []),
                "depends_on": item["depends_on"],
                "on_recycle": item["on_recycle"],
                "material": item["material"],
                "source_state": item.get("source_state", ""),
                "refs": "\n".join(item.get("refs", [])),
                "metric": criterion.get("key", ""),
                "threshold": criterion.get("threshold"),
                "slice": criterion.get("slice", ""),
                "min_sample": criterion.get("min_sample"),
                "baseline": criterion.get("baseline", {}).get("change", ""),
                "any_category": criterion.get("categories") == ANY,
                "categories": [] if criterion.get("categories", ANY) == ANY else criterion["categories"],
                "level": criterion.get("level", "high"),
                "rescored_within_days": criterion.get("rescored_within_days"),
                "assessment": item.get("assessment", ""),
                "role": item.get("role", ""),
            }
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        refs = data.get("refs", "").splitlines()
        if len(refs) > 40 or any(line_flaw(line) or len(line) > 300 for line in refs):
            self.add_error("refs", str(_("At most 40 lines of 300 characters.")))
        if self.kind == "risk" and not data.get("any_category") and not data.get("categories"):
            self.add_error("categories", str(_("Choose a category, or all of them.")))
        if self.kind == "metric" and not math.isfinite(data.get("threshold") or 0):
            self.add_error("threshold", str(_("A limit is a finite number.")))
        if not self.errors:
            key_flaw(self, self.key)
        return data

    @property
    def key(self) -> str:
        return self.check or key_of(self.cleaned_data["key"], self.text("text"), self.taken, longest=60)

    def item(self) -> Document:
        """The check as the document has it; the schema brings its fields into their order."""
        data = self.cleaned_data
        optional = {
            "guidance": self.text("guidance"),
            "required_when": data["required_when"],
            "source_state": data["source_state"],
            "refs": [line.strip() for line in data["refs"].splitlines() if line.strip()],
        }
        return {
            "key": self.key,
            "kind": self.kind,
            "text": self.text("text"),
            "required": data["required"],
            "from": data["from_level"],
            "depends_on": data.get("depends_on", []),
            "on_recycle": data.get("on_recycle", "redo"),
            "material": data["material"],
            **{name: value for name, value in optional.items() if value},
            **CRITERIA[self.kind](data, self.metrics),
        }

    def edit(self, stage: str = "") -> edits.Edit:
        """For a new check in `stage`, for one that is there without."""
        return edits.add_check(stage, self.item()) if stage else edits.change_check(self.check, self.item())


Fields = dict[str, forms.Field]
Better = Mapping[str, str]


def _metric_fields(better: Better) -> Fields:
    return {
        "metric": forms.ChoiceField(label=_("Metric"), choices=[("", "—"), *_metric_choices(better)]),
        "threshold": forms.FloatField(label=_("Limit"), min_value=-1e15, max_value=1e15),
        "slice": LineField(
            label=_("Slice"), required=False, max_length=120, help_text=_("As in women; empty for the whole test set.")
        ),
        "min_sample": forms.IntegerField(label=_("Smallest sample"), required=False, min_value=1, max_value=10**12),
        "baseline": forms.ChoiceField(
            label=_("Compared with the baseline model"), choices=[("", _("no, the value itself")), *CHANGES.items()],
            required=False,
        ),
    }  # fmt: skip


def _metric_choices(better: Better) -> Choices:
    """Name and sign of the limit, as “Hallucination rate ≤”; the sign follows the metric's better direction."""
    known = content.metrics()
    signs = {"higher": "≥", "lower": "≤"}
    return [
        (key, f"{localised(known[key]['name']) if key in known else key} {signs[way]}") for key, way in better.items()
    ]


def _metric(data: Mapping[str, Any], better: Better) -> Document:
    way, threshold = better[data["metric"]], data["threshold"]
    rule: Document = {
        "key": data["metric"],
        "operator": OPERATORS[way],
        "threshold": int(threshold) if threshold.is_integer() else threshold,
        "direction": way,
    }
    optional = {"slice": data["slice"], "min_sample": data["min_sample"]}
    rule |= {name: value for name, value in optional.items() if value}
    if data["baseline"]:
        rule["baseline"] = {"change": data["baseline"]}
    return {"metric": rule}


def _risk_fields(_better: Better) -> Fields:
    categories = {row["key"]: row for row in content.document("risk-library")["categories"]}
    return {
        "any_category": forms.BooleanField(label=_("Of all categories"), required=False),
        "categories": several(_("or only of"), named(categories)),
        "level": forms.ChoiceField(
            label=_("Unaccepted at or above"), choices=list(RISK_LEVELS.items()), initial="high"
        ),
        "rescored_within_days": forms.IntegerField(
            label=_("Scored anew within days"), required=False, min_value=1, max_value=3650
        ),
    }


def _risk(data: Mapping[str, Any], _better: Better) -> Document:
    criterion: Document = {"categories": ANY if data["any_category"] else data["categories"], "level": data["level"]}
    if data["rescored_within_days"]:
        criterion["rescored_within_days"] = data["rescored_within_days"]
    return {"criterion": criterion}


def _assessment_fields(_better: Better) -> Fields:
    asked = {key: one for key, one in content.questionnaires().items() if one["scope"] == "project"}
    return {"assessment": forms.ChoiceField(label=_("Questionnaire"), choices=named(asked))}


def _approval_fields(_better: Better) -> Fields:
    return {"role": forms.ChoiceField(label=_("Signed by"), choices=roles())}


def _no_fields(_better: Better) -> Fields:
    return {}


FIELDS: dict[str, Callable[[Better], Fields]] = {
    **dict.fromkeys(KINDS, _no_fields),
    "metric": _metric_fields,
    "risk": _risk_fields,
    "assessment": _assessment_fields,
    "approval": _approval_fields,
}
CRITERIA: dict[str, Callable[[Mapping[str, Any], Better], Document]] = {
    "manual": lambda _data, _better: {},
    "evidence": lambda _data, _better: {},
    "metric": _metric,
    "risk": _risk,
    "assessment": lambda data, _better: {"assessment": data["assessment"]},
    "approval": lambda data, _better: {"role": data["role"]},
}
