from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.forms import DayField, LineField


class DeputyForm(forms.Form):
    """Who votes in the reader's place, and on which days; `next` is the page they came from."""

    deputy = forms.ChoiceField(label=_("Deputy"))
    starts_on = DayField(label=_("From"))
    ends_on = DayField(label=_("Through"))
    reason = LineField(label=_("Reason"), max_length=1000, required=False)
    next = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, people: Sequence[User] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "–"), *((user.username, f"{user.display_name} ({user.username})") for user in people)]
        self.fields["deputy"] = forms.ChoiceField(label=_("Deputy"), choices=choices)

    def facts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("deputy", "starts_on", "ends_on", "reason")}
