"""The same rules for text and days as at the API's door, for forms."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from common.days import FIRST, LAST, read_day
from common.errors import DomainError, HumanSessionRequired, NotAuthenticated, NotFound, PermissionDenied
from common.text_rules import Flaw, is_blank, is_web_address, line_flaw, text_flaw

RIGHTS = (NotAuthenticated, PermissionDenied, HumanSessionRequired, NotFound)


class TextField(forms.CharField):
    """Text of several lines."""

    widget: type[forms.Widget] = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 10_000)
        super().__init__(**kwargs)

    def flaw(self, text: str) -> Flaw | None:
        return text_flaw(text)

    def to_python(self, value: Any) -> str:
        given = "" if value is None else str(value)
        # Before stripping: a line break at the end is refused, not dropped.
        if flaw := self.flaw(given):
            raise ValidationError(str(flaw.detail), code=flaw.code)
        return "" if is_blank(given) else str(super().to_python(given))


class LineField(TextField):
    """Text of one line, at most 200 characters unless told otherwise."""

    widget: type[forms.Widget] = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 200)
        super().__init__(**kwargs)

    def flaw(self, text: str) -> Flaw | None:
        return line_flaw(text)


class UrlField(LineField):
    """An http or https address without user and password."""

    widget: type[forms.Widget] = forms.URLInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 2000)
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        if text and not is_web_address(text):
            raise ValidationError(_("An address starts with http:// or https:// and names a host."), code="invalid_url")
        return text


class DayInput(forms.DateInput):
    """The browser's own calendar, which speaks ISO."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(attrs={"min": FIRST.isoformat(), "max": LAST.isoformat()}, format="%Y-%m-%d")


class DayField(forms.DateField):
    """A calendar day as 2026-07-06, from 1970 to 2199."""

    widget: type[forms.Widget] = DayInput

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values:
            return None
        day = read_day(value.isoformat() if isinstance(value, date) else str(value).strip())
        if isinstance(day, Flaw):
            raise ValidationError(str(day.detail), code=day.code)
        return day


def first_error(form: forms.BaseForm) -> str:
    """What is wrong with `form`, in one sentence; "" for nothing."""
    return next((str(error) for errors in form.errors.values() for error in errors), "")


def refuse(form: forms.BaseForm, error: DomainError) -> None:
    """Show a refusal on `form`: at its fields where the error names them, else above all.

    Raises `error` again when nothing written into the form would mend it; it becomes a page of its own.
    """
    if isinstance(error, RIGHTS):
        raise error
    for item in error.errors:
        name = item.pointer.strip("/")
        form.add_error(name if name in form.fields else None, str(item.detail))
    if not error.errors:
        form.add_error(None, str(error))
