"""The form that starts a project."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common import content
from common.forms import LineField, TextField
from common.texts import localised
from lifecycle.models import TemplateVersion
from lifecycle.models.definition import LEVELS
from overview.selectors.outlooks import LEVEL_NAMES
from projects.models import Visibility


def templates() -> list[tuple[str, str]]:
    """Published templates by key, as their newest versions name them, the default first."""
    newest = TemplateVersion.objects.newest().select_related("template").defer("document")
    rows = newest.order_by("-template__is_default", "template__key")
    return [(row.template.key, localised(row.definition.name)) for row in rows]


def template_name(key: str) -> str:
    """What a template is called; what nobody published goes by its key."""
    return dict(templates()).get(key, key)


def tags() -> list[tuple[str, str]]:
    return [(key, localised(tag["name"])) for key, tag in content.tags().items()]


class CapitalKey(forms.RegexField):
    """A key as people type it: `reco` is meant as RECO."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).strip().upper()


class NewProjectForm(forms.Form):
    """Key, name and objective; process, level and tags apply at once, unconfirmed until legal or risk confirms them."""

    name = LineField(label=_("Name"), max_length=120)
    key = CapitalKey(
        r"\A[A-Z0-9]{2,10}\Z",
        label=_("Key"),
        help_text=_("2 to 10 capital letters and digits, as in RECO. It stands in every address and never changes."),
        error_messages={"invalid": _("2 to 10 capital letters and digits.")},
    )
    objective = TextField(
        label=_("Objective"), max_length=4000, help_text=_("What gets better, for whom, and how one will see it.")
    )
    template = forms.ChoiceField(label=_("Process"), choices=templates)
    level = forms.ChoiceField(
        label=_("Level"), choices=[(level, LEVEL_NAMES[level]) for level in LEVELS], initial="standard"
    )
    tags = forms.MultipleChoiceField(
        label=_("What holds for it"),
        choices=tags,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Each adds the checks that this calls for."),
    )
    visibility = forms.ChoiceField(label=_("Who sees it"), choices=Visibility.choices, initial=Visibility.INTERNAL)

    def fields_given(self) -> dict[str, Any]:
        """What the service takes."""
        return dict(self.cleaned_data)
