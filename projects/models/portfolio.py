from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Subquery

from accounts.actor import Actor

if TYPE_CHECKING:
    from projects.models.project import Project


class PortfolioQuerySet(models.QuerySet["Portfolio"]):
    def visible_to(self, actor: Actor) -> Self:
        """Names of portfolios are no secret inside: everyone who signed in may file a project under one.

        Guests see those above the projects they are members of.
        """
        if actor.user is None:
            return self if actor.is_system else self.none()
        if not actor.user.is_guest:
            return self
        paths = Portfolio.objects.filter(projects__memberships__user=actor.user).values_list("path", flat=True)
        return self.filter(pk__in={int(number) for path in paths for number in path.split("/") if number})


class Portfolio(models.Model):
    """A named set of projects; portfolios form a tree. `path` holds the ids from the root down: `/3/17/`."""

    name = models.CharField(max_length=120)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    path = models.CharField(max_length=200, default="/", db_index=True)
    version = models.PositiveIntegerField(default=1)

    objects = PortfolioQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["parent", "name"], name="portfolio_name_is_unique_beside_it")]

    def __str__(self) -> str:
        return self.name

    @property
    def line(self) -> list[int]:
        """The ids from the root down to this one."""
        return [int(number) for number in self.path.split("/") if number]


class PortfolioManagerQuerySet(models.QuerySet["PortfolioManager"]):
    def above(self, project: "Project | None", user_id: int) -> Self:
        """What this person manages: portfolios the project lies in or below; all of theirs without a project."""
        if project is None:
            return self.filter(user_id=user_id)
        if project.portfolio_id is None:
            return self.none()
        path = Portfolio.objects.filter(pk=project.portfolio_id).values("path")
        return self.annotate(below=Subquery(path)).filter(user_id=user_id, below__startswith=F("portfolio__path"))

    def of(self, portfolio: Portfolio, user_id: int) -> Self:
        """What this person manages of the portfolio and those above it."""
        return self.filter(user_id=user_id, portfolio__in=portfolio.line)

    def over(self, path: OuterRef, user_id: int | None) -> Self:
        """Those who manage the portfolio at `path` or one above it."""
        below = models.ExpressionWrapper(path, output_field=models.CharField())
        return self.annotate(below=below).filter(user_id=user_id, below__startswith=F("portfolio__path"))


class PortfolioManager(models.Model):
    """Who runs a portfolio and everything below it."""

    portfolio = models.ForeignKey(Portfolio, models.CASCADE, related_name="managers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="managed_portfolios")

    objects = PortfolioManagerQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["portfolio", "user"], name="portfolio_manager_is_named_once")]

    def __str__(self) -> str:
        return f"{self.user} manages {self.portfolio}"
