"""The forms of the register and of the questionnaires; the same rules for text as at the API's door."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common import content
from common.forms import LineField, TextField
from common.texts import localised
from projects.models import Project
from risks import criteria
from risks.models import Category, Risk, TreatmentKind

SCALE = [(number, str(number)) for number in range(1, 6)]
TEXTS = ("cause", "event", "consequence")


def _score(label: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, choices=SCALE, coerce=int)


def _optional_score(label: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, choices=[("", "–"), *SCALE], coerce=int, required=False, empty_value=None
    )


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
    title = LineField(label=_("Title"))
    category = forms.ChoiceField(label=_("Category"), choices=Category.choices)
    current_likelihood = _score(_("Likelihood today"))
    current_impact = _score(_("Impact today"))
    residual_likelihood = _optional_score(_("Likelihood after treatment"))
    residual_impact = _optional_score(_("Impact after treatment"))
    treatment = forms.ChoiceField(label=_("Treatment"), choices=[("", "–"), *TreatmentKind.choices], required=False)
    treatment_plan = TextField(label=_("Plan"), required=False, max_length=4000)
    review_on = forms.DateField(
        label=_("Look again on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

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
    def initial_of(risk: Risk) -> dict[str, Any]:
        names = [name for name in RiskForm.base_fields if name != "title"]
        return {name: getattr(risk, name) for name in names} | {"title": risk.title}


class AcceptanceForm(forms.Form):
    plan = TextField(label=_("What is done meanwhile"), max_length=4000)
    until = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


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
