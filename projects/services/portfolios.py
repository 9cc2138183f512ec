"""The tree of portfolios and who runs its branches."""

from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from accounts.models import User
from journal.services import record
from projects.models import Portfolio, PortfolioManager
from projects.permissions import Action, require


@transaction.atomic
def ensure_portfolio(*, actor: Actor, now: datetime, name: str, parent: Portfolio | None = None) -> Portfolio:
    """The portfolio of this name below `parent`, made when it is missing."""
    require(actor, Action.ADMINISTER)
    found = Portfolio.objects.filter(name=name, parent=parent).first()
    if found is not None:
        return found
    portfolio = Portfolio.objects.create(name=name, parent=parent)
    portfolio.path = f"{parent.path if parent else '/'}{portfolio.pk}/"
    Portfolio.objects.filter(pk=portfolio.pk).update(path=portfolio.path)
    record("portfolio.created", actor=actor, at=now, object=f"portfolio:{portfolio.pk}", name=name)
    return portfolio


@transaction.atomic
def add_portfolio_manager(*, portfolio: Portfolio, user: User, actor: Actor, now: datetime) -> PortfolioManager:
    """Let a person run a portfolio and all below it. Naming them twice changes nothing."""
    require(actor, Action.ADMINISTER)
    manager, created = PortfolioManager.objects.get_or_create(portfolio=portfolio, user=user)
    if not created:
        return manager
    record(
        "portfolio.manager_added",
        actor=actor,
        at=now,
        object=f"portfolio:{portfolio.pk}",
        notify={user.pk: "portfolio_manager"},
        manager=user.pk,
    )
    return manager
