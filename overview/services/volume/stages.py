"""Stages and their checklists, with answers and proofs as far as the project has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lifecycle.models import Answer, Check, CheckEvidence, Item, Stage, StageState
from overview.services.volume.plan import Plan
from overview.services.volume.rows import Row, insert, reserve
from records.models import Evidence

CHECK_COLUMNS = (
    "id", "stage_id", "key", "kind", "position", "required", "metric", "slice", "min_sample", "answer", "assignee_id",
    "due_on", "answered_by_id", "answered_at", "subject",
)  # fmt: skip
EVIDENCE_COLUMNS = (
    "id", "project_id", "title", "url", "subject", "effective_at", "valid_until", "supplied_by_id", "supplied_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opened:
    """A stage as it is written: `over` once it was left, `current` while it runs."""

    id: int
    plan: Plan
    number: int
    over: bool
    current: bool

    @property
    def items(self) -> tuple[Item, ...]:
        return self.plan.checklists[self.number - 1]

    @property
    def began(self) -> datetime:
        return self.plan.begun[self.number - 1]

    @property
    def passed(self) -> bool:
        return self.over and self.number < self.plan.position

    @property
    def ended_at(self) -> datetime:
        """The day the next one begins; of a project that ended here, yesterday."""
        return self.plan.begun[self.number] if self.passed else self.plan.now - timedelta(days=1)


def write_stages(plans: Sequence[Plan]) -> list[Opened]:
    """Eight stages a project with all checks; returns them for the gates."""
    ids = reserve(Stage, sum(len(plan.definition.stages) for plan in plans))
    opened = [
        Opened(next(ids), plan, number, number < plan.position + plan.ended, number == plan.position and not plan.ended)
        for plan in plans
        for number in range(1, len(plan.definition.stages) + 1)
    ]
    insert(
        Stage,
        (
            "id", "process_id", "key", "position", "state", "starts_on", "due_on", "opened_at", "started_at",
            "ended_at", "decision",
        ),
        map(_stage, opened),
    )  # fmt: skip
    _write_checks(opened)
    return opened


def _stage(stage: Opened) -> Row:
    plan, definition = stage.plan, stage.plan.definition.stages[stage.number - 1]
    state, decision = StageState.PENDING, ""
    if stage.over:
        state, decision = (StageState.PASSED, "go") if stage.passed else (StageState.CLOSED, "kill")
    elif stage.current:
        state = StageState.IN_REVIEW if plan.in_review else StageState.ACTIVE
    begun = stage.over or stage.current
    return (
        stage.id,
        plan.process_id,
        definition.key,
        definition.position,
        state.value,
        stage.began.date(),
        plan.begun[stage.number].date(),
        plan.created_at,
        stage.began if begun else None,
        stage.ended_at if stage.over else None,
        decision,
    )


def _write_checks(stages: Sequence[Opened]) -> None:
    ids = reserve(Check, sum(len(stage.items) for stage in stages))
    checks: list[Row] = []
    proven: list[tuple[int, Opened, Item]] = []
    for stage in stages:
        for position, item in enumerate(stage.items):
            check, done = next(ids), _is_done(stage, item)
            checks.append(_check(check, stage, item, position, done=done))
            if done and item.kind == "evidence":
                proven.append((check, stage, item))
    insert(Check, CHECK_COLUMNS, checks)
    proofs = reserve(Evidence, len(proven))
    numbered = [(next(proofs), *row) for row in proven]
    insert(Evidence, EVIDENCE_COLUMNS, (_evidence(proof, stage, item) for proof, _, stage, item in numbered))
    insert(CheckEvidence, ("check_row_id", "evidence_id"), ((check, proof) for proof, check, _, _ in numbered))


def _is_done(stage: Opened, item: Item) -> bool:
    """What was passed is done; of the current stage most, of an open round all; of later stages hardly anything."""
    required = item.required_for(stage.plan.level, stage.plan.tags)
    if stage.passed or (stage.current and stage.plan.in_review):
        return required or stage.plan.dice.random() < 0.5
    return stage.plan.dice.random() < (0.65 if stage.current or stage.over else 0.03)


def _check(check: int, stage: Opened, item: Item, position: int, *, done: bool) -> Row:
    plan, rule = stage.plan, item.criterion
    answered = done and item.kind in {"manual", "approval"}
    assigned = not done and not stage.over and plan.dice.random() < (0.7 if stage.current else 0.1)
    by: Any = None
    if answered:
        by = plan.team.get(rule["role"], plan.team["sponsor"]) if item.kind == "approval" else plan.worker()
    return (
        check,
        stage.id,
        item.key,
        item.kind,
        position,
        item.required_for(plan.level, plan.tags),
        rule["key"] if item.kind == "metric" else "",
        rule.get("slice", ""),
        rule.get("min_sample", 0),
        (Answer.MET if answered else Answer.OPEN).value,
        plan.worker() if assigned else None,
        plan.begun[stage.number].date() if assigned else None,
        by,
        min(stage.began + timedelta(hours=5), plan.now) if answered else None,
        _made_for(stage, item) if answered else {},
    )


def _made_for(stage: Opened, item: Item) -> dict[str, str]:
    """The parts that matter; one proof in twelve was made for the model before."""
    subject = stage.plan.earlier if stage.plan.dice.random() < 0.08 else stage.plan.subject
    return {part: subject[part] for part in item.depends_on if part in subject}


def _evidence(proof: int, stage: Opened, item: Item) -> Row:
    plan = stage.plan
    supplied = min(stage.began + timedelta(hours=plan.dice.randint(1, 90)), plan.now)
    until = plan.now.date() + timedelta(days=plan.dice.randint(-10, 300)) if plan.dice.random() < 0.2 else None
    title = f"{item.key.replace('_', ' ').capitalize()} of {plan.key}"
    url = f"https://docs.example.org/{plan.key.lower()}/{item.key}"
    return proof, plan.id, title, url, _made_for(stage, item), supplied, until, plan.worker(), supplied
