"""What all forms of a draft have in common: texts in two languages, keys to choose from, and what their reader saw."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common import content
from common.canonical import digest
from common.errors import DomainError
from common.forms import RIGHTS, LineField, TextField
from common.texts import localised
from lifecycle.models.format import Document

Word = str | Promise
Choices = list[tuple[str, str]]
LANGUAGES = {"en": _("English"), "zh": _("Chinese")}
WRONG_KEY = _("Small letters, digits and underscores, a letter first.")
# Where in a document a piece stands.
PIECE = re.compile(r"^/stages/[0-9]+(/items/[0-9]+|/gate/levels/[a-z]+|/gate)?")
ONE_LANGUAGE = _("Write it in one language at least.")


class PieceForm(forms.Form):
    """One piece of a draft.

    `version` is the draft's when its reader opened it, `seen` the digest of what this piece said then: whoever meets
    another version but the same piece is in nobody's way.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    seen = LineField(required=False, max_length=71, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for name, field in list(self.fields.items()):
            other = name.removesuffix("_en") + "_zh"
            needed = getattr(field, "needed", False) and name.endswith("_en")
            if needed and not any(data.get(one) or one in self.errors for one in (name, other)):
                self.add_error(name, str(ONE_LANGUAGE))
        return data

    def text(self, name: str) -> dict[str, str] | None:
        """A text in the languages it was written in; None where it was not."""
        given = {language: self.cleaned_data[f"{name}_{language}"].replace("\r\n", "\n") for language in LANGUAGES}
        return {language: text for language, text in given.items() if text} or None

    def refuse(self, error: DomainError) -> None:
        """Show a refusal at the fields of what it names. Raises what no other input would mend."""
        if isinstance(error, RIGHTS):
            raise error
        for item in error.errors:
            name = "_".join(part for part in PIECE.sub("", item.pointer).split("/") if part)
            self.add_error(self._field_of(name), str(item.detail))
        if not error.errors:
            self.add_error(None, str(error))

    def _field_of(self, name: str) -> str | None:
        """The field that shows what is wrong at `name`, as `metric_threshold` or `raci_responsible_0`."""
        first, _under, rest = re.sub(r"_[0-9]+$", "", name).partition("_")
        tries = (name, f"{first}_{rest}", rest, first, f"{name}_en")
        return next((field for field in tries if field in self.fields), None)


def seen_by(initial: Mapping[str, Any]) -> dict[str, Any]:
    """`initial` values of a piece, with the digest of what they say."""
    return {**initial, "seen": digest(initial)}


def words(name: str, label: Word, *, long: bool = False, rows: int = 3, needed: bool = False) -> dict[str, forms.Field]:
    """Two fields for one text, `name_en` and `name_zh`; one of them is enough where it is `needed`."""
    made: dict[str, forms.Field] = {}
    for language, spoken in LANGUAGES.items():
        both = _("%(what)s (%(language)s)") % {"what": label, "language": spoken}
        attrs = {"lang": "zh-Hans" if language == "zh" else language}
        kind: type[TextField] = TextField if long else LineField
        widget = forms.Textarea(attrs={**attrs, "rows": rows}) if long else forms.TextInput(attrs=attrs)
        field = kind(label=both, required=False, max_length=4000 if long else 500, widget=widget)
        field.needed = needed  # type: ignore[attr-defined]  # read by PieceForm and by the field's template
        made[f"{name}_{language}"] = field
    return made


def said(name: str, text: Mapping[str, str] | None) -> dict[str, str]:
    """Initial values of a text's two fields."""
    return {f"{name}_{language}": (text or {}).get(language, "") for language in LANGUAGES}


def several(label: Any, choices: Iterable[tuple[str, str]], *, required: bool = False) -> forms.MultipleChoiceField:
    """Boxes to tick; what is ticked comes in the order of the boxes."""
    return forms.MultipleChoiceField(
        label=label, choices=list(choices), required=required, widget=forms.CheckboxSelectMultiple
    )


def named(rows: Mapping[str, Mapping[str, Any]]) -> Choices:
    """Rows of the catalogue as choices, in the reader's language."""
    return [(key, localised(row["name"])) for key, row in rows.items()]


def roles() -> Choices:
    return named(content.roles())


def tags() -> Choices:
    return named(content.tags())


def stages_of(document: Document) -> Choices:
    return [(stage["key"], localised(stage["name"])) for stage in document["stages"]]


def key_flaw(form: forms.Form, key: str) -> None:
    """Refuses a new piece that has no key and no English words to make one of."""
    if not key and "key" not in form.errors:
        form.add_error("key", str(_("Write a key: it is made of English words only.")))


def key_of(given: str, text: Mapping[str, str] | None, taken: Iterable[str], *, longest: int) -> str:
    """The key given, or one made of the first words of the English text that nothing else has; "" if there are none."""
    if given:
        return given
    found = re.findall(r"[a-z0-9]+", (text or {}).get("en", "").lower())
    while found and found[0][0].isdigit():
        found.pop(0)
    made = "_".join(found[:4])[: longest - 3].strip("_")
    used, number = set(taken), 2
    key = made
    while key in used:
        key, number = f"{made}_{number}", number + 1
    return key
