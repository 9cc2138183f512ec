"""Two hundred people and a tree of portfolios of a hundred projects each."""

from datetime import datetime

from accounts.models import User
from projects.models import Portfolio, PortfolioManager

PEOPLE = 200
PORTFOLIO_SIZE = 100
ROOT = "Volume"


def make_people() -> list[int]:
    """The ids of `vol-001` to `vol-200`, made when missing. They have no password; who measures gives them one."""
    names = [f"vol-{number:03}" for number in range(1, PEOPLE + 1)]
    there = set(User.objects.filter(username__in=names).values_list("username", flat=True))
    fresh = [_person(name) for name in names if name not in there]
    User.objects.bulk_create(fresh)
    return list(User.objects.filter(username__in=names).order_by("username").values_list("pk", flat=True))


def _person(name: str) -> User:
    user = User(username=name, email=f"{name}@example.org", name=f"Person {name.removeprefix('vol-')}")
    user.set_unusable_password()
    return user


def make_portfolios(projects: int, people: list[int], now: datetime) -> list[int]:
    """The ids of the portfolios of the first `projects` projects, in their order, made when missing."""
    root = _portfolio(ROOT, None)
    count = -(-projects // PORTFOLIO_SIZE)
    found = [_portfolio(f"{ROOT} {number:03}", root) for number in range(1, count + 1)]
    managers = [PortfolioManager(portfolio=root, user_id=people[0])]
    managers += [
        PortfolioManager(portfolio=portfolio, user_id=people[number % PEOPLE])
        for number, portfolio in enumerate(found, 1)
    ]
    PortfolioManager.objects.bulk_create(managers, ignore_conflicts=True)
    return [portfolio.pk for portfolio in found]


def _portfolio(name: str, parent: Portfolio | None) -> Portfolio:
    portfolio, made = Portfolio.objects.get_or_create(name=name, parent=parent)
    if made:
        portfolio.path = f"{parent.path if parent else '/'}{portfolio.pk}/"
        Portfolio.objects.filter(pk=portfolio.pk).update(path=portfolio.path)
    return portfolio
