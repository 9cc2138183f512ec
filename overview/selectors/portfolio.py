"""The figures of a set of projects, and the filters behind them: a figure counts the rows that its list shows."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from accounts.actor import Actor
from lifecycle.models import GateReview
from overview.selectors.outlooks import RUNNING
from projects.models import BudgetLine, Membership, Portfolio, PortfolioManager, Project, ProjectState, Spend
from risks.models import Acceptance, Risk
from risks.models.register import RiskQuerySet

# Likelihood × impact from which a risk is high and needs someone to accept it, and from which it is critical.
HIGH, CRITICAL = 10, 16
RECENT = timedelta(days=7)
GROUPS: tuple[str, ...] = ("state", "health", "now__key", "outlook__verdict", "process__level")
ACTIVE = Q(state=ProjectState.ACTIVE)


def overdue(today: date) -> Q:
    """Of a `board`: active, and the current stage is past its planned end."""
    return ACTIVE & Q(now__due_on__lt=today)


def moved() -> Q:
    return ACTIVE & Q(outlook__slip__gt=0)


# The conditions below name their projects in a subquery of its own, which the database works out once. As a question
# put to each project they took seconds for ten thousand.


def changed(today: date) -> Q:
    """A gate was asked for or decided within the last seven days, or the project began."""
    since = datetime.combine(today, time(), UTC) - RECENT
    reviews = GateReview.objects.filter(Q(requested_at__gte=since) | Q(decided_at__gte=since))
    return Q(created_at__gte=since) | Q(pk__in=reviews.order_by().values("stage__process__project"))


def red() -> Q:
    """A running project with an open risk whose current level is critical."""
    risks = Risk.objects.open().with_score().filter(Q(current_score__gte=CRITICAL))
    return Q(state__in=RUNNING, pk__in=risks.order_by().values("project"))


def waiting_on(actor: Actor, today: date) -> Q:
    """Active projects in which this person has a vote to give, or a high risk to accept."""
    votes = GateReview.objects.waiting_on(actor).order_by().values("stage__process__project")
    risks = acceptable_by(actor, today).order_by().values("project")
    return ACTIVE & (Q(pk__in=votes) | Q(pk__in=risks))


def acceptable_by(actor: Actor, today: date) -> RiskQuerySet:
    """Open risks at high or above without an acceptance in force that this person may accept and has not yet signed."""
    user_id = actor.user_id or 0
    officer = Membership.objects.filter(user_id=user_id, decide=True, functions__role__in=["risk_officer", "sponsor"])
    managed = Portfolio.objects.filter(Exists(PortfolioManager.objects.over(OuterRef("path"), user_id)))
    signed = Acceptance.objects.filter(accepted_by=user_id, complete=False, until__gte=today)
    rows = Risk.objects.open().with_score().with_acceptance(today).filter(Q(current_score__gte=HIGH, accepted=False))
    mine = Q(project__in=officer.order_by().values("project"))
    mine |= Q(current_score__gte=CRITICAL, project__portfolio__in=managed.order_by().values("pk"))
    return rows.filter(mine).exclude(pk__in=signed.order_by().values("risk"))


@dataclass(frozen=True, slots=True)
class Figures:
    """The dashboard in numbers. `by_stage` and `by_verdict` count active projects; the rest of them all."""

    projects: int = 0
    by_state: dict[str, int] = field(default_factory=dict)
    by_health: dict[str, int] = field(default_factory=dict)
    by_stage: dict[str, int] = field(default_factory=dict)
    by_verdict: dict[str, int] = field(default_factory=dict)
    by_level: dict[str, int] = field(default_factory=dict)
    squares: dict[str, tuple[str, ...]] = field(default_factory=dict)
    overdue: int = 0
    moved: int = 0
    waiting_on_me: int = 0
    changed: int = 0
    red: int = 0


def figures(rows: "QuerySet[Project]", *, actor: Actor, today: date) -> Figures:
    """All figures of a `board` in two queries: one grouped by everything it is counted by, one of three conditions."""
    groups = list(
        rows.order_by()
        .select_related(None)
        .values(*GROUPS)
        .annotate(n=Count("pk"), late=Count("pk", filter=overdue(today)), slipping=Count("pk", filter=moved()))
        .values_list(*GROUPS, "n", "late", "slipping")
    )
    counted: dict[str, Counter[str]] = {name: Counter() for name in ("state", "health", "stage", "verdict", "level")}
    squares: dict[str, Counter[str]] = {}
    for state, health, stage, verdict, level, n, _late, _slip in groups:
        counted["state"][state] += n
        counted["health"][health] += n
        counted["level"][level or ""] += n
        if stage and state in RUNNING:
            squares.setdefault(stage, Counter())[verdict if state == ProjectState.ACTIVE and verdict else "none"] += n
        if stage and state == ProjectState.ACTIVE:
            counted["stage"][stage] += n
            counted["verdict"][verdict or ""] += n
    asked = (
        rows.order_by()
        .select_related(None)
        .aggregate(
            waiting=Count("pk", filter=waiting_on(actor, today)),
            changed=Count("pk", filter=changed(today)),
            red=Count("pk", filter=red()),
        )
    )
    return Figures(
        projects=sum(group[5] for group in groups),
        by_state=dict(counted["state"]),
        by_health=dict(counted["health"]),
        by_stage=dict(counted["stage"]),
        by_verdict={verdict: n for verdict, n in counted["verdict"].items() if verdict},
        by_level={level: n for level, n in counted["level"].items() if level},
        squares={stage: tuple(_laid_out(found)) for stage, found in squares.items()},
        overdue=sum(group[6] for group in groups),
        moved=sum(group[7] for group in groups),
        waiting_on_me=asked["waiting"],
        changed=asked["changed"],
        red=asked["red"],
    )


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
        for row in risks.order_by().values("current_likelihood", "current_impact").annotate(n=Count("pk"))
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


def keys_of(rows: "QuerySet[Project]") -> Any:
    """The projects as the inside of another query."""
    return rows.order_by().select_related(None).values("pk")


def furthest_first(rows: "QuerySet[Project]") -> "QuerySet[Project]":
    """The order of the matrix, so that it reads as a staircase."""
    return rows.order_by(F("now__position").desc(nulls_last=True), "state", "key")
