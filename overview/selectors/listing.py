"""Rows of the list of projects: where each stands, in one line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from lifecycle.models import Process, Stage, StageState
from overview.selectors.matrix import DONE, outlook_of, short_name
from overview.selectors.outlooks import LEVEL_NAMES, RUNNING, Chip, chip
from overview.selectors.project.headline import Tag, health_tag
from projects.models import Membership, Project


@dataclass(frozen=True, slots=True)
class Mini:
    """The shape of components/_mini_stepper.html."""

    label: str
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListRow:
    key: str
    name: str
    url: str
    private: bool
    level: str
    stage: str
    gate_url: str
    mini: Mini
    chip: Chip
    health: Tag
    due_on: date | None
    late: bool
    owners: str


def list_rows(projects: Sequence[Project], *, today: date) -> list[ListRow]:
    """The rows of these projects of a `board`. Three queries, however many projects."""
    processes = {process.project_id: process for process in Process.objects.filter(project__in=projects)}
    stages: dict[int, list[Stage]] = {}
    for stage in Stage.objects.newest().filter(process__in=processes.values()).order_by("position"):
        stages.setdefault(stage.process_id, []).append(stage)
    owners: dict[int, list[str]] = {}
    for member in Membership.objects.owners().filter(project__in=projects).select_related("user"):
        owners.setdefault(member.project_id, []).append(member.user.display_name)
    rows = []
    for project in projects:
        process = processes.get(project.pk)
        found = stages.get(process.pk, []) if process else []
        rows.append(_row(project, process, found, owners.get(project.pk, []), today))
    return rows


def _row(
    project: Project, process: Process | None, stages: Sequence[Stage], owners: Sequence[str], today: date
) -> ListRow:
    current = next((stage for stage in stages if stage.is_current and project.state in RUNNING), None)
    shown = chip(project, outlook_of(project), in_review=bool(current and current.state == StageState.IN_REVIEW))
    name = short_name(process.definition.by_key[current.key]) if process and current else ""
    due = current.due_on if current else None
    url = f"/projects/{project.key}/"
    return ListRow(
        key=project.key,
        name=project.display_name,
        url=url,
        private=project.visibility == "private",
        level=str(LEVEL_NAMES[process.level]) if process else "",
        stage=name,
        gate_url=f"{url}gates/{current.key}/" if current else url,
        mini=_mini(stages, current, shown, name),
        chip=shown,
        health=health_tag(project.health),
        due_on=due,
        late=bool(due and due < today and project.state == "active"),
        owners=", ".join(owners),
    )


def _mini(stages: Sequence[Stage], current: Stage | None, shown: Chip, name: str) -> Mini:
    marks = tuple(_mark(stage, current, shown) for stage in stages)
    if current is None:
        return Mini(shown.text or _("No stage"), marks)
    words = {"n": current.position, "count": len(stages), "name": name}
    return Mini(_("Stage %(n)s of %(count)s, %(name)s") % words, marks)


def _mark(stage: Stage, current: Stage | None, shown: Chip) -> str:
    if stage is current:
        return f"now eg-{shown.verdict}"
    if stage.state == StageState.PASSED_BEFORE:
        return "before"
    return "done" if stage.state in DONE else ""
