"""The stages of a project as the stepper draws them, with the loop that brought it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.days import between, passed
from common.templatetags.eightgate import day
from common.texts import localised
from lifecycle.models import Decision, Rework, Stage, StageState
from lifecycle.models.definition import StageDefinition
from overview.models import Outlook
from overview.selectors.matrix import short_name
from overview.selectors.outlooks import RUNNING, chip
from overview.selectors.project.headline import Tag
from projects.models import Project

TONES = {"go": "pass", "conditional_go": "pass", "hold": "none", "recycle": "stale", "kill": "fail"}
# From this column on the words of a loop stand left of it, or they would leave the page.
RIGHT = 6


@dataclass(frozen=True, slots=True)
class Step:
    number: int
    name: str
    url: str
    state: str
    label: str
    tone: str = ""
    tag: Tag | None = None
    lines: tuple[str, ...] = ()
    strong: str = ""
    here: bool = False


@dataclass(frozen=True, slots=True)
class Arc:
    start: int
    span: int
    why: str
    left: bool


@dataclass(frozen=True, slots=True)
class Stepper:
    """The shape of components/_stepper.html."""

    count: int
    steps: tuple[Step, ...]
    arc: Arc | None = None
    earlier: int = 0
    earlier_url: str = ""


def stepper_of(
    project: Project, stages: Sequence[Stage], loops: Sequence[Rework], outlook: Outlook | None, today: date
) -> Stepper:
    """`stages` are the latest iterations in order; `loops` come newest first."""
    places = {stage.key: number for number, stage in enumerate(stages, 1)}
    steps = tuple(_step(project, stage, outlook, today) for stage in stages)
    return Stepper(
        count=len(steps),
        steps=steps,
        arc=_arc(loops[0], places, today) if loops else None,
        earlier=max(len(loops) - 1, 0),
        earlier_url=f"/projects/{project.key}/stages/",
    )


def _arc(loop: Rework, places: dict[str, int], today: date) -> Arc | None:
    first, last = places.get(loop.to_stage), places.get(loop.from_stage)
    if not first or not last:
        return None
    words = {"day": day(loop.started_on, today), "why": loop.get_reason_display().lower()}
    return Arc(first, max(last - first, 0), _("recycled %(day)s: %(why)s") % words, first >= RIGHT)


def _step(project: Project, stage: Stage, outlook: Outlook | None, today: date) -> Step:
    definition = stage.definition
    name, url = short_name(definition), f"/projects/{project.key}/gates/{stage.key}/"
    if stage.is_current and project.state in RUNNING:
        shown = chip(project, outlook, in_review=stage.state == StageState.IN_REVIEW)
        strong = _("forecast %(day)s") % {"day": day(_forecast(stage, today), today)} if stage.due_on else ""
        tag = Tag(shown.text, shown.verdict, sign=shown.verdict) if shown.text else None
        label = _("now: %(state)s") % {"state": shown.text}
        return Step(
            stage.position, name, url, "now", label, shown.verdict, tag, (*_plan(stage, today), *_run(stage)), strong
        )
    if stage.state == StageState.PASSED_BEFORE:
        return Step(stage.position, name, url, "before", _("passed before"), tag=Tag(_("Before us"), "none"))
    if stage.state == StageState.SKIPPED:
        return Step(stage.position, name, url, "skipped", _("skipped"))
    if stage.ended_at:
        state = "done" if stage.state == StageState.PASSED else "todo"
        lines = (*_plan(stage, today), _done(stage, stage.ended_at.date(), today))
        label = _("passed %(day)s") if state == "done" else _("left %(day)s")
        shown_day = day(stage.ended_at, today)
        return Step(stage.position, name, url, state, label % {"day": shown_day}, tag=_decision(stage), lines=lines)
    return Step(
        stage.position, name, url, "todo", _("not started"), tag=_cycle(definition), lines=tuple(_plan(stage, today))
    )


def _decision(stage: Stage) -> Tag | None:
    if not stage.decision:
        return None
    name = localised(stage.definition.decision_names.get(stage.decision)) or str(Decision(stage.decision).label)
    if stage.iteration > 1:
        name = _("%(decision)s, run %(n)s") % {"decision": name, "n": stage.iteration}
    icon = "met" if TONES[stage.decision] == "pass" else stage.decision
    return Tag(name, TONES[stage.decision], icon)


def _cycle(definition: StageDefinition) -> Tag | None:
    if not definition.recurring or not definition.cycle_days:
        return None
    words = ngettext("Every %(n)s day", "Every %(n)s days", definition.cycle_days)
    return Tag(words % {"n": definition.cycle_days}, "none", "loop")


def _plan(stage: Stage, today: date) -> list[str]:
    return [_("plan %(day)s") % {"day": day(stage.due_on, today)}] if stage.due_on else []


def _run(stage: Stage) -> list[str]:
    return [_("run %(n)s") % {"n": stage.iteration}] if stage.iteration > 1 else []


def _done(stage: Stage, on: date, today: date) -> str:
    done = _("done %(day)s") % {"day": day(on, today)}
    if stage.due_on is None:
        return done
    late = between(stage.due_on, on)
    if late == 0:
        return _("%(done)s, on time") % {"done": done}
    words = _("%(done)s, %(n)s d late") if late > 0 else _("%(done)s, %(n)s d early")
    return words % {"done": done, "n": abs(late)}


def _forecast(stage: Stage, today: date) -> date:
    """A current stage ends as planned, or not before today."""
    due = stage.due_on or today
    return due + timedelta(days=passed(due, today))
