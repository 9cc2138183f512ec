"""Gate reviews: a decided round for each gate that was passed or ended a project, an open one for a stage in review."""

from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any

from common.canonical import digest
from lifecycle.models import Condition, Decision, GateReview, ReviewState, Seat, Vote
from lifecycle.models.templates import definition_of
from overview.services.volume.plan import Plan, checklists
from overview.services.volume.rows import insert, reserve
from overview.services.volume.stages import Opened
from projects.models import Action, ActionSource

REVIEW_COLUMNS = (
    "id", "stage_id", "state", "quorum", "must_include", "separation", "requested_by_id", "requested_at", "packet",
    "document", "decision", "decided_at", "basis",
)  # fmt: skip
DECIDERS = ("sponsor", "risk_officer", "evaluator", "legal_counsel")


def write_reviews(stages: Sequence[Opened]) -> None:
    """Rounds with their seats, their votes and, now and then, a condition that still stands."""
    reviewed = [stage for stage in stages if stage.over or (stage.current and stage.plan.in_review)]
    ids = reserve(GateReview, len(reviewed))
    reviews, seats, votes, conditional = [], [], [], []
    for stage in reviewed:
        review, plan = next(ids), stage.plan
        rules = plan.definition.stages[stage.number - 1].rules[plan.level]
        decision = _decision(stage)
        document, packet = _document(plan.version_id, plan.level, plan.tags, stage.number)
        asked = stage.ended_at - timedelta(days=2) if stage.over else plan.now - timedelta(days=plan.dice.randint(0, 6))
        must, apart = list(rules.must_include), list(rules.separation)
        owner, state = plan.team["project_manager"], ReviewState.DECIDED if stage.over else ReviewState.OPEN
        row = (review, stage.id, state.value, rules.quorum, must, apart, owner, asked, packet, document, decision)
        basis = _basis(document) if stage.over else {}
        reviews.append((*row, stage.ended_at if stage.over else None, basis))
        seats += [(review, role) for role in rules.deciders]
        voters = DECIDERS[: rules.quorum] if stage.over else ()
        votes += [
            (review, plan.team[role], [role], True, decision, "As discussed in the review.", packet, asked)
            for role in voters
        ]
        if decision == Decision.CONDITIONAL_GO:
            conditional.append((review, plan))
    insert(GateReview, REVIEW_COLUMNS, reviews)
    insert(Seat, ("review_id", "role"), seats)
    insert(Vote, ("review_id", "user_id", "roles", "outside", "decision", "rationale", "packet", "cast_at"), votes)
    _write_conditions(conditional)


def _decision(stage: Opened) -> str:
    if not stage.over:
        return ""
    if not stage.passed:
        return Decision.KILL.value
    last = stage.number == stage.plan.position - 1 and not stage.plan.ended
    return (Decision.CONDITIONAL_GO if last and stage.plan.dice.random() < 0.12 else Decision.GO).value


def _write_conditions(conditional: Sequence[tuple[int, Plan]]) -> None:
    ids = reserve(Action, len(conditional))
    actions, conditions = [], []
    for review, plan in conditional:
        action, sponsor = next(ids), plan.team["sponsor"]
        due = plan.now.date() + timedelta(days=plan.dice.randint(-10, 40))
        text = "Repeat the comparison with the newest test set and report it."
        source, owner = ActionSource.CONDITION.value, plan.team["ml_lead"]
        actions.append((action, plan.id, text, owner, due, source, sponsor, plan.now))
        conditions.append((review, action, sponsor))
    columns = ("id", "project_id", "text", "owner_id", "due_on", "source", "created_by_id", "created_at")
    insert(Action, columns, actions)
    insert(Condition, ("review_id", "action_id", "set_by_id"), conditions)


@lru_cache(maxsize=512)
def _document(version_id: int, level: str, tags: tuple[str, ...], number: int) -> tuple[dict[str, Any], str]:
    """What was voted about, and its fingerprint; the same for all projects of a kind, which is what makes it cheap."""
    stage = definition_of(version_id).stages[number - 1]
    checks = [
        {"key": item.key, "required": item.required_for(level, tags), "state": "met"}
        for item in checklists(version_id, level, tags)[number - 1]
    ]
    document = {"stage": stage.key, "level": level, "iteration": 1, "checks": checks, "risks": [], "conditions": []}
    return document, digest(document)


def _basis(document: dict[str, Any]) -> dict[str, Any]:
    same: dict[str, Any] = {"kind": "manual", "limit": None, "value": None, "by": "", "evidence": []}
    required = sum(1 for row in document["checks"] if row["required"])
    return {
        "verdict": "pass",
        "required": required,
        "met": required,
        "subject": {},
        "checks": [row | same for row in document["checks"]],
        "risks": [],
        "conditions": [],
        "blockers": [],
    }
