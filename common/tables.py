"""Tables as files: CSV, and XLSX for spreadsheets. No cell of them is ever taken for a formula (rule 21)."""

import csv
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import translation
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

FORMULA = ("=", "+", "-", "@", "\t", "\r")
FORMATS = ("csv", "xlsx")
Rows = Iterable[Sequence[Any]]


def table_answer(form: str, name: str, rows: Rows) -> HttpResponseBase:
    """`rows`, heads first, as a download `name`.csv or `name`.xlsx: `form` is one of FORMATS."""
    answer = _xlsx(rows) if form == "xlsx" else _csv(rows)
    answer["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    answer["Cache-Control"] = "no-store"
    return answer


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)


class _Line:
    """What csv.writer writes to: it hands each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def _csv(rows: Rows) -> HttpResponseBase:
    """Streamed; the byte order mark tells spreadsheets that it is UTF-8."""
    writer = csv.writer(_Line())
    told = _in_language(translation.get_language() or "en", iter(rows))
    lines = (writer.writerow([_plain(value) for value in row]) for row in told)
    return StreamingHttpResponse(_marked(lines), content_type="text/csv; charset=utf-8")


def _plain(value: Any) -> str:
    text = _text(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _marked(lines: Iterable[str]) -> Iterator[str]:
    yield "\ufeff"
    yield from lines


def _in_language(language: str, rows: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    """A streamed answer is made when the middleware has let go of the reader's language: each row takes it up again."""
    while True:
        with translation.override(language):
            row = next(rows, None)
            if row is None:
                return
            row = [_text(value) for value in row]
        yield row


def _xlsx(rows: Rows) -> HttpResponseBase:
    """Written row by row into a file without a name, and sent from there."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    book.save(file)
    file.seek(0)
    return FileResponse(file, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")


def _cell(sheet: Any, value: Any) -> Cell:
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", _text(value)))
    cell.data_type = "s"
    return cell
