"""Lists of projects as files."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.utils.translation import gettext as _

from accounts.http import PageRequest
from common import clock
from common.tables import table_answer
from overview.forms.filters import VERDICT_NAMES
from overview.selectors.matrix import Row, matrix_rows
from overview.services import note_export
from overview.views.asked import Asked
from projects.models import Project

CHUNK = 500


def file_answer(
    request: PageRequest, given: Asked, rows: "QuerySet[Project]", name: str, *, with_stages: bool = False
) -> HttpResponseBase:
    """`rows` in the format that the address asks for; the journal knows who took them."""
    note_export(
        what=name,
        form=given.form,
        rows=rows.order_by().select_related(None).count(),
        asked=request.GET.urlencode(),
        actor=request.actor,
        now=clock.now(),
    )
    return table_answer(given.form, f"{name}-{given.today.isoformat()}", _lines(rows, with_stages=with_stages))


def _lines(rows: "QuerySet[Project]", *, with_stages: bool) -> Iterator[Sequence[Any]]:
    """One project a line: the verdict of its gate and, `with_stages`, the day each stage of the process was passed."""
    heads = [_("Key"), _("Name"), _("Level"), _("State"), _("Health"), _("Stage"), _("Verdict"), _("In the way")]
    heads += [_("Go-live planned"), _("Go-live forecast"), _("Live since")]
    stages: list[str] | None = None
    for row in _in_chunks(rows):
        if stages is None:
            stages = [one.stage for one in row.cells] if with_stages else []
            yield [*heads, *(one.name for one in row.cells if with_stages)]
        yield _line(row, stages)
    if stages is None:
        yield heads


def _in_chunks(rows: "QuerySet[Project]") -> Iterator[Row]:
    start, found = 0, list(rows[:CHUNK])
    while found:
        yield from matrix_rows(found)
        start += CHUNK
        found = list(rows[start : start + CHUNK]) if len(found) == CHUNK else []


def _line(row: Row, stages: Sequence[str]) -> Sequence[Any]:
    project, now = row.project, next((one for one in row.cells if one.state == "now"), None)
    passed = {one.stage: one.on for one in row.cells if one.state in {"done", "before"}}
    return [
        project.key,
        row.name,
        row.level,
        project.get_state_display(),
        project.get_health_display(),
        now.name if now else "",
        VERDICT_NAMES.get(now.chip.verdict, "") if now and now.chip else "",
        now.chip.count if now and now.chip else "",
        row.go_live.planned_on,
        row.go_live.forecast_on,
        row.go_live.live_on,
        *(passed.get(stage) for stage in stages),
    ]
