"""A project on one page, in a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actor import Actor
from common.days import between
from common.texts import localised
from lifecycle.criteria import Readiness, wording
from lifecycle.criteria.forecast import forecast
from lifecycle.criteria.wording.shapes import role_name
from lifecycle.models import Process, Rework, Stage
from lifecycle.models.definition import StageDefinition
from lifecycle.selectors import planned, readiness
from overview.models import Outlook
from overview.selectors.outlooks import LEVEL_NAMES, RUNNING
from overview.selectors.portfolio import HIGH
from overview.selectors.project.headline import Headline, Tag, facts_of, headline, health_tag
from overview.selectors.project.people import People, people_of
from overview.selectors.project.stepper import Stepper, stepper_of
from overview.selectors.project.value import GoalRow, Money, goal_rows, money_of
from projects.models import Action, BudgetLine, Goal, Membership, ProgressEntry, Project, Spend
from risks.models import Risk

SHOWN = 5


@dataclass(frozen=True, slots=True)
class LogLine:
    day: date
    tag: Tag
    text: str
    who: str


@dataclass(frozen=True, slots=True)
class NextStep:
    on: date
    text: str
    detail: str
    url: str
    late: bool


@dataclass(frozen=True, slots=True)
class RiskRow:
    title: str
    plan: str
    url: str
    tag: Tag


@dataclass(frozen=True, slots=True)
class ProjectPage:
    project: Project
    level: str
    level_confirmed: bool
    stage: Stage | None
    headline: Headline
    stepper: Stepper
    goals: tuple[GoalRow, ...]
    money: Money | None
    log: tuple[LogLine, ...]
    next: tuple[NextStep, ...]
    risks: tuple[RiskRow, ...]
    open_risks: int
    unaccepted: int
    people: People


def page_of(project: Project, *, actor: Actor, today: date) -> ProjectPage:
    """Everything the overview shows of a project that `actor` sees."""
    process = Process.objects.get(project=project)
    stages = _stages(project, process)
    stage = next((one for one in stages if one.is_current), None)
    answer = readiness(stage, today=today) if stage else None
    money = _money(project, stages, today)
    goals = list(Goal.objects.visible_to(actor).filter(project=project))
    members = list(
        Membership.objects.visible_to(actor)
        .filter(project=project)
        .select_related("user")
        .prefetch_related("functions")
    )
    risks = _risks(project, actor, today)
    loops = Rework.objects.filter(review__stage__process=process).order_by("-started_on", "-pk")
    go_live = forecast(planned(stages), today=today) if project.state in RUNNING else None
    facts = facts_of(
        project,
        answer,
        go_live=go_live,
        slip=_slip(go_live, stages),
        planned=money.planned if money else Decimal(0),
        spent=money.spent if money else Decimal(0),
        today=today,
    )
    return ProjectPage(
        project=project,
        level=str(LEVEL_NAMES[process.level]),
        level_confirmed=process.level_confirmed,
        stage=stage,
        headline=headline(project, stage, answer, facts),
        stepper=stepper_of(project, stages, list(loops), memo(project, answer), today),
        goals=tuple(goal_rows(goals)),
        money=money,
        log=tuple(_log(project, actor)),
        next=tuple(_next(project, stages, answer, actor, goals, today)),
        risks=tuple(_risk_row(risk, project) for risk in risks[:3]),
        open_risks=len(risks),
        unaccepted=sum(1 for risk in risks if _needs_acceptance(risk)),
        people=people_of(members, stage, process.level),
    )


def memo(project: Project, answer: Readiness | None) -> Outlook | None:
    """An outlook of the live answer: on this page nothing is remembered."""
    if answer is None:
        return None
    return Outlook(
        project=project,
        verdict=answer.verdict.value,
        stage=answer.facts.stage,
        blockers=[{"code": blocker.code, "weight": blocker.weight.value} for blocker in answer.blockers],
    )


def _stages(project: Project, process: Process) -> list[Stage]:
    rows = list(Stage.objects.newest().filter(process=process).with_process().order_by("position"))
    for row in rows:
        row.process = rows[0].process
        row.process.project = project
    return rows


def _slip(go_live: date | None, stages: Sequence[Stage]) -> int:
    way = [stage for stage in stages if not stage.definition.recurring]
    if not go_live or not way or not way[-1].due_on:
        return 0
    return between(way[-1].due_on, go_live)


def _money(project: Project, stages: Sequence[Stage], today: date) -> Money | None:
    lines = list(BudgetLine.objects.filter(project=project).with_spend())
    spends = list(Spend.objects.filter(line__project=project).order_by("day", "pk")) if lines else []
    days = [day for day in (project.target_on, *(stage.due_on for stage in stages)) if day]
    return money_of(project, lines, spends, today, end=max(days, default=today))


def _risks(project: Project, actor: Actor, today: date) -> list[Risk]:
    rows = Risk.objects.visible_to(actor).filter(project=project).open().with_score().with_acceptance(today)
    return list(rows.order_by(F("current_score").desc(), "pk"))


def _needs_acceptance(risk: Risk) -> bool:
    return risk.current["score"] >= HIGH and not risk.accepted  # type: ignore[attr-defined]  # annotated


def _risk_row(risk: Risk, project: Project) -> RiskRow:
    rating = risk.current
    tone = {"critical": ("fail", "fail"), "high": ("stale", "risk")}.get(rating["level"], ("none", "open"))
    words = {"critical": _("critical"), "high": _("high"), "medium": _("medium"), "low": _("low")}
    text = f"{rating['score']} {words[rating['level']]}"
    plan = (
        _("accepted by nobody") if _needs_acceptance(risk) else Truncator(risk.treatment_plan.split("\n")[0]).words(10)
    )
    url = f"/risks/{risk.pk}/"
    return RiskRow(risk.display_title, plan, url, Tag(text, tone[0], tone[1]))


def _log(project: Project, actor: Actor) -> list[LogLine]:
    rows = ProgressEntry.objects.visible_to(actor).filter(project=project).select_related("written_by")[:4]
    return [LogLine(row.day, health_tag(row.health), row.text, row.written_by.display_name) for row in rows]


def _next(
    project: Project,
    stages: Sequence[Stage],
    answer: Readiness | None,
    actor: Actor,
    goals: Sequence[Goal],
    today: date,
) -> list[NextStep]:
    """What is due next: what stands in the way, actions, the gate, the stage after, the goals."""
    found = [*_steps_of_gate(project, stages, answer, today)]
    actions = Action.objects.visible_to(actor).filter(project=project).open().select_related("owner")[:SHOWN]
    log = f"/projects/{project.key}/log/"
    found += [NextStep(row.due_on, row.text, row.owner.display_name, log, row.due_on < today) for row in actions]
    dated = sorted({goal.by for goal in goals if goal.by and goal.by >= today})
    if dated:
        found.append(NextStep(dated[0], _("Goals are measured"), "", f"/projects/{project.key}/", late=False))
    return sorted(found, key=lambda step: step.on)[: SHOWN + 1]


def _steps_of_gate(project: Project, stages: Sequence[Stage], answer: Readiness | None, today: date) -> list[NextStep]:
    stage = next((one for one in stages if one.is_current), None)
    if stage is None or answer is None or project.state not in RUNNING:
        return []
    url, found = answer.facts.url, []
    checks = {one.check.key: one.check for one in answer.checks}
    for blocker in answer.blockers:
        check = checks.get(blocker.check or "")
        due = (check.due_on if check else None) or stage.due_on
        # A condition is an action, and stands among those.
        if due and blocker.kind != "condition":
            who = (check.assignee_name if check else "") or ", ".join(map(role_name, blocker.who))
            found.append(NextStep(due, wording.title(blocker), who, f"{url}#check-{blocker.check}", due < today))
    if stage.due_on:
        votes = _votes_needed(answer)
        name = localised(stage.definition.gate_name)
        found.append(NextStep(stage.due_on, name, votes, url, stage.due_on < today))
    found += _stage_after(project, stage, stages)
    return sorted(found, key=lambda step: step.on)[:SHOWN]


def _votes_needed(answer: Readiness) -> str:
    needed = answer.votes_needed
    if answer.votes:
        return ngettext("%(n)s more vote is needed", "%(n)s more votes are needed", needed) % {"n": needed}
    return ngettext("%(n)s vote is needed", "%(n)s votes are needed", needed) % {"n": needed}


def _stage_after(project: Project, stage: Stage, stages: Sequence[Stage]) -> list[NextStep]:
    after = next((one for one in stages if one.position > stage.position and one.starts_on), None)
    if after is None or after.starts_on is None:
        return []
    said = _("%(stage)s starts") % {"stage": localised(after.definition.name)}
    url = f"/projects/{project.key}/gates/{after.key}/"
    return [NextStep(after.starts_on, said, _cadence(after.definition), url, late=False)]


def _cadence(definition: StageDefinition) -> str:
    days = definition.cycle_days
    return ngettext("Review every %(n)s day", "Review every %(n)s days", days) % {"n": days} if days else ""
