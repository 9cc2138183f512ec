from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.models import SCOPES
from common.forms import LineField
from projects.models import Project


def scope_choices() -> list[tuple[str, Any]]:
    """Each with its name, as refusals (`scope_missing`) and the API's guide spell it."""
    return [(name, f"{name}: {words}") for name, words in SCOPES.items()]


OWN = "own"
PRESET_CHOICES: list[tuple[str, str | Promise]] = [
    ("ci", _("A pipeline (ci): reports metrics, evidence and records, reads projects and gate reviews")),
    ("reader", _("A reader (reader): reads projects, gate reviews and process templates")),
    (OWN, _("Only what is ticked below")),
]


class TokenForm(forms.Form):
    """What a script may do, where, and for how long."""

    name = LineField(label=_("What is it for"), max_length=120)
    project = forms.ModelChoiceField(
        label=_("Only in project"),
        queryset=Project.objects.none(),
        to_field_name="key",
        required=False,
        empty_label=_("All that you see"),
    )
    days = forms.TypedChoiceField(
        label=_("Valid for"),
        coerce=int,
        choices=[(30, _("30 days")), (90, _("90 days")), (365, _("a year"))],
        initial=90,
    )
    preset = forms.ChoiceField(label=_("Allowed to"), choices=PRESET_CHOICES, initial="ci", widget=forms.RadioSelect)
    scopes = forms.MultipleChoiceField(
        label=_("And also"), choices=scope_choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["project"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = Project.objects.visible_to(actor).order_by("key")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("preset") == OWN and not data.get("scopes") and "scopes" not in self.errors:
            self.add_error("scopes", _("Tick at least one, or choose a preset."))
        return data

    def wanted(self, now: datetime) -> dict[str, Any]:
        """What the service takes."""
        data = self.cleaned_data
        return {
            "name": data["name"],
            "scopes": [*({data["preset"]} - {OWN}), *data["scopes"]],
            "expires_at": now + timedelta(days=data["days"]),
            "project_id": data["project"].pk if data["project"] else None,
        }
