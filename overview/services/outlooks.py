from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from common.days import between
from lifecycle.criteria import Blocker, CheckFacts, Readiness
from lifecycle.criteria.forecast import forecast
from lifecycle.models import Stage
from lifecycle.selectors import planned, readiness_of
from overview.models import Outlook
from overview.selectors.outlooks import AT_ONCE, behind, board, head
from projects.models import Project

FIELDS = [field.name for field in Outlook._meta.concrete_fields if field.name != "project"]


@dataclass(frozen=True, slots=True)
class GoLive:
    """The last stage before maintenance: as planned, as it looks today, or the day it passed; `slip` in days."""

    planned_on: date | None = None
    forecast_on: date | None = None
    live_on: date | None = None
    slip: int = 0


def refresh_outlooks(*, projects: "QuerySet[Project]", now: datetime, limit: int = AT_ONCE) -> int:
    """Ask the current gates of those `projects` anew whose memo no longer holds, at most `limit`; returns how many.

    The journal's number is read before the facts: a change in between leaves a memo that does not hold, never one that
    holds and is wrong. Two callers at once write the same. It records nothing, since a memo tells nothing new.
    """
    today = now.date()
    seq = head()
    ids = list(behind(board(projects), today).order_by("pk").values_list("pk", flat=True)[:limit])
    if not ids:
        return 0
    stages = list(Stage.objects.current().filter(process__project__in=ids).with_process())
    answers = readiness_of(stages, today=today)
    expected = _go_lives(stages, today)
    rows = [_memo(answers[stage.pk], seq, expected[stage.process_id], today) for stage in stages]
    Outlook.objects.bulk_create(rows, update_conflicts=True, unique_fields=["project"], update_fields=FIELDS)
    return len(rows)


def _memo(answer: Readiness, seq: int, expected: GoLive, today: date) -> Outlook:
    checks = {one.check.key: one.check for one in answer.checks}
    return Outlook(
        project_id=answer.facts.project_id,
        seq=seq,
        day=today,
        verdict=answer.verdict.value,
        stage=answer.facts.stage,
        required=answer.required,
        met=answer.met,
        blockers=[_blocker(blocker, checks.get(blocker.check or "")) for blocker in answer.blockers],
        optional=[
            {"check": key, "kind": checks[key].kind, "assignee": checks[key].assignee, "who": []}
            for key in answer.optional_open
            if checks[key].assignee
        ],
        planned_on=expected.planned_on,
        forecast_on=expected.forecast_on,
        live_on=expected.live_on,
        slip=expected.slip,
    )


def _blocker(blocker: Blocker, check: CheckFacts | None) -> dict[str, Any]:
    return {
        "check": blocker.check,
        "kind": blocker.kind,
        "code": blocker.code,
        "weight": blocker.weight.value,
        "who": list(blocker.who),
        "assignee": check.assignee if check else None,
    }


def _go_lives(stages: Sequence[Stage], today: date) -> dict[int, GoLive]:
    """When each process goes live, by its id. One query."""
    latest: dict[int, list[Stage]] = {stage.process_id: [] for stage in stages}
    processes = {stage.process_id: stage.process for stage in stages}
    for row in Stage.objects.newest().filter(process__in=list(latest)).order_by("position"):
        row.process = processes[row.process_id]
        latest[row.process_id].append(row)
    return {process_id: _go_live(rows, today) for process_id, rows in latest.items()}


def _go_live(rows: Sequence[Stage], today: date) -> GoLive:
    way = [row for row in rows if not row.definition.recurring]
    if not way:
        return GoLive()
    last, expected = way[-1], forecast(planned(rows), today=today)
    if last.ended_at:
        return GoLive(last.due_on, last.ended_at.date(), last.ended_at.date())
    slip = between(last.due_on, expected) if expected and last.due_on else 0
    return GoLive(last.due_on, expected, None, slip)
