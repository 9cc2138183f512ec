"""Changes between the reviews of a recurring stage."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import LineField, TextField

PARTS = {
    "model": _("New model version"),
    "dataset": _("New training data"),
    "prompt": _("New prompt"),
    "code": _("New code"),
}


class ChangeForm(forms.Form):
    """What changes and why; `now` shows what each part is today. A part that is left empty stays."""

    text = TextField(label=_("What changes, and why"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, now: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part, label in PARTS.items():
            value = (now or {}).get(part)
            known = _("Now %(value)s.") % {"value": value} if value else ""
            self.fields[part] = LineField(label=label, required=False, help_text=known)

    def subject(self) -> dict[str, str]:
        return {part: self.cleaned_data[part] for part in PARTS if self.cleaned_data[part]}


class WithdrawChangeForm(forms.Form):
    reason = TextField(label=_("Why"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))
