from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common import content
from common.forms import DayField, LineField, TextField
from common.texts import localised
from projects.models import Goal, Membership, Portfolio, Project, Stakeholder, Visibility

ACCESS_LABELS = (
    ("owner", _("Owner: plans, manages members and budget")),
    ("contribute", _("Contribute: does the work and asks for gates")),
    ("decide", _("Decide: votes, accepts, waives")),
    ("view", _("View: reads and comments")),
)
FACTS = (
    "name",
    "objective",
    "exit_criteria",
    "visibility",
    "portfolio",
    "starts_on",
    "target_on",
    "currency",
    "expected_value",
    "industry",
    "model_class",
    "build_mode",
)


def catalogue(section: str) -> list[tuple[str, str]]:
    """A section of the catalogue as choices in the reader's language."""
    rows = content.keyed("catalog", section).items()
    return [("", "–"), *((key, localised(row["name"])) for key, row in rows)]


def role_choices() -> list[tuple[str, str]]:
    return [(key, localised(row["name"])) for key, row in content.roles().items()]


class ProjectForm(forms.Form):
    """What a project carries; carries the version its reader saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    name = LineField(label=_("Name"), max_length=120)
    objective = TextField(label=_("Objective"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))
    exit_criteria = TextField(
        label=_("When to stop"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    visibility = forms.ChoiceField(label=_("Visibility"), choices=Visibility.choices)
    portfolio = forms.ModelChoiceField(Portfolio.objects.none(), label=_("Portfolio"), empty_label="–", required=False)
    starts_on = DayField(label=_("Starts on"), required=False)
    target_on = DayField(label=_("Go-live planned on"), required=False)
    currency = forms.RegexField(r"\A[A-Z]{3}\Z", label=_("Currency"), max_length=3)
    expected_value = forms.DecimalField(label=_("Expected value"), max_digits=16, decimal_places=2, required=False)
    industry = forms.ChoiceField(label=_("Industry"), choices=lambda: catalogue("industries"), required=False)
    model_class = forms.ChoiceField(label=_("Model class"), choices=lambda: catalogue("model_classes"), required=False)
    build_mode = forms.ChoiceField(label=_("Build mode"), choices=lambda: catalogue("build_modes"), required=False)

    def __init__(self, *args: Any, portfolios: "Iterable[Portfolio]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        setattr(self.fields["portfolio"], "queryset", portfolios)  # noqa: B010 - Field's type does not know it

    @staticmethod
    def initial_of(project: Project) -> dict[str, Any]:
        return {name: getattr(project, name) for name in (*FACTS, "version")}

    def facts(self) -> dict[str, Any]:
        """What the service takes, without the version."""
        return {name: self.cleaned_data[name] for name in FACTS}


class PersonChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic while running
    """Someone by the name that is shown everywhere, with the user name beside it."""

    def label_from_instance(self, obj: User) -> str:
        return f"{obj.display_name} ({obj.username})"


class MemberForm(forms.Form):
    """A person by user name, their access, capacities and place; with a version when it changes one."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    user = PersonChoice(
        label=_("Person"),
        queryset=User.objects.active().order_by("name"),
        to_field_name="username",
        error_messages={"invalid_choice": _("There is nobody of this name.")},
    )
    access = forms.MultipleChoiceField(label=_("Access"), choices=ACCESS_LABELS, widget=forms.CheckboxSelectMultiple)
    functions = forms.MultipleChoiceField(
        label=_("Functional roles"),
        choices=role_choices,
        widget=forms.SelectMultiple(attrs={"size": 6}),
        required=False,
    )
    team = forms.BooleanField(
        label=_("Belongs to the team"),
        required=False,
        help_text=_("Gates may ask for a vote from outside the team."),
        initial=True,
    )

    @classmethod
    def of(cls, member: Membership) -> "MemberForm":
        initial = {
            "version": member.version,
            "access": member.access,
            "functions": member.roles,
            "team": member.team,
        }
        form = cls(initial=initial, auto_id=f"member-{member.pk}-%s")
        del form.fields["user"]
        return form

    def facts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("access", "functions", "team")}


class GoalForm(forms.Form):
    """From a baseline to a target by a day."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    indicator = LineField(label=_("Indicator"), max_length=120)
    unit = LineField(label=_("Unit"), max_length=40, required=False)
    direction = forms.ChoiceField(
        label=_("Better is"), choices=[("higher", _("higher")), ("lower", _("lower"))], required=False
    )
    baseline = forms.FloatField(label=_("Before"), required=False)
    current = forms.FloatField(label=_("Now"), required=False)
    target = forms.FloatField(label=_("Target"))
    by = DayField(label=_("By when"), required=False)

    @classmethod
    def of(cls, goal: Goal) -> "GoalForm":
        return cls(initial={name: getattr(goal, name) for name in cls.base_fields}, auto_id=f"goal-{goal.pk}-%s")

    def facts(self) -> dict[str, Any]:
        facts = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        return {**facts, "direction": facts["direction"] or "higher"}


class StakeholderForm(forms.Form):
    """A role or group with a stake."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = LineField(label=_("Role or group"), max_length=120)
    interest = TextField(label=_("Interest"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    need = TextField(label=_("Need"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    affected = forms.BooleanField(label=_("Only affected by it, does not use it"), required=False)

    @classmethod
    def of(cls, stakeholder: Stakeholder) -> "StakeholderForm":
        initial = {name: getattr(stakeholder, name) for name in cls.base_fields}
        return cls(initial=initial, auto_id=f"stakeholder-{stakeholder.pk}-%s")

    def facts(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class VersionForm(forms.Form):
    """A button that removes what its reader saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)
