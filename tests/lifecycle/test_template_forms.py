"""The forms of a draft: what they show is what stands there, and what they refuse stands at its field."""

from copy import deepcopy
from typing import Any

import pytest

from common import content
from lifecycle.forms.templates import CheckForm, GateForm, RulesForm, StageForm, TemplateForm, WordsForm
from lifecycle.forms.templates.pieces import PieceForm
from lifecycle.models.format import canonical, flaws

Document = dict[str, Any]
METRICS = {key: metric["direction"] for key, metric in content.metrics().items()}
DOCUMENTS = ["eight-stage", "six-step"]


def document_of(name: str) -> Document:
    return deepcopy(content.document(name))


def again(form: type[PieceForm], initial: Document, **given: Any) -> PieceForm:
    """The form sent back as it was shown."""
    shown = form(initial=initial, **given)
    data = {name: initial.get(name) for name in shown.fields if initial.get(name) not in (None, False)}
    return form(data={**data, "version": 1}, **given)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_form_sent_back_as_it_was_shown_changes_nothing(name: str) -> None:
    document = document_of(name)
    forms = [again(TemplateForm, TemplateForm.initial_of(document), document=document).edit]
    checked = 0

    def unchanged(form: PieceForm, *key: str) -> None:
        nonlocal checked
        assert form.is_valid(), (form.errors, key)
        changed = deepcopy(document)
        form.edit(*key)(changed)  # type: ignore[attr-defined]  # every form of a piece has it
        assert flaws(changed) == []
        assert canonical(changed) == canonical(document), key
        checked += 1

    unchanged(again(TemplateForm, TemplateForm.initial_of(document), document=document))
    for section in ("levels", "decisions", "separation_rules"):
        for row in document[section]:
            unchanged(again(WordsForm, WordsForm.initial_of(section, row), section=section), row["key"])
    for stage in document["stages"]:
        given = {"document": document, "key": stage["key"]}
        unchanged(again(StageForm, StageForm.initial_of(stage), **given))
        unchanged(again(GateForm, GateForm.initial_of(stage), **given))
        for level, rules in stage["gate"]["levels"].items():
            unchanged(again(RulesForm, RulesForm.initial_of(rules), **given, level=level))
        for item in stage["items"]:
            given = {"document": document, "kind": item["kind"], "metrics": METRICS, "key": item["key"]}
            unchanged(again(CheckForm, CheckForm.initial_of(item), **given))
    assert checked > 50
    assert forms
