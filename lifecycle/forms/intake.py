"""The intake: its questions as one form, and what the confirming person decides."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common import content
from common.forms import TextField
from common.texts import localised
from lifecycle.models.definition import LEVELS
from projects.criteria import questions


class IntakeForm(forms.Form):
    """A field for each question of content/intake.yaml; `version` is that of the answers before, 0 for none."""

    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, question in questions().items():
            choices = [(option["key"], localised(option["name"])) for option in question["options"]]
            kind = forms.ChoiceField if question["select"] == "one" else forms.MultipleChoiceField
            self.fields[key] = kind(label=localised(question["text"]), choices=choices, required=False)

    def answers(self) -> dict[str, list[str]]:
        """What was chosen, of the questions that have an answer."""
        given = {key: self.cleaned_data.get(key) for key in questions()}
        return {key: [chosen] if isinstance(chosen, str) else chosen for key, chosen in given.items() if chosen}


def _named(fact: str) -> list[tuple[str, str]]:
    return [(row["key"], localised(row["name"])) for row in content.document("intake")["results"][fact]]


class ConfirmIntakeForm(forms.Form):
    """Nothing but `version` takes the proposal; what is given takes its place, and needs a reason."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    level = forms.ChoiceField(label=_("Level"), required=False)
    ai_act_tier = forms.ChoiceField(label=_("EU AI Act tier"), required=False)
    ai_act_role = forms.MultipleChoiceField(
        label=_("Role under the EU AI Act"), required=False, widget=forms.CheckboxSelectMultiple
    )
    tags = forms.MultipleChoiceField(label=_("Tags"), required=False, widget=forms.CheckboxSelectMultiple)
    reason = TextField(
        label=_("Why"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2})
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: dict[str, Any] = dict(self.fields)
        # Lightest first, as everywhere else.
        chosen["level"].choices = sorted(_named("level"), key=lambda row: LEVELS.index(row[0]))
        chosen["ai_act_tier"].choices = _named("ai_act_tier")
        chosen["ai_act_role"].choices = _named("ai_act_role")
        chosen["tags"].choices = [(key, localised(tag["name"])) for key, tag in content.tags().items()]

    def found(self) -> dict[str, Any]:
        """What the service takes: with a level the whole form counts, without one only the proposal."""
        given = dict(self.cleaned_data)
        if not given["level"]:
            return {"version": given["version"]}
        return {name: value for name, value in given.items() if value or name in {"tags", "reason"}}
