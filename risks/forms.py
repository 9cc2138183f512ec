"""The forms of the register and of the questionnaires; the same rules for text as at the API's door."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common import content
from common.forms import DayField, LineField, TextField
from common.texts import localised
from projects.models import Project
from risks import criteria
from risks.models import Category, Risk, RiskQuerySet, RiskState, TreatmentKind

SCALE = [(number, str(number)) for number in range(1, 6)]
TEXTS = ("cause", "event", "consequence")
FILTERED = {
    "project": "project__key",
    "category": "category",
    "owner": "owner__username__iexact",
    "likelihood": "current_likelihood",
    "impact": "current_impact",
}


def level_choices() -> list[tuple[str, Any]]:
    return [("critical", _("Critical")), ("high", _("High")), ("medium", _("Medium")), ("low", _("Low"))]


def library_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """The library's risks by category, for a choice of where to start."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for key, entry in content.library_risks().items():
        groups.setdefault(str(Category(entry["category"]).label), []).append((key, localised(entry["name"])))
    return list(groups.items())


def _score(label: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, choices=SCALE, coerce=int)


def _optional_score(label: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, choices=[("", "–"), *SCALE], coerce=int, required=False, empty_value=None
    )


def _place(label: Any) -> forms.IntegerField:
    """A column or row of the heat map."""
    return forms.IntegerField(label=label, required=False, min_value=1, max_value=5, widget=forms.HiddenInput)


class _Owned(forms.Form):
    """A form with an owner among the project's members."""

    owner = forms.ModelChoiceField(label=_("Owner"), queryset=User.objects.none(), required=False)

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = User.objects.active().filter(memberships__project=project).order_by("username")
        self.fields["owner"].queryset = members  # type: ignore[attr-defined] # a ModelChoiceField, declared above


class NewRiskForm(_Owned):
    library = forms.CharField(required=False, widget=forms.HiddenInput)
    title = LineField(label=_("Title"))
    category = forms.ChoiceField(label=_("Category"), choices=Category.choices)
    likelihood = _score(_("Likelihood"))
    impact = _score(_("Impact"))
    cause = TextField(label=_("Cause"), required=False, max_length=4000)
    event = TextField(label=_("Event"), required=False, max_length=4000)
    consequence = TextField(label=_("Consequence"), required=False, max_length=4000)

    field_order = ("title", "category", "likelihood", "impact", "owner", *TEXTS, "library")

    def given(self) -> dict[str, Any]:
        """The keyword arguments of `create_risk`.

        Words of the library that were left as they stood are kept in English, so that each reader sees their own.
        """
        values = dict(self.cleaned_data)
        entry = content.library_risks().get(values["library"])
        if entry:
            values["title"] = _original(values["title"], entry["name"])
            values |= {name: _original(values[name], entry[name]) for name in TEXTS}
        return values


def from_library(key: str) -> dict[str, Any]:
    """What the library's risk `key` puts into a new one; empty for others."""
    entry = content.library_risks().get(key)
    if entry is None:
        return {}
    texts = {name: localised(entry[name]) for name in TEXTS}
    scores = {name: entry[name] for name in ("likelihood", "impact", "category")}
    return {"library": key, "title": localised(entry["name"]), **texts, **scores}


def _original(text: str, entry: Mapping[str, str]) -> str:
    return entry["en"] if text in entry.values() else text


class RiskForm(_Owned):
    """A change of one risk; carries the version that was read."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    state = forms.ChoiceField(choices=RiskState.choices, widget=forms.HiddenInput)
    title = LineField(label=_("Title"))
    category = forms.ChoiceField(label=_("Category"), choices=Category.choices)
    current_likelihood = _score(_("Likelihood today"))
    current_impact = _score(_("Impact today"))
    residual_likelihood = _optional_score(_("Likelihood after treatment"))
    residual_impact = _optional_score(_("Impact after treatment"))
    treatment = forms.ChoiceField(label=_("Treatment"), choices=[("", "–"), *TreatmentKind.choices], required=False)
    treatment_plan = TextField(label=_("Plan"), required=False, max_length=4000)
    review_on = DayField(label=_("Look again on"), required=False)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if (values.get("residual_likelihood") is None) != (values.get("residual_impact") is None):
            self.add_error("residual_impact", _("Give both or neither."))
        return values

    def given(self, risk: Risk) -> dict[str, Any]:
        """The keyword arguments of `update_risk`; today's score only when it changed."""
        values = dict(self.cleaned_data)
        current = {name: values.pop(f"current_{name}") for name in ("likelihood", "impact")}
        residual = {name: values.pop(f"residual_{name}") for name in ("likelihood", "impact")}
        if current != {"likelihood": risk.current_likelihood, "impact": risk.current_impact}:
            values["current"] = current
        return values | {"residual": residual if residual["impact"] else None}

    @staticmethod
    def values_of(risk: Risk) -> dict[str, Any]:
        """The risk as the form's fields take it."""
        values = {name: getattr(risk, name) for name in RiskForm.base_fields if name not in {"owner", "review_on"}}
        day = risk.review_on.isoformat() if risk.review_on else ""
        return values | {"owner": risk.owner_id or "", "review_on": day}


@dataclass(frozen=True, slots=True)
class SetFilter:
    """A filter in words, and the address of the list without it."""

    words: str
    without: str


class RiskFilter(forms.Form):
    """What the address asks of the list of all risks; what it asks wrongly is left out."""

    project = LineField(label=_("Project"), required=False, max_length=10)
    category = forms.ChoiceField(label=_("Category"), choices=[("", _("All")), *Category.choices], required=False)
    level = forms.ChoiceField(label=_("Level"), choices=[("", _("All")), *level_choices()], required=False)
    state = forms.ChoiceField(
        label=_("State"), choices=[("", _("Open")), ("closed", _("Closed")), ("all", _("All"))], required=False
    )
    accepted = forms.ChoiceField(
        label=_("Acceptance"),
        choices=[("", _("All")), ("no", _("Not accepted")), ("yes", _("Accepted"))],
        required=False,
    )
    owner = LineField(label=_("Owner"), required=False, max_length=60)
    likelihood = _place(_("Likelihood"))
    impact = _place(_("Impact"))

    def narrow(self, rows: RiskQuerySet) -> RiskQuerySet:
        """Rows with score and acceptance, cut down to what is asked for; open ones unless `state` says otherwise."""
        self.is_valid()
        asked = self.cleaned_data
        if asked.get("state") != "all":
            rows = rows.filter(state=asked.get("state") or RiskState.OPEN)
        if asked.get("level"):
            rows = rows.at_levels([asked["level"]])
        if asked.get("accepted"):
            rows = rows.covered(yes=asked["accepted"] == "yes")
        return rows.filter(**{FILTERED[name]: asked[name] for name in FILTERED if asked.get(name)})

    def set_filters(self) -> list[SetFilter]:
        """Each filter in force, to be shown as removable."""
        self.is_valid()
        return [
            SetFilter(f"{self.fields[name].label or name}: {_shown(self.fields[name], value)}", self._without(name))
            for name, value in self.cleaned_data.items()
            if value
        ]

    def _without(self, name: str) -> str:
        asked = {key: value for key, value in self.cleaned_data.items() if value and key != name}
        return f"?{urlencode(asked)}"


def _shown(field: forms.Field, value: Any) -> str:
    choices: Any = getattr(field, "choices", ())
    return str(dict(choices).get(value, value))


class AcceptanceForm(forms.Form):
    plan = TextField(label=_("What is done meanwhile"), max_length=4000)
    until = DayField(label=_("Until"), required=False)


class AnswersForm(forms.Form):
    """A questionnaire as a form: one choice per question; a draft may leave some open."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, questionnaire: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = [(option["key"], localised(option["name"])) for option in criteria.options(questionnaire)]
        self.questions = [question["key"] for question in questionnaire["questions"]]
        for question in questionnaire["questions"]:
            choices = [
                (key, name) for key, name in allowed if key != criteria.NOT_APPLICABLE or question.get("na_allowed")
            ]
            self.fields[question["key"]] = forms.ChoiceField(
                label=localised(question["text"]),
                help_text=localised(question.get("help")),
                choices=choices,
                required=False,
                widget=forms.RadioSelect,
            )

    def answers(self) -> dict[str, str]:
        return {key: self.cleaned_data[key] for key in self.questions if self.cleaned_data.get(key)}
