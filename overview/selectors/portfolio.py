"""The figures of a set of projects, and the filters behind them: a figure counts the rows that its list shows."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from accounts.actor import Actor
from lifecycle.models import GateReview
from overview.selectors.outlooks import RUNNING
from projects.models import BudgetLine, Membership, Portfolio, PortfolioManager, Project, ProjectState, Spend
from risks.models import ACCEPTORS, Acceptance, Risk
from risks.models.register import RiskQuerySet

# Likelihood × impact from which a risk is high and needs someone to accept it, and from which it is critical.
HIGH, CRITICAL = 10, 16
RECENT = timedelta(days=7)
GROUPS: tuple[str, ...] = (
    "state",
    "health",
    "now__key",
    "outlook__verdict",
    "process__level",
    "process__template_key",
)
# Columns of sums beside the groups, by the figure they add up to.
SUMS: tuple[str, ...] = ("projects", "overdue", "moved", "waiting_on_me", "changed", "red")
ACTIVE = Q(state=ProjectState.ACTIVE)


def overdue(today: date) -> Q:
    """Of a `board`: active, and the current stage is past its planned end."""
    return ACTIVE & Q(now__due_on__lt=today)


def moved() -> Q:
    return ACTIVE & Q(outlook__slip__gt=0)


# The conditions below name their projects in a subquery of its own, which the database works out once. As a question
# put to each project they took seconds for ten thousand. `among` are the projects that the caller counts: said inside
# too, what belongs to any other is not read.
Among: TypeAlias = "QuerySet[Project] | None"


def changed(today: date, among: Among = None) -> Q:
    """A gate was asked for or decided within the last seven days, or the project began."""
    since = datetime.combine(today, time(), UTC) - RECENT
    reviews = GateReview.objects.filter(Q(requested_at__gte=since) | Q(decided_at__gte=since))
    if among is not None:
        reviews = reviews.filter(stage__process__project__in=keys_of(among))
    return Q(created_at__gte=since) | Q(pk__in=reviews.order_by().values("stage__process__project"))


def red(among: Among = None) -> Q:
    """A running project with an open risk whose current level is critical."""
    risks = Risk.objects.open().with_score().filter(Q(current_score__gte=CRITICAL))
    if among is not None:
        risks = risks.filter(project__in=keys_of(among))
    return Q(state__in=RUNNING, pk__in=risks.order_by().values("project"))


def waiting_on(actor: Actor, today: date) -> Q:
    """Active projects in which this person has a vote to give, or a high risk to accept."""
    votes = GateReview.objects.waiting_on(actor, today).order_by().values("stage__process__project")
    risks = acceptable_by(actor, today).order_by().values("project")
    return ACTIVE & (Q(pk__in=votes) | Q(pk__in=risks))


def acceptable_by(actor: Actor, today: date) -> RiskQuerySet:
    """Open risks at high or above without an acceptance in force that this person may accept.

    A critical one waits no more for who signed it, nor for others of that role.
    """
    user_id = actor.user_id or 0
    officer = Membership.objects.filter(user_id=user_id, decide=True)
    of_officer = {role: officer.holding(role).order_by().values("project") for role in ACCEPTORS}
    managed = Portfolio.objects.filter(Exists(PortfolioManager.objects.over(OuterRef("path"), user_id)))
    of_manager = Project.objects.filter(portfolio__in=managed.order_by().values("pk")).order_by().values("pk")
    rows = Risk.objects.open().with_score().with_acceptance(today).filter(Q(current_score__gte=HIGH, accepted=False))
    half = Acceptance.objects.filter(
        risk=OuterRef("pk"), complete=False, until__gte=today, score=OuterRef("current_score")
    )
    mine = Q(current_score__gte=CRITICAL, project__in=of_manager)
    for role, projects in of_officer.items():
        mine |= Q(~Exists(half.filter(Q(accepted_as=role) | Q(accepted_by=user_id))), project__in=projects)
    # The union says nothing new. It lets the database go from the person to their projects, and read no other risk.
    return rows.filter(mine, project__in=of_manager.union(*of_officer.values()))


@dataclass(frozen=True, slots=True)
class Figures:
    """The dashboard in numbers. `by_stage` and `by_verdict` count active projects; the rest of them all."""

    projects: int = 0
    by_state: dict[str, int] = field(default_factory=dict)
    by_health: dict[str, int] = field(default_factory=dict)
    by_stage: dict[str, int] = field(default_factory=dict)
    by_verdict: dict[str, int] = field(default_factory=dict)
    by_level: dict[str, int] = field(default_factory=dict)
    by_template: dict[str, int] = field(default_factory=dict)
    squares: dict[str, tuple[str, ...]] = field(default_factory=dict)
    overdue: int = 0
    moved: int = 0
    waiting_on_me: int = 0
    changed: int = 0
    red: int = 0


def figures(rows: "QuerySet[Project]", *, actor: Actor, today: date) -> Figures:
    """All figures of a `board` in one query, grouped by everything that is counted by."""
    counted: dict[str, Counter[str]] = {name: Counter() for name in ("state", "health", "level", "template")}
    stages: Counter[str] = Counter()
    verdicts: Counter[str] = Counter()
    squares: dict[str, Counter[str]] = {}
    sums: Counter[str] = Counter(dict.fromkeys(SUMS, 0))
    for group in _groups(rows, actor, today):
        state, health, stage, verdict, level, template, n = group[: len(GROUPS) + 1]
        sums.update(dict(zip(SUMS, group[len(GROUPS) :], strict=True)))
        for name, value in (("state", state), ("health", health), ("level", level), ("template", template)):
            counted[name][value or ""] += n
        if stage and state in RUNNING:
            squares.setdefault(stage, Counter())[verdict if state == ProjectState.ACTIVE and verdict else "none"] += n
        if stage and state == ProjectState.ACTIVE:
            stages[stage] += n
            verdicts[verdict or ""] += n
    return Figures(
        **sums,
        by_state=_named(counted["state"]),
        by_health=_named(counted["health"]),
        by_stage=_named(stages),
        by_verdict=_named(verdicts),
        by_level=_named(counted["level"]),
        by_template=_named(counted["template"]),
        squares={stage: tuple(_laid_out(found)) for stage, found in squares.items()},
    )


def _groups(rows: "QuerySet[Project]", actor: Actor, today: date) -> Iterable[tuple[Any, ...]]:
    conditions = {
        "overdue": overdue(today),
        "moved": moved(),
        "waiting_on_me": waiting_on(actor, today),
        "changed": changed(today, rows),
        "red": red(rows),
    }
    sums = {f"n_{name}": Count("pk", filter=condition) for name, condition in conditions.items()}
    found = rows.order_by().select_related(None).values(*GROUPS).annotate(n_projects=Count("*"), **sums)
    groups: Iterable[tuple[Any, ...]] = found.values_list(*GROUPS, *(f"n_{name}" for name in SUMS))
    return groups


def _named(found: "Counter[str]") -> dict[str, int]:
    return {name: n for name, n in found.items() if name}


def _laid_out(found: "Counter[str]") -> Iterable[str]:
    for verdict in ("fail", "stale", "waiting", "pass", "none"):
        yield from [verdict] * found[verdict]


@dataclass(frozen=True, slots=True)
class RiskMap:
    """Open risks of running projects: `cells[likelihood - 1][impact - 1]`, both from 1 to 5."""

    cells: tuple[tuple[int, ...], ...]
    unaccepted: int

    @property
    def open(self) -> int:
        return sum(map(sum, self.cells))

    @property
    def critical(self) -> int:
        return sum(
            n
            for likelihood, row in enumerate(self.cells, 1)
            for impact, n in enumerate(row, 1)
            if likelihood * impact >= CRITICAL
        )


def risk_map(rows: "QuerySet[Project]", *, today: date) -> RiskMap:
    """Where the open risks of the running ones among `rows` stand today. Two queries."""
    risks = risks_of(rows)
    counts = {
        (row["current_likelihood"], row["current_impact"]): row["n"]
        for row in risks.order_by().values("current_likelihood", "current_impact").annotate(n=Count("*"))
    }
    unaccepted = risks.with_score().with_acceptance(today).filter(Q(current_score__gte=HIGH, accepted=False))
    cells = tuple(tuple(counts.get((likelihood, impact), 0) for impact in range(1, 6)) for likelihood in range(1, 6))
    return RiskMap(cells, unaccepted.count())


def risks_of(rows: "QuerySet[Project]") -> RiskQuerySet:
    return Risk.objects.open().filter(project__in=keys_of(rows.filter(state__in=RUNNING)))


@dataclass(frozen=True, slots=True)
class Money:
    """Planned and spent of one currency; sums across currencies mean nothing."""

    currency: str
    planned: Decimal
    spent: Decimal


def money(rows: "QuerySet[Project]") -> list[Money]:
    """Budget and spend of `rows` by currency, the largest first. Two queries."""
    keys = keys_of(rows)
    planned = (
        BudgetLine.objects.filter(project__in=keys)
        .order_by()
        .values_list("project__currency")
        .annotate(total=Sum("planned"))
    )
    spent = dict(
        Spend.objects.filter(line__project__in=keys)
        .order_by()
        .values_list("line__project__currency")
        .annotate(total=Sum("amount"))
    )
    found = [Money(currency, total, spent.get(currency, Decimal(0))) for currency, total in planned]
    return sorted(found, key=lambda one: (-one.planned, one.currency))


# How many projects there are by state and by the template they follow.
Counts = Mapping[tuple[str, str], int]


def by_state_and_template(rows: "QuerySet[Project]") -> Counts:
    """One query."""
    found = rows.order_by().select_related(None).values_list("state", "process__template_key").annotate(n=Count("*"))
    return {(state, template or ""): n for state, template, n in found}


def following(template: str, counts: Counts) -> int:
    return sum(count for (_state, key), count in counts.items() if key == template)


def keys_of(rows: "QuerySet[Project]") -> Any:
    """The projects as the inside of another query."""
    return rows.order_by().select_related(None).values("pk")


def furthest_first(rows: "QuerySet[Project]") -> "QuerySet[Project]":
    """The order of the matrix, so that it reads as a staircase."""
    return rows.order_by(F("now__position").desc(nulls_last=True), "state", "key")
