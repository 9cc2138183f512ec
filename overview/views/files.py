"""Lists as CSV. A cell that a spreadsheet would take for a formula gets an apostrophe (rule 21)."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from overview.selectors.matrix import Row, matrix_rows
from projects.models import Project

FORMULA = ("=", "+", "-", "@", "\t", "\r")
CHUNK = 500


class _Line:
    """What csv.writer writes to: it hands each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def cell(value: Any) -> str:
    if value is None:
        return ""
    text = value.isoformat() if isinstance(value, date) else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def csv_answer(name: str, rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """`rows` as a download, streamed; the byte order mark tells spreadsheets that it is UTF-8."""
    writer = csv.writer(_Line())
    lines = (writer.writerow([cell(value) for value in row]) for row in rows)
    answer = StreamingHttpResponse(_marked(lines), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


def _marked(lines: Iterable[str]) -> Iterator[str]:
    yield "\ufeff"
    yield from lines


def matrix_csv(rows: "QuerySet[Project]", today: date) -> StreamingHttpResponse:
    """The matrix: one project a line, the verdict of its gate, the day each stage was passed."""
    return csv_answer(f"portfolio-{today.isoformat()}.csv", _lines(rows))


def _lines(rows: "QuerySet[Project]") -> Iterator[Sequence[Any]]:
    heads = [_("Key"), _("Name"), _("Level"), _("State"), _("Health"), _("Stage"), _("Verdict"), _("In the way")]
    stages: list[str] = []
    for row in _in_chunks(rows):
        if not stages:
            stages = [one.stage for one in row.cells]
            dates = [_("Go-live planned"), _("Go-live forecast"), _("Live since")]
            yield [*heads, *dates, *(one.name for one in row.cells)]
        yield _line(row, stages)
    if not stages:
        yield heads


def _in_chunks(rows: "QuerySet[Project]") -> Iterator[Row]:
    count = rows.order_by().select_related(None).count()
    for start in range(0, count, CHUNK):
        yield from matrix_rows(list(rows[start : start + CHUNK]))


def _line(row: Row, stages: Sequence[str]) -> Sequence[Any]:
    project, now = row.project, next((one for one in row.cells if one.state == "now"), None)
    passed = {one.stage: one.on for one in row.cells if one.state in {"done", "before"}}
    return [
        project.key,
        row.name,
        row.level,
        project.state,
        project.health,
        now.stage if now else "",
        now.chip.verdict if now and now.chip else "",
        now.chip.count if now and now.chip else "",
        row.go_live.planned_on,
        row.go_live.forecast_on,
        row.go_live.live_on,
        *(passed.get(stage) for stage in stages),
    ]
