"""What criteria read besides answers: subjects, measured results, risks and their acceptances, assessments."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from common import content
from common.days import between
from lifecycle.models import Item
from overview.services.volume.plan import Plan
from overview.services.volume.rows import Row, insert, reserve
from overview.services.volume.stages import Opened
from records.models import MetricResult, Subject, SubjectValue
from risks.models import Acceptance, Assessment, AssessmentSignature, AssessmentState, Risk

RESULTS, RISKS = 100, 10
RESULT_COLUMNS = (
    "project_id", "metric", "run_id", "slice", "value", "n", "model", "dataset", "prompt", "measured_at",
    "recorded_by_id", "recorded_at",
)  # fmt: skip
RISK_COLUMNS = (
    "id", "project_id", "library", "title", "category", "owner_id", "state", "inherent_likelihood", "inherent_impact",
    "current_likelihood", "current_impact", "scored_at", "created_by_id", "created_at", "closed_at",
)  # fmt: skip
SCORES, WEIGHTS = (1, 2, 3, 4, 5), (20, 34, 30, 12, 4)
TO_ACCEPT = 10


def write_records(plans: Sequence[Plan]) -> None:
    insert(
        Subject,
        ("project_id", "model", "dataset", "prompt"),
        ((plan.id, plan.subject["model"], plan.subject["dataset"], plan.subject["prompt"]) for plan in plans),
    )
    insert(
        SubjectValue,
        ("project_id", "part", "value", "since"),
        ((plan.id, part, value, plan.created_at) for plan in plans for part, value in plan.subject.items()),
    )
    insert(MetricResult, RESULT_COLUMNS, (row for plan in plans for row in _results(plan)))
    _write_risks(plans)


def _results(plan: Plan) -> Iterator[Row]:
    """A hundred results: run after run over the metrics of the stages reached, the last runs of today's model."""
    metrics = _metrics(plan, plan.position) or _metrics(plan, len(plan.checklists))
    runs = -(-RESULTS // len(metrics))
    first, days = plan.created_at, max(between(plan.created_at, plan.now), 1)
    # In one project of twelve the model has moved on since the last run.
    newest = plan.earlier if plan.dice.random() < 0.08 else plan.subject
    for number in range(RESULTS):
        run, item = number // len(metrics), metrics[number % len(metrics)]
        subject, rule = newest if run >= runs - 2 else plan.earlier, item.criterion
        measured = first + timedelta(days=days * run / runs, minutes=number)
        yield (
            plan.id,
            rule["key"],
            f"run-{run:04}",
            rule.get("slice", ""),
            _value(plan, item),
            max(400, rule.get("min_sample", 0)),
            subject["model"],
            subject["dataset"],
            subject["prompt"],
            measured,
            plan.team["ml_lead"],
            measured,
        )


def _metrics(plan: Plan, position: int) -> list[Item]:
    return [item for items in plan.checklists[:position] for item in items if item.kind == "metric"]


def _value(plan: Plan, item: Item) -> float:
    """Nine times of ten within its limit."""
    threshold = float(item.criterion["threshold"])
    better = 1 if item.criterion["operator"] == ">=" else -1
    side = better if plan.dice.random() < 0.9 else -better
    return round(threshold + side * abs(threshold) * plan.dice.uniform(0.001, 0.2), 4)


def _write_risks(plans: Sequence[Plan]) -> None:
    library = list(content.library_risks().values())
    ids = reserve(Risk, RISKS * len(plans))
    risks, acceptances = [], []
    for plan in plans:
        for number in range(RISKS):
            risk, entry = next(ids), library[(plan.number * 3 + number) % len(library)]
            likelihood, impact = plan.dice.choices(SCORES, WEIGHTS, k=2)
            closed = plan.dice.random() < 0.2
            scored = plan.now - timedelta(days=plan.dice.randint(0, 100))
            risks.append(
                (
                    risk, plan.id, entry["key"], entry["name"]["en"], entry["category"], plan.worker(),
                    "closed" if closed else "open", min(likelihood + 1, 5), impact, likelihood, impact, scored,
                    plan.team["project_manager"], plan.created_at, plan.now if closed else None,
                )
            )  # fmt: skip
            if likelihood * impact >= TO_ACCEPT and not closed and plan.dice.random() < 0.6:
                acceptances.append(_acceptance(plan, risk, likelihood * impact))
    insert(Risk, RISK_COLUMNS, risks)
    columns = (
        "risk_id", "score", "plan", "until", "accepted_by_id", "accepted_as", "accepted_at", "second_by_id",
        "second_as", "complete",
    )  # fmt: skip
    insert(Acceptance, columns, acceptances)


def _acceptance(plan: Plan, risk: int, score: int) -> Row:
    until = plan.now.date() + timedelta(days=plan.dice.randint(-20, 330))
    officer, sponsor = plan.team["risk_officer"], plan.team["sponsor"]
    return risk, score, "Watched weekly.", until, officer, "risk_officer", plan.now, sponsor, "sponsor", True


def write_assessments(stages: Sequence[Opened]) -> None:
    """The questionnaires of the stages that were passed, and half of those of the current one, all approved."""
    filled = [
        (stage, item.criterion["assessment"])
        for stage in stages
        for item in stage.items
        if item.kind == "assessment" and (stage.passed or (stage.current and stage.plan.dice.random() < 0.5))
    ]
    ids = reserve(Assessment, len(filled))
    rows, signatures, fillers = [], [], []
    for stage, key in filled:
        assessment, plan, by = next(ids), stage.plan, stage.plan.worker()
        expires = plan.now.date() + timedelta(days=plan.dice.randint(-15, 350))
        at = stage.began
        rows.append((assessment, plan.id, key, AssessmentState.APPROVED.value, 91.0, True, by, at, at, expires))
        fillers.append((assessment, by))
        approvers = content.questionnaires()[key]["approves"]
        signatures += [(assessment, role, plan.team.get(role, plan.team["sponsor"]), at) for role in approvers]
    columns = (
        "id", "project_id", "key", "state", "percent", "passes", "filled_by_id", "filled_at", "approved_at",
        "expires_on",
    )  # fmt: skip
    insert(Assessment, columns, rows)
    insert(Assessment.fillers.through, ("assessment_id", "user_id"), fillers)
    insert(AssessmentSignature, ("assessment_id", "role", "signed_by_id", "signed_at"), signatures)
