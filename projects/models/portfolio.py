from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef


class Portfolio(models.Model):
    """A named set of projects; portfolios form a tree. `path` holds the ids from the root down: `/3/17/`."""

    name = models.CharField(max_length=120)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    path = models.CharField(max_length=200, default="/", db_index=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["parent", "name"], name="portfolio_name_is_unique_beside_it")]

    def __str__(self) -> str:
        return self.name


class PortfolioManagerQuerySet(models.QuerySet["PortfolioManager"]):
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
