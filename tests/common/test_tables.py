from collections.abc import Iterator, Sequence
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.utils import translation
from django.utils.translation import gettext as _
from openpyxl import load_workbook

from common.tables import table_answer

pytestmark = pytest.mark.core
ODD = ["=1+1", "+1", "-1", "@a", "\t=1", "plain", None, date(2026, 3, 2), 7]


def test_no_cell_of_a_csv_file_is_a_formula() -> None:
    body = table_answer("csv", "list", [ODD]).getvalue().decode("utf-8-sig")  # type: ignore[attr-defined]  # streamed

    assert body == "'=1+1,'+1,'-1,'@a,'\t=1,plain,,2026-03-02,7\r\n"


def test_each_cell_of_an_xlsx_file_is_text() -> None:
    answer = table_answer("xlsx", "list", [[*ODD, "a\x07b"]])
    book = load_workbook(BytesIO(answer.getvalue()))  # type: ignore[attr-defined]  # streamed
    (row,) = book.active.iter_rows()

    assert answer["Content-Disposition"] == 'attachment; filename="list.xlsx"'
    assert [cell.value for cell in row] == ["=1+1", "+1", "-1", "@a", "\t=1", "plain", None, "2026-03-02", "7", "ab"]
    assert {cell.data_type for cell in row if cell.value is not None} == {"s"}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_file_is_in_the_language_in_which_it_was_asked_for(form: str) -> None:
    """A streamed answer is made when the request's middleware has gone."""

    def rows() -> Iterator[Sequence[Any]]:
        yield [_("Key")]
        yield [_("Name")]

    with translation.override("zh-hans"):
        answer = table_answer(form, "list", rows())
        words = [_("Key"), _("Name")]
    body = answer.getvalue()  # type: ignore[attr-defined]  # streamed

    assert words != ["Key", "Name"]
    if form == "csv":
        assert body.decode("utf-8-sig").split() == words
    else:
        assert [row[0].value for row in load_workbook(BytesIO(body)).active.iter_rows()] == words
    assert translation.get_language() == "en"
