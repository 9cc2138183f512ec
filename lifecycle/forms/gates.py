"""What people fill in at gates, checks and stages."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.forms import DayField, LineField, TextField, UrlField
from lifecycle.models import Answer, Decision, RecycleReason


class AskForm(forms.Form):
    note = TextField(
        label=_("Note to the gatekeepers"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2})
    )
    despite_blockers = forms.BooleanField(required=False, widget=forms.HiddenInput)
    through = LineField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, through: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        """`through`: the gates that may go along as one joint packet, the last of which is to be chosen."""
        super().__init__(*args, **kwargs)
        self.offer(through)

    def offer(self, through: Sequence[tuple[str, str]]) -> None:
        """Let one choose how far the packet goes; without gates to choose from it stays hidden."""
        if through:
            self.fields["through"] = forms.ChoiceField(label=_("Through"), choices=list(through))

    def alone(self) -> "AskForm":
        """The same form for this gate only: what was said of the others stands above it."""
        self.data = {name: self.data[name] for name in self.data} | {"through": ""}
        for error in self.errors.pop("through", ()):
            self.add_error(None, str(error))
        return self


class ReasonForm(forms.Form):
    """A step that is taken with a reason and nothing else."""

    reason = TextField(label=_("Your reason"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))


class VoteForm(forms.Form):
    """One vote. `return_to` offers this stage and those before it."""

    decision = forms.ChoiceField(choices=Decision.choices, error_messages={"required": _("Choose a decision.")})
    return_to = forms.ChoiceField(label=_("Back to"), required=False)
    reason = forms.ChoiceField(label=_("Reason"), choices=RecycleReason.choices, required=False)
    until = DayField(label=_("Until"), required=False)
    rationale = TextField(label=_("Why"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))
    packet = LineField(max_length=71, widget=forms.HiddenInput)

    def __init__(self, *args: Any, stages: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["return_to"] = forms.ChoiceField(label=_("Back to"), choices=list(stages), required=False)


class PersonChoice(forms.TypedChoiceField):
    """One of these people, by their display name; they have been read already, so that many forms ask for them once."""

    def __init__(self, *args: Any, people: Iterable[User] = (), **kwargs: Any) -> None:
        self.people = {str(user.pk): user for user in people}
        choices = [("", "---------"), *((pk, user.display_name) for pk, user in self.people.items())]
        super().__init__(*args, choices=choices, coerce=self.people.__getitem__, empty_value=None, **kwargs)


class ConditionForm(forms.Form):
    """One condition of a conditional go; an empty one is left out, since a formset permits it."""

    text = TextField(label=_("Condition"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))
    owner = PersonChoice(label=_("Owner"))
    due_on = DayField(label=_("Due"))
    check = forms.ChoiceField(label=_("Defers the check"), required=False)

    def __init__(
        self, *args: Any, people: Iterable[User] = (), checks: Iterable[tuple[str, str]] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"] = PersonChoice(label=_("Owner"), people=people)
        self.fields["check"] = forms.ChoiceField(
            label=_("Defers the check"), choices=[("", _("None")), *checks], required=False
        )
        for name in ("owner", "due_on"):
            self.fields[name].error_messages["required"] = _("A condition has an owner and a day.")


# One stands there from the start: a conditional go needs it, and without scripts no more can be added.
ConditionForms = forms.formset_factory(ConditionForm, extra=1)


class AnswerForm(forms.Form):
    """An answer to a check, or its plan. Fields that are not sent are left as they are."""

    state = forms.ChoiceField(choices=[("", "—"), *Answer.choices], required=False)
    note = TextField(label=_("Note"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))
    assignee = LineField(label=_("Assigned to"), required=False)
    due_on = DayField(label=_("Due"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


class ProofForm(forms.Form):
    """A link or a file."""

    url = UrlField(label=_("Link"), required=False)
    file = forms.FileField(label=_("File"), required=False)
    title = LineField(label=_("Title"), required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and not data.get("url") and not data.get("file"):
            self.add_error("url", _("Paste a link or choose a file."))
        return data


class WaiverForm(forms.Form):
    reason = TextField(
        label=_("Why the check can be left out"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2})
    )
    until = DayField(label=_("Until"))


class HoldForm(forms.Form):
    until = DayField(label=_("Until"))
    reason = TextField(label=_("Why"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))


class StepForm(forms.Form):
    """A button on a row that others move too: it carries the version that its reader saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class ExtensionForm(StepForm):
    until = DayField(label=_("Until"))
    reason = TextField(label=_("Why"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))


class StagePlanForm(forms.Form):
    starts_on = DayField(label=_("Starts"), required=False)
    due_on = DayField(label=_("Due"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


class LimitForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    threshold = forms.FloatField(label=_("The project's own limit"))
    reason = TextField(label=_("Why"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))

    def clean_threshold(self) -> float:
        threshold: float = self.cleaned_data["threshold"]
        if not math.isfinite(threshold):
            raise forms.ValidationError(_("A limit is a finite number."), "not_finite")
        return threshold


class SourceForm(forms.Form):
    reference = LineField(label=_("Where the law says so"), max_length=2000)


class ConsentForm(forms.Form):
    """The answer to what was looked at."""

    proposal = forms.IntegerField(widget=forms.HiddenInput)
    agree = forms.TypedChoiceField(choices=[("1", "1"), ("0", "0")], coerce=lambda said: said == "1")


class BaselineForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    model = LineField(label=_("Baseline model"), required=False, max_length=200)
    reason = TextField(label=_("Why"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))
