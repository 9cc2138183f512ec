from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.models import SCOPES
from common.forms import LineField
from projects.models import Project


def scope_choices() -> list[tuple[str, Any]]:
    return list(SCOPES.items())


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
    scopes = forms.MultipleChoiceField(
        label=_("Allowed to"), choices=scope_choices, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["project"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = Project.objects.visible_to(actor).order_by("key")

    def wanted(self, now: datetime) -> dict[str, Any]:
        """What the service takes."""
        data = self.cleaned_data
        return {
            "name": data["name"],
            "scopes": data["scopes"],
            "expires_at": now + timedelta(days=data["days"]),
            "project_id": data["project"].pk if data["project"] else None,
        }
