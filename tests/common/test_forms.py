import pytest
from django import forms

from common.errors import FieldError, ValidationFailed
from common.forms import DayField, LineField, TextField, UrlField, refuse

pytestmark = pytest.mark.core


class ThingForm(forms.Form):
    name = LineField(max_length=20)
    note = TextField(required=False)
    url = UrlField(required=False)
    day = DayField(required=False)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", "a\r\nBcc: x", "control_character"),
        ("name", "a\n", "control_character"),
        ("name", "\u200b\u2060", "required"),
        ("name", "report\u202egpj.exe", "control_character"),
        ("name", "a" * 21, "max_length"),
        ("note", "a\x00b", "null_character"),
        ("note", "a\x07b", "control_character"),
        ("url", "javascript:alert(1)", "invalid_url"),
        ("day", "9999-12-31", "out_of_range"),
        ("day", "2200-01-01", "out_of_range"),
        ("day", "0001-01-01", "out_of_range"),
        ("day", "2026-02-30", "invalid_date"),
        ("day", "07/06/2026", "invalid_date"),
        ("day", "٢٠٢٦-٠١-٠١", "invalid_date"),
        ("day", "2026-01-01\x00", "invalid_date"),
    ],
)
def test_forms_refuse_what_the_api_refuses(field: str, value: str, code: str) -> None:
    form = ThingForm({"name": "a", field: value})

    assert [error.code for error in form.errors.as_data()[field]] == [code]


def test_several_lines_are_kept() -> None:
    form = ThingForm({"name": " a ", "note": "one\ntwo", "url": "https://example.org/"})

    assert form.is_valid()
    assert form.cleaned_data == {"name": "a", "note": "one\ntwo", "url": "https://example.org/", "day": None}


@pytest.mark.parametrize("day", ["1970-01-01", "2199-12-31"])
def test_the_first_and_the_last_day_are_let_in(day: str) -> None:
    form = ThingForm({"name": "a", "day": day})

    assert form.is_valid()
    assert form.cleaned_data["day"].isoformat() == day


def test_a_refusal_lands_on_the_field_it_names() -> None:
    form = ThingForm({"name": "a"})

    refuse(form, ValidationFailed(errors=[FieldError("/name", "not_unique", "Taken."), FieldError("/x", "y", "Odd.")]))

    assert form.errors["name"] == ["Taken."]
    assert form.non_field_errors() == ["Odd."]
