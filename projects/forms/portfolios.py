from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.forms import LineField
from projects.forms.settings import MemberForm, PersonChoice
from projects.models import Portfolio, StandingRole


class PortfolioForm(forms.Form):
    """A name, and the portfolio above it; with a version when it changes one."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = LineField(label=_("Name"), max_length=120)
    parent = forms.ModelChoiceField(Portfolio.objects.none(), label=_("Below"), empty_label="–", required=False)

    def __init__(self, *args: Any, portfolios: Sequence[Portfolio] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Portfolio.objects.filter(pk__in=[row.pk for row in portfolios])
        setattr(self.fields["parent"], "queryset", rows)  # noqa: B010 - Field's type does not know it

    def facts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("name", "parent")}


class ManagerForm(forms.Form):
    """Who is to run the portfolio."""

    user = PersonChoice(
        label=_("Person"),
        queryset=User.objects.active().order_by("name"),
        to_field_name="username",
        error_messages={"invalid_choice": _("There is nobody of this name.")},
    )


class StandingForm(MemberForm):
    """A person and what they are in every project below."""

    @classmethod
    def of_role(cls, role: StandingRole) -> "StandingForm":
        initial = {"version": role.version, "access": role.access, "functions": role.functions, "team": role.team}
        form = cls(initial=initial, auto_id=f"standing-{role.pk}-%s")
        del form.fields["user"]
        return form
