"""The profile's form."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Language, Theme, User
from common.forms import LineField
from common.serializers.fields import time_zones

WEEKDAYS = [
    (1, _("Monday")),
    (2, _("Tuesday")),
    (3, _("Wednesday")),
    (4, _("Thursday")),
    (5, _("Friday")),
    (6, _("Saturday")),
    (7, _("Sunday")),
]


def zone_choices() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in sorted(time_zones())]


class ProfileForm(forms.Form):
    """Name and preferences; carries the version its reader saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    name = LineField(label=_("Name"), max_length=120, required=False)
    name_zh = LineField(label=_("Name in Chinese"), max_length=120, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices, required=False)
    timezone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)
    theme = forms.ChoiceField(label=_("Colours"), choices=Theme.choices)
    single_keys = forms.BooleanField(
        label=_("Single-key shortcuts"), help_text=_("Off, keys work with Ctrl or not at all."), required=False
    )
    digest = forms.BooleanField(
        label=_("One mail a day"),
        help_text=_("Urgent notices still come at once. Off, each comes by itself."),
        required=False,
    )
    mail_at = forms.TimeField(label=_("Mail at"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    quiet_from = forms.TimeField(
        label=_("Quiet from"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_to = forms.TimeField(
        label=_("Quiet until"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    working_days = forms.TypedMultipleChoiceField(
        label=_("Working days"), choices=WEEKDAYS, coerce=int, widget=forms.CheckboxSelectMultiple, required=False
    )

    @classmethod
    def of(cls, person: User) -> "ProfileForm":
        return cls(initial={name: getattr(person, name) for name in cls.base_fields})

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if bool(data.get("quiet_from")) != bool(data.get("quiet_to")):
            self.add_error("quiet_to", _("Quiet hours have a beginning and an end."))
        return data

    def changes(self) -> dict[str, Any]:
        """What the service takes, without the version."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}
