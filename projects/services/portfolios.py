"""The tree of portfolios and who runs its branches."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, Value
from django.db.models.functions import Concat, Length, Substr
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.models import User
from common import versions
from common.errors import FieldError, ValidationFailed
from journal.services import record
from projects.errors import PortfolioNameTaken
from projects.models import Portfolio, PortfolioManager
from projects.permissions import Action, require
from projects.services.standing import below, hold_trees, sync

LONGEST = 200


@transaction.atomic
def create_portfolio(*, actor: Actor, now: datetime, name: str, parent: Portfolio | None = None) -> Portfolio:
    """A new portfolio below `parent`, or a root. Raises PermissionDenied, PortfolioNameTaken, ValidationFailed."""
    require(actor, Action.ADMINISTER)
    hold_trees(parent)
    _free(name, parent)
    return ensure_portfolio(actor=actor, now=now, name=name, parent=parent)


@transaction.atomic
def update_portfolio(*, portfolio: Portfolio, actor: Actor, now: datetime, version: int, **changes: Any) -> Portfolio:
    """Rename a portfolio (`name`) or move it with all below it (`parent`, None for a root); its projects follow.

    Raises PermissionDenied, VersionMismatch, PortfolioNameTaken, ValidationFailed, LastOwner.
    """
    require(actor, Action.ADMINISTER)
    hold_trees(portfolio, changes.get("parent"))
    current = Portfolio.objects.select_related("parent").get(pk=portfolio.pk)
    name, parent = changes.get("name", current.name), changes.get("parent", current.parent)
    moves = parent != current.parent
    if moves:
        _not_below_itself(current, parent)
    if moves or name != current.name:
        _free(name, parent, but=current)
    before = {"name": current.name, "parent": current.parent_id}
    versions.bump(Portfolio, current.pk, version, name=name, parent=parent)
    if moves:
        _rewrite(current, parent)
    current.refresh_from_db()
    if moves:
        sync(projects=below(current), now=now)
    record(
        "portfolio.moved" if moves else "portfolio.renamed",
        actor=actor,
        at=now,
        object=f"portfolio:{current.pk}",
        name=name,
        under=parent.name if parent else "",
        before=before,
        after={"name": name, "parent": current.parent_id},
    )
    return current


def _free(name: str, parent: Portfolio | None, but: Portfolio | None = None) -> None:
    beside = Portfolio.objects.filter(name=name, parent=parent)
    if beside.exclude(pk=but.pk if but else 0).exists():
        raise PortfolioNameTaken(errors=[FieldError("/name", PortfolioNameTaken.code, PortfolioNameTaken.title)])


def _not_below_itself(portfolio: Portfolio, parent: Portfolio | None) -> None:
    if parent is not None and parent.path.startswith(portfolio.path):
        raise ValidationFailed.at("parent", "below_itself", _("A portfolio cannot move below itself."))


def _rewrite(portfolio: Portfolio, parent: Portfolio | None) -> None:
    """The paths of the portfolio and of all below it, in one statement."""
    old, new = portfolio.path, f"{parent.path if parent else '/'}{portfolio.pk}/"
    rows = Portfolio.objects.filter(path__startswith=old)
    longest: int = rows.aggregate(longest=Max(Length("path")))["longest"] or 0
    if longest - len(old) + len(new) > LONGEST:
        raise ValidationFailed.at("parent", "too_deep", _("The tree of portfolios would be too deep."))
    rows.update(path=Concat(Value(new), Substr("path", len(old) + 1)))


@transaction.atomic
def ensure_portfolio(*, actor: Actor, now: datetime, name: str, parent: Portfolio | None = None) -> Portfolio:
    """The portfolio of this name below `parent`, made when it is missing."""
    require(actor, Action.ADMINISTER)
    found = Portfolio.objects.filter(name=name, parent=parent).first()
    if found is not None:
        return found
    portfolio = Portfolio.objects.create(name=name, parent=parent)
    portfolio.path = f"{parent.path if parent else '/'}{portfolio.pk}/"
    if len(portfolio.path) > LONGEST:
        raise ValidationFailed.at("parent", "too_deep", _("The tree of portfolios would be too deep."))
    Portfolio.objects.filter(pk=portfolio.pk).update(path=portfolio.path)
    record("portfolio.created", actor=actor, at=now, object=f"portfolio:{portfolio.pk}", name=name)
    return portfolio


@transaction.atomic
def add_portfolio_manager(*, portfolio: Portfolio, user: User, actor: Actor, now: datetime) -> PortfolioManager:
    """Let a person run a portfolio and all below it. Naming them twice changes nothing.

    Raises ValidationFailed for a guest.
    """
    require(actor, Action.ADMINISTER)
    if user.is_guest:
        raise ValidationFailed.at("user", "invalid_choice", _("A guest runs no portfolio."))
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
        name=portfolio.name,
    )
    return manager


@transaction.atomic
def remove_portfolio_manager(*, portfolio: Portfolio, user: User, actor: Actor, now: datetime) -> None:
    """A person runs the portfolio no more. Doing it twice changes nothing."""
    require(actor, Action.ADMINISTER)
    if not PortfolioManager.objects.filter(portfolio=portfolio, user=user).delete()[0]:
        return
    record(
        "portfolio.manager_removed",
        actor=actor,
        at=now,
        object=f"portfolio:{portfolio.pk}",
        notify={user.pk: "portfolio_manager"},
        manager=user.pk,
        name=portfolio.name,
    )
