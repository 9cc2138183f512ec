"""The projects themselves: their data, their people, their money."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal

from lifecycle.models import Process
from overview.services.volume.plan import TEAM, WORK, Plan
from overview.services.volume.rows import Row, insert, reserve
from projects.models import (
    BudgetLine,
    FunctionalRole,
    Health,
    HoldPeriod,
    Membership,
    Project,
    ProjectState,
    ProjectTag,
    Spend,
)

WORDS = ("Ranking", "Readmission", "Contract", "Fraud", "Demand", "Support", "Claims", "Search", "Quality", "Routing")
KINDS = ("model", "assistant", "classifier", "forecast", "summaries")
OBJECTIVE = "Bring {name} into use so that people spend less time on routine cases, and show by figures that it holds."


def write_projects(plans: Sequence[Plan]) -> None:
    """Rows of everything that hangs on a project and knows no gate."""
    insert(
        Project,
        (
            "id", "key", "name", "objective", "portfolio_id", "visibility", "state", "state_before_archive", "health",
            "starts_on", "target_on", "expected_value", "industry", "created_at",
        ),
        map(_project, plans),
    )  # fmt: skip
    insert(
        Process,
        ("id", "project_id", "template_version_id", "template_key", "level", "level_confirmed", "started_at"),
        (
            (plan.process_id, plan.id, plan.version_id, plan.definition.key, plan.level, True, plan.created_at)
            for plan in plans
        ),
    )
    insert(ProjectTag, ("project_id", "key"), ((plan.id, tag) for plan in plans for tag in plan.tags))
    insert(
        HoldPeriod,
        ("project_id", "reason", "started_on", "until", "held_by_id"),
        (
            (
                plan.id,
                "Waiting for the budget of the next quarter.",
                plan.now.date() - timedelta(days=20),
                plan.now.date() + timedelta(days=plan.dice.randint(5, 60)),
                plan.team["sponsor"],
            )
            for plan in plans
            if plan.state == ProjectState.ON_HOLD
        ),
    )
    _write_members(plans)
    _write_money(plans)


def _project(plan: Plan) -> Row:
    name = f"{plan.dice.choice(WORDS)} {plan.dice.choice(KINDS)} {plan.number}"
    health = plan.dice.choices(Health.values, (70, 20, 10))[0]
    return (
        plan.id,
        plan.key,
        name,
        OBJECTIVE.format(name=name),
        plan.portfolio_id,
        "private" if plan.dice.random() < 0.1 else "internal",
        plan.state,
        "killed" if plan.state == ProjectState.ARCHIVED else "",
        health,
        plan.created_at.date(),
        plan.target_on,
        Decimal(plan.dice.randint(50, 900)) * 1000,
        plan.dice.choice(("health", "finance", "retail", "public_sector", "manufacturing")),
        plan.created_at,
    )


def _write_members(plans: Sequence[Plan]) -> None:
    """The team, of whom the project manager is the owner; the others decide from outside."""
    ids = reserve(Membership, len(plans) * len(TEAM))
    members, roles = [], []
    for plan in plans:
        for role, user in plan.team.items():
            member, works = next(ids), role in WORK
            members.append((member, plan.id, user, role == "project_manager", works, not works, works, plan.created_at))
            roles.append((member, role, plan.created_at))
    insert(
        Membership, ("id", "project_id", "user_id", "owner", "contribute", "decide", "team", "since"), members
    )  # fmt: skip
    insert(FunctionalRole, ("membership_id", "role", "since"), roles)


def _write_money(plans: Sequence[Plan]) -> None:
    ids = reserve(BudgetLine, 2 * len(plans))
    lines, spends = [], []
    for plan in plans:
        for category in ("people", "compute"):
            line, planned = next(ids), plan.dice.randint(20, 400) * 1000
            lines.append((line, plan.id, category, category.capitalize(), planned))
            spends += list(_spends(plan, line, planned))
    insert(BudgetLine, ("id", "project_id", "category", "name", "planned"), lines)
    insert(Spend, ("line_id", "day", "amount", "entered_by_id"), spends)


def _spends(plan: Plan, line: int, planned: int) -> Iterator[Row]:
    for month in range(plan.position // 3 + 1):
        day = (plan.created_at + timedelta(days=20 * month)).date()
        amount = round(planned * plan.dice.uniform(0.05, 0.3))
        yield line, min(day, plan.now.date()), amount, plan.team["project_manager"]
