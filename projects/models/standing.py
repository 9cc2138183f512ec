from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.actor import Actor
from projects.models.portfolio import Portfolio
from projects.models.project import ACCESS, Project


class StandingRoleQuerySet(models.QuerySet["StandingRole"]):
    def visible_to(self, actor: Actor) -> Self:
        """Like the portfolios they stand on."""
        return self.filter(portfolio__in=Portfolio.objects.visible_to(actor))

    def over(self, project: Project) -> Self:
        """Those that reach this project, the nearest portfolio's last."""
        if project.portfolio is None:
            return self.none()
        return self.filter(portfolio__in=project.portfolio.line).order_by("portfolio__path", "pk")


class StandingRole(models.Model):
    """What a person is in every project of a portfolio and of those below it, unless the project says otherwise.

    A project under it has a membership that names this row; see decision 0006.
    """

    portfolio = models.ForeignKey(Portfolio, models.CASCADE, related_name="standing_roles")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="standing_roles")
    owner = models.BooleanField(default=False)
    contribute = models.BooleanField(default=False)
    decide = models.BooleanField(default=False)
    view = models.BooleanField(default=False)
    # Keys of functional roles.
    functions = models.JSONField(default=list)
    team = models.BooleanField(default=False)
    since = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    objects = StandingRoleQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["portfolio", "user"], name="person_stands_on_a_portfolio_once"),
            models.CheckConstraint(
                condition=Q(owner=True) | Q(contribute=True) | Q(decide=True) | Q(view=True),
                name="standing_role_has_some_access",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} on {self.portfolio}"

    @property
    def access(self) -> list[str]:
        return [name for name in ACCESS if getattr(self, name)]


class StandingExceptionQuerySet(models.QuerySet["StandingException"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(standing__in=StandingRole.objects.visible_to(actor))


class StandingException(models.Model):
    """A project from which an inherited member was taken out."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="standing_exceptions")
    standing = models.ForeignKey(StandingRole, models.CASCADE, related_name="exceptions")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    objects = StandingExceptionQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "standing"], name="project_leaves_a_standing_role_once")
        ]

    def __str__(self) -> str:
        return f"{self.standing} not in {self.project}"
