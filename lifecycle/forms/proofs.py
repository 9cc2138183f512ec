"""Proof with all that can be said about it, and taking it back."""

from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common import clock
from common.forms import DayField, LineField, TextField
from lifecycle.forms.gates import ProofForm, StepForm

PARTS = {"model": _("Model"), "dataset": _("Training data"), "prompt": _("Prompt"), "code": _("Code")}


class WholeProofForm(ProofForm):
    """A link or a file, with the day it speaks of, how long it holds, what it was made for, and who may open it."""

    effective_on = DayField(label=_("Speaks of"), required=False, help_text=_("Today, unless you say otherwise."))
    valid_until = DayField(label=_("Holds until"), required=False, help_text=_("After this day it proves nothing."))
    model = LineField(label=_("Made for the model"), required=False)
    dataset = LineField(label=_("Made for the training data"), required=False)
    prompt = LineField(label=_("Made for the prompt"), required=False)
    code = LineField(label=_("Made for the code"), required=False)
    confidential = forms.BooleanField(label=_("Confidential: only the team and auditors open it"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # One of the two: neither is called optional.
        for name in ("url", "file"):
            self.fields[name].needed = True  # type: ignore[attr-defined]  # read by _field.html

    def clean_effective_on(self) -> date | None:
        day: date | None = self.cleaned_data["effective_on"]
        if day and day > clock.now().date():
            raise forms.ValidationError(_("This day has not come yet."), "in_the_future")
        return day

    def facts(self) -> dict[str, Any]:
        """What `attach_link`, `attach_file` and the services of revisions take besides the proof itself."""
        said, day = self.cleaned_data, self.cleaned_data["effective_on"]
        # Within a day that is over its last moment: what was made on the day of a loop is taken as made after it.
        past = day and day < clock.now().date()
        return {
            "title": said["title"],
            "effective_at": datetime.combine(day, time(23, 59, 59), UTC) if past else None,
            "valid_until": said["valid_until"],
            # A part that was cleared is for none; one that the form does not have is as it is now.
            "subject": {part: said[part] for part in PARTS if part in self.data},
            "confidential": said["confidential"],
        }


class WithdrawalForm(StepForm):
    reason = TextField(label=_("Why it proves nothing"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))


class RowWithdrawalForm(WithdrawalForm):
    """The same on the row of a check, which may have several proofs."""

    evidence = forms.IntegerField(min_value=1, max_value=2**63 - 1)


class PartForm(forms.Form):
    """One part of the subject and what it is to be."""

    part = forms.ChoiceField(label=_("Part"), choices=list(PARTS.items()))
    value = LineField(label=_("Value"), max_length=200)
