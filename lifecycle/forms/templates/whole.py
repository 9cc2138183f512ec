"""Forms about a template as a whole: a new one, its data, its words, an import."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common import strict_yaml
from common.errors import DomainError
from common.forms import LineField
from common.texts import localised
from lifecycle.forms.templates.pieces import WRONG_KEY, Choices, PieceForm, said, seen_by, several, tags, words
from lifecycle.models.format import Document
from lifecycle.services.templates import edits

KEY = r"\A[a-z][a-z0-9_]*\Z"


class NewTemplateForm(forms.Form):
    key = forms.RegexField(
        KEY,
        label=_("Key"),
        max_length=40,
        help_text=_("As in our_process. It stands in every address and never changes."),
        error_messages={"invalid": WRONG_KEY},
    )

    def __init__(self, *args: Any, sources: Choices = [], **kwargs: Any) -> None:  # noqa: B006 - never changed
        super().__init__(*args, **kwargs)
        choices = [("", _("one empty stage")), *sources]
        source = forms.ChoiceField(label=_("Begin with"), required=False, choices=choices)
        self.fields = {**words("name", _("Name"), needed=True), **self.fields, "source": source}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not data.get("name_en") and not data.get("name_zh"):
            self.add_error("name_en", str(_("Write it in one language at least.")))
        return data

    @property
    def name(self) -> dict[str, str]:
        given = {"en": self.cleaned_data["name_en"], "zh": self.cleaned_data["name_zh"]}
        return {language: text for language, text in given.items() if text}


class TemplateForm(PieceForm):
    """Name, description, default level, tags it is not for."""

    def __init__(self, *args: Any, document: Document, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        levels = [(level["key"], localised(level["name"])) for level in document["levels"]]
        self.fields |= words("name", _("Name"), needed=True) | words("description", _("Description"), long=True)
        self.fields["default_level"] = forms.ChoiceField(label=_("Level that projects begin with"), choices=levels)
        self.fields["not_for_tags"] = several(_("Not meant for projects with"), tags())

    @staticmethod
    def initial_of(document: Document) -> dict[str, Any]:
        default = next((level["key"] for level in document["levels"] if level["default"]), "")
        return seen_by(
            {
                **said("name", document["name"]),
                **said("description", document.get("description")),
                "default_level": default,
                "not_for_tags": document.get("not_for_tags", []),
            }
        )

    def edit(self) -> edits.Edit:
        fields = {
            "name": self.text("name"),
            "description": self.text("description"),
            "not_for_tags": self.cleaned_data["not_for_tags"] or None,
        }
        return edits.both(edits.change_template(fields), edits.change_default_level(self.cleaned_data["default_level"]))


class WordsForm(PieceForm):
    """What a level, a decision or a rule of separation is called, and what helps to choose it."""

    def __init__(self, *args: Any, section: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.section = section
        self.fields |= words("name", _("Name"), needed=True)
        if section != "separation_rules":
            self.fields |= words("help", _("Help"), long=True, rows=2, needed=section == "decisions")

    @staticmethod
    def initial_of(section: str, row: Document) -> dict[str, Any]:
        helped = {} if section == "separation_rules" else said("help", row.get("help"))
        return seen_by({**said("name", row["name"]), **helped})

    def edit(self, key: str) -> edits.Edit:
        fields: dict[str, Any] = {"name": self.text("name")}
        if self.section != "separation_rules":
            fields["help"] = self.text("help")
        return edits.change_words(self.section, key, fields)


class ImportForm(forms.Form):
    """A document pasted or picked. `replace` is the version of the open draft that it may take the place of."""

    file = forms.FileField(label=_("YAML file"), required=False)
    text = forms.CharField(
        label=_("or paste it here"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "class": "eg-mono"}),
    )
    replace = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        body = data["file"].read() if data.get("file") else data.get("text", "").encode("utf-8", "surrogatepass")
        if not body.strip():
            self.add_error("text", str(_("Paste a document or choose a file.")))
            return data
        try:
            data["document"] = strict_yaml.loads(body)
        except DomainError as error:
            for line in [f"{item.pointer}: {item.detail}" for item in error.errors] or [str(error)]:
                self.add_error(None, line)
        data["text"] = body.decode("utf-8", "replace")
        return data


class LookForm(forms.Form):
    """A button that changes the draft: the version its reader saw, and where it sends things."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    step = forms.TypedChoiceField(choices=[("-1", "-1"), ("1", "1")], coerce=int, required=False)
    stage = LineField(required=False, max_length=40)
