"""The matrix of stages and projects: one row a project, one cell a stage."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from common.texts import language, localised
from lifecycle.models import Process, Stage, StageState
from lifecycle.models.definition import StageDefinition
from overview.models import Outlook
from overview.selectors.outlooks import LEVEL_NAMES, RUNNING, Chip, chip
from projects.models import HoldPeriod, Project

DONE = {StageState.PASSED, StageState.PASSED_BEFORE, StageState.SKIPPED}


@dataclass(frozen=True, slots=True)
class Column:
    """A stage of the process, and the sign of each project that is in it now."""

    key: str
    number: int
    name: str
    squares: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """`state`: done, before (passed before Eightgate), now, skipped, closed or todo."""

    stage: str
    name: str
    state: str
    url: str = ""
    on: date | None = None
    run: int = 1
    chip: Chip | None = None


@dataclass(frozen=True, slots=True)
class GoLive:
    planned_on: date | None
    forecast_on: date | None
    live_on: date | None
    slip: int
    held_until: date | None = None


@dataclass(frozen=True, slots=True)
class Row:
    project: Project
    name: str
    level: str
    run: int
    cells: tuple[Cell, ...]
    go_live: GoLive


def columns(squares: dict[str, tuple[str, ...]], definitions: Sequence[StageDefinition]) -> list[Column]:
    """The heads of the matrix; a stage with many projects shows their number instead of squares."""
    return [Column(stage.key, stage.position, short_name(stage), squares.get(stage.key, ())) for stage in definitions]


def short_name(stage: StageDefinition) -> str:
    """The stage in one word where its name has several: English keys of the built-in templates are such words."""
    name = localised(stage.name)
    word = stage.key.replace("_", " ").capitalize()
    return word if language() == "en" and name == stage.name.get("en") and len(word) < len(name) else name


def matrix_rows(projects: Sequence[Project]) -> list[Row]:
    """The rows of these projects, each with its process's stages. Three queries, however many projects."""
    processes = {process.project_id: process for process in Process.objects.filter(project__in=projects)}
    held = dict(HoldPeriod.objects.running().filter(project__in=projects).values_list("project_id", "until"))
    stages: dict[int, dict[str, Stage]] = {}
    for stage in Stage.objects.newest().filter(process__in=processes.values()).order_by("position"):
        stages.setdefault(stage.process_id, {})[stage.key] = stage
    rows = []
    for project in projects:
        process = processes.get(project.pk)
        found = stages.get(process.pk, {}) if process else {}
        rows.append(_row(project, process, found, held.get(project.pk)))
    return rows


def _row(project: Project, process: Process | None, stages: dict[str, Stage], held_until: date | None) -> Row:
    outlook = outlook_of(project)
    definitions = process.definition.stages if process else ()
    cells = tuple(_cell(project, stages.get(definition.key), definition, outlook) for definition in definitions)
    return Row(
        project=project,
        name=project.display_name,
        level=str(LEVEL_NAMES[process.level]) if process else "",
        run=max((cell.run for cell in cells if cell.state == "now"), default=1),
        cells=cells,
        go_live=GoLive(
            planned_on=outlook.planned_on if outlook else None,
            forecast_on=outlook.forecast_on if outlook else None,
            live_on=outlook.live_on if outlook else None,
            slip=outlook.slip if outlook else 0,
            held_until=held_until,
        ),
    )


def _cell(project: Project, stage: Stage | None, definition: StageDefinition, outlook: Outlook | None) -> Cell:
    url, name = f"/projects/{project.key}/gates/{definition.key}/", short_name(definition)
    if stage is None:
        return Cell(definition.key, name, "todo")
    if stage.is_current and project.state in RUNNING:
        shown = chip(project, outlook, in_review=stage.state == StageState.IN_REVIEW)
        return Cell(definition.key, name, "now", url, stage.due_on, stage.iteration, shown)
    if stage.state in DONE:
        state = {StageState.PASSED_BEFORE: "before", StageState.SKIPPED: "skipped"}.get(StageState(stage.state), "done")
        return Cell(definition.key, name, state, url, _ended(stage), stage.iteration)
    if stage.state == StageState.CLOSED:
        return Cell(definition.key, name, "closed", url, _ended(stage), stage.iteration)
    return Cell(definition.key, name, "todo", run=stage.iteration)


def _ended(stage: Stage) -> date | None:
    return stage.ended_at.date() if stage.ended_at else None


def outlook_of(project: Project) -> Outlook | None:
    """The memo of a project of a `board`; None before it was asked."""
    return getattr(project, "outlook", None)
