"""Moves of a project to another level, template version or other tags."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common import content
from common.forms import TextField
from lifecycle.models.definition import LEVELS


class LevelMoveForm(forms.Form):
    """`reason` is asked for when the move is made, not when it is tried."""

    level = forms.ChoiceField(choices=[(level, level) for level in LEVELS], widget=forms.HiddenInput)
    reason = TextField(label=_("Why"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))


class VersionMoveForm(forms.Form):
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    reason = TextField(label=_("Why"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))


class TagsForm(forms.Form):
    """The project's tags; `version` is the project's."""

    tags = forms.MultipleChoiceField(required=False, widget=forms.MultipleHiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tags"].choices = [(key, key) for key in content.tags()]  # type: ignore[attr-defined]  # of a choice field
