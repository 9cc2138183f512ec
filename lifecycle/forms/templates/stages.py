"""Forms about a stage of a draft, its gate, and who decides it."""

from itertools import zip_longest
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.text_rules import line_flaw
from common.texts import localised
from lifecycle.forms.templates.pieces import (
    LANGUAGES,
    WRONG_KEY,
    PieceForm,
    key_flaw,
    key_of,
    roles,
    said,
    seen_by,
    several,
    stages_of,
    words,
)
from lifecycle.forms.templates.whole import KEY
from lifecycle.models.definition import ANY
from lifecycle.models.format import Document
from lifecycle.models.format.rules import ALWAYS_SEPARATE, DECISIONS
from lifecycle.services.templates import edits

FROM = [("decision", _("the decision")), ("due", _("the day it was due"))]
PARTS = {
    "responsible": _("Does the work"),
    "consulted": _("Is asked"),
    "informed": _("Is told"),
}


class StageForm(PieceForm):
    def __init__(self, *args: Any, document: Document, key: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.taken, self.stage = [stage["key"] for stage in document["stages"]], key
        self.was: Document = next((stage for stage in document["stages"] if stage["key"] == key), {})
        self.fields |= words("name", _("Name"), needed=True)
        if not key:
            self.fields["key"] = forms.RegexField(
                KEY,
                label=_("Key"),
                max_length=40,
                required=False,
                help_text=_("Left empty, it is made of the English name."),
                error_messages={"invalid": WRONG_KEY},
            )
        self.fields |= words("purpose", _("Purpose"), long=True, rows=2)
        self.fields["duration_days"] = forms.IntegerField(label=_("Working days"), min_value=1, max_value=3650)
        self.fields["accountable"] = forms.ChoiceField(label=_("Answers for it"), choices=roles())
        for part, label in PARTS.items():
            self.fields[part] = several(label, roles(), required=part == "responsible")
        self.fields |= self._deliverables()
        self.fields["recurring"] = forms.BooleanField(
            label=_("Recurs: go starts its next run"), required=False, help_text=_("Only the last stage may.")
        )
        self.fields["cycle_days"] = forms.IntegerField(
            label=_("Days between two runs"), required=False, min_value=1, max_value=3650
        )
        self.fields["cycle_from"] = forms.ChoiceField(label=_("Counted from"), choices=FROM, required=False)

    @staticmethod
    def _deliverables() -> dict[str, forms.Field]:
        made = words("deliverables", _("Deliverables"), long=True, rows=4)
        for field in made.values():
            field.help_text = _("One a line; the same line in both languages is the same thing.")
        return made

    @staticmethod
    def initial_of(stage: Document) -> dict[str, Any]:
        raci, recurring = stage["raci"], bool(stage.get("recurring") or stage["gate"].get("recurring"))
        things = stage.get("deliverables", [])
        return seen_by(
            {
                **said("name", stage["name"]),
                **said("purpose", stage.get("purpose")),
                "duration_days": stage["duration_days"],
                "accountable": raci["accountable"],
                **{part: raci.get(part, []) for part in PARTS},
                **{f"deliverables_{one}": "\n".join(text.get(one, "") for text in things) for one in LANGUAGES},
                "recurring": recurring,
                "cycle_days": stage.get("cycle_days"),
                "cycle_from": stage.get("cycle_from", "decision"),
            }
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("recurring") and not data.get("cycle_days"):
            self.add_error("cycle_days", str(_("A recurring stage says how many days lie between two runs.")))
        if not self.errors:
            key_flaw(self, self.key)
        for language in LANGUAGES:
            lines = data.get(f"deliverables_{language}", "").splitlines()
            if any(line_flaw(line) or len(line) > 500 for line in lines):
                self.add_error(f"deliverables_{language}", str(_("At most 500 characters a line.")))
        return data

    def _things(self) -> list[dict[str, str]]:
        lines = [[line.strip() for line in self.cleaned_data[f"deliverables_{one}"].splitlines()] for one in LANGUAGES]
        rows = (dict(zip(LANGUAGES, row, strict=True)) for row in zip_longest(*lines, fillvalue=""))
        return [{one: text for one, text in row.items() if text} for row in rows if any(row.values())]

    def _fields(self) -> dict[str, Any]:
        data = self.cleaned_data
        raci = {"responsible": data["responsible"], "accountable": data["accountable"]}
        there = self.was.get("raci", {})
        raci |= {part: data[part] for part in ("consulted", "informed") if data[part] or part in there}
        counted = data["cycle_from"] if data["cycle_from"] == "due" or "cycle_from" in self.was else None
        cycle = {"cycle_days": data["cycle_days"], "cycle_from": counted}
        recurring = data["recurring"] or None
        return {
            "name": self.text("name"),
            "purpose": self.text("purpose"),
            "deliverables": self._things() or None,
            "duration_days": data["duration_days"],
            "raci": raci,
            "recurring": recurring,
            **(cycle if recurring else dict.fromkeys(cycle)),
        }

    @property
    def key(self) -> str:
        """That of the stage, or the new one's; "" where none can be made."""
        return self.stage or key_of(self.cleaned_data["key"], self.text("name"), self.taken, longest=40)

    def edit(self) -> edits.Edit:
        fields = self._fields()
        if not self.stage:
            return edits.add_stage(self.key, self.text("name") or {}, fields)
        # A gate that says so too follows its stage.
        return edits.both(
            edits.change_stage(self.stage, fields),
            edits.change_gate_if_said(self.stage, "recurring", fields["recurring"]),
        )


class GateForm(PieceForm):
    """What a gate asks, where it sends people back to, and what its decisions are called."""

    def __init__(self, *args: Any, document: Document, key: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stage = key
        order = next(stage["order"] for stage in document["stages"] if stage["key"] == key)
        so_far = [(one, name) for (one, name), stage in zip(stages_of(document), document["stages"], strict=True)
                  if stage["order"] <= order]  # fmt: skip
        self.fields |= words("name", _("Name"), needed=True) | words("question", _("Question"), needed=True)
        self.fields["return_to"] = several(_("A recycle returns to"), so_far)
        self.fields["return_to"].help_text = _("Nothing ticked: to this stage or any before it.")
        called = {row["key"]: localised(row["name"]) for row in document["decisions"]}
        for decision in DECISIONS:
            label = _("“%(decision)s” is called here") % {"decision": called.get(decision, decision)}
            self.fields |= words(f"called_{decision}", label)

    @staticmethod
    def initial_of(stage: Document) -> dict[str, Any]:
        gate = stage["gate"]
        called: dict[str, str] = {}
        for decision in DECISIONS:
            called |= said(f"called_{decision}", gate.get("decision_names", {}).get(decision))
        return seen_by(
            {
                **said("name", gate["name"]),
                **said("question", gate["question"]),
                "return_to": gate.get("return_to", []),
                **called,
            }
        )

    def edit(self) -> edits.Edit:
        called = {decision: text for decision in DECISIONS if (text := self.text(f"called_{decision}"))}
        fields = {
            "name": self.text("name"),
            "question": self.text("question"),
            "return_to": self.cleaned_data["return_to"] or None,
            "decision_names": called or None,
        }
        return edits.change_gate(self.stage, fields)


class RulesForm(PieceForm):
    """Who decides a gate at one level."""

    quorum = forms.IntegerField(label=_("Votes needed"), min_value=1, max_value=20)
    anybody = forms.BooleanField(label=_("Anybody who may decide in the project"), required=False)

    def __init__(self, *args: Any, document: Document, key: str, level: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stage, self.level = key, level
        self.fields["deciders"] = several(_("or the holders of"), roles())
        self.fields["must_include"] = several(_("Must be in favour"), roles())
        kept = [
            (rule["key"], localised(rule["name"]))
            for rule in document["separation_rules"]
            if rule["key"] not in ALWAYS_SEPARATE
        ]
        self.fields["separation"] = several(_("Kept apart"), kept)

    @staticmethod
    def initial_of(rules: Document) -> dict[str, Any]:
        anybody = rules["deciders"] == ANY
        return seen_by(
            {
                "quorum": rules["quorum"],
                "anybody": anybody,
                "deciders": [] if anybody else rules["deciders"],
                "must_include": rules["must_include"],
                "separation": [key for key in rules["separation"] if key not in ALWAYS_SEPARATE],
            }
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        must, deciders = data.get("must_include", []), data.get("deciders", [])
        if not data.get("anybody") and not deciders:
            self.add_error("deciders", str(_("Say who decides.")))
        if data.get("anybody") and must:
            self.add_error("must_include", str(_("Where anybody may decide, no role can be asked for.")))
        elif not set(must) <= set(deciders) and not data.get("anybody"):
            self.add_error("must_include", str(_("Only those who decide can be asked for.")))
        return data

    def edit(self) -> edits.Edit:
        data = self.cleaned_data
        rules = {
            "quorum": data["quorum"],
            "deciders": ANY if data["anybody"] else data["deciders"],
            "must_include": data["must_include"],
            "separation": [*ALWAYS_SEPARATE, *data["separation"]],
        }
        return edits.change_rules(self.stage, self.level, rules)
