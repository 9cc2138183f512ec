from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import DayField, LineField, TextField
from projects.models import Health, Membership, Project


class ProgressForm(forms.Form):
    """One entry of the log."""

    text = TextField(label=_("What moved"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))
    health = forms.ChoiceField(label=_("Health"), choices=Health.choices)
    percent = forms.IntegerField(label=_("Percent done"), min_value=0, max_value=100, required=False)
    day = DayField(label=_("Day"), required=False, help_text=_("Today if left empty."))
    blockers = TextField(
        label=_("What is in the way"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def facts(self) -> dict[str, Any]:
        """What the service takes."""
        return dict(self.cleaned_data)


class CommentForm(forms.Form):
    """Something said, in Markdown."""

    text = TextField(
        label=_("Comment"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Markdown. @name tells that person."),
    )


class ActionForm(forms.Form):
    """Something to do, for a member of the project."""

    text = TextField(label=_("What is to be done"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))
    owner = forms.ChoiceField(label=_("Who does it"))
    due_on = DayField(label=_("By when"))

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = Membership.objects.filter(project=project, user__is_active=True).select_related("user")
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ChoiceField)  # noqa: S101 - declared above; for the type checker
        owner.choices = [(member.user.username, member.user.display_name) for member in members]

    def facts(self) -> dict[str, Any]:
        due_on: date = self.cleaned_data["due_on"]
        return {"text": self.cleaned_data["text"], "owner": self.cleaned_data["owner"], "due_on": due_on}


class StepForm(forms.Form):
    """A button that moves a row from the version its reader saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    step = LineField(widget=forms.HiddenInput, max_length=20)
