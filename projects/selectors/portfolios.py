"""The tree of portfolios as one reader sees it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count

from accounts.actor import Actor
from accounts.models import User
from projects.models import Portfolio, PortfolioManager, Project, StandingRole


@dataclass(frozen=True, slots=True)
class Branch:
    """A portfolio with the visible projects in it and below, who runs it, and how many standing roles it gives."""

    portfolio: Portfolio
    depth: int
    projects: int
    managers: tuple[User, ...]
    roles: int


def branches(portfolios: Iterable[Portfolio], actor: Actor) -> list[Branch]:
    """Of these portfolios, in their order; three queries however many."""
    rows = list(portfolios)
    ids = [row.pk for row in rows]
    seen = Project.objects.visible_to(actor).exclude(portfolio=None).order_by()
    counts = dict(seen.values_list("portfolio__path").annotate(projects=Count("pk")))
    run: dict[int, list[User]] = {}
    for manager in PortfolioManager.objects.filter(portfolio__in=ids).select_related("user").order_by("user__name"):
        run.setdefault(manager.portfolio_id, []).append(manager.user)
    given = StandingRole.objects.filter(portfolio__in=ids).order_by().values_list("portfolio").annotate(Count("pk"))
    roles = dict(given)
    return [
        Branch(
            portfolio=row,
            depth=len(row.line) - 1,
            projects=sum(number for path, number in counts.items() if path.startswith(row.path)),
            managers=tuple(run.get(row.pk, ())),
            roles=roles.get(row.pk, 0),
        )
        for row in rows
    ]


def in_tree_order(portfolios: Iterable[Portfolio]) -> list[Portfolio]:
    """Each below its parent, by name beside each other."""
    rows = list(portfolios)
    names = {row.pk: row.name for row in rows}
    return sorted(rows, key=lambda row: [(names.get(number, ""), number) for number in row.line])
