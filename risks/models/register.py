from collections.abc import Iterable
from datetime import date
from functools import reduce
from operator import or_
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from common import content
from common.texts import localised
from projects.models import Project

LEVELS = ("low", "medium", "high", "critical")
# Who may accept a high risk; a critical one takes both.
ACCEPTORS = ("risk_officer", "sponsor")
SCORE = [(number, number) for number in range(1, 6)]


class Category(models.TextChoices):
    TECHNICAL = "technical", _("Technical")
    MARKET = "market", _("Market")
    LEGAL = "legal", _("Legal")
    ETHICAL = "ethical", _("Ethical")
    SECURITY = "security", _("Security")
    OPERATIONS = "operations", _("Operations")


class RiskState(models.TextChoices):
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")


class TreatmentKind(models.TextChoices):
    AVOID = "avoid", _("Avoid")
    REDUCE = "reduce", _("Reduce")
    TRANSFER = "transfer", _("Transfer")
    ACCEPT = "accept", _("Accept")


def level_of(score: int) -> str:
    """The level of a score 1–25, by the ranges of the risk library: 1–4 low, 5–9 medium, 10–15 high, 16–25 critical."""
    for level in content.document("risk-library")["levels"]:
        if level["min_score"] <= score <= level["max_score"]:
            return str(level["key"])
    raise ValueError(f"{score} is not a score of a 5 by 5 scale")


class RiskQuerySet(models.QuerySet["Risk"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(project__in=Project.objects.visible_to(actor))

    def open(self) -> Self:
        return self.filter(state=RiskState.OPEN)

    def with_score(self) -> Self:
        return self.annotate(current_score=F("current_likelihood") * F("current_impact"))

    def at_levels(self, levels: Iterable[str]) -> Self:
        """Those whose current score lies in one of these levels; needs `with_score`."""
        ranges = (row for row in content.document("risk-library")["levels"] if row["key"] in set(levels))
        within = (Q(current_score__range=(row["min_score"], row["max_score"])) for row in ranges)
        return self.filter(reduce(or_, within, Q(pk__in=[])))

    def with_acceptance(self, today: date) -> Self:
        """`accepted`: an acceptance covers the risk at its present score today."""
        covering = Acceptance.objects.in_force(today).filter(
            risk=OuterRef("pk"), score__gte=OuterRef("current_likelihood") * OuterRef("current_impact")
        )
        return self.annotate(accepted=Exists(covering))

    def covered(self, *, yes: bool) -> Self:
        """Those with an acceptance in force, or those without; needs `with_acceptance`."""
        return self.filter(Q(accepted=yes))

    def highest_first(self) -> Self:
        """Needs `with_score`."""
        return self.order_by(F("current_score").desc(), "id")


class Risk(models.Model):
    """What may go wrong: cause, event, consequence. Likelihood and impact run from 1 to 5.

    Inherent: without controls; current: today, what criteria read; residual: expected after treatment.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="risks")
    library = models.CharField(max_length=60, blank=True)
    title = models.CharField(max_length=200)
    category = models.CharField(max_length=12, choices=Category)
    cause = models.TextField(max_length=4000, blank=True)
    event = models.TextField(max_length=4000, blank=True)
    consequence = models.TextField(max_length=4000, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="risks")
    state = models.CharField(max_length=6, choices=RiskState, default=RiskState.OPEN)
    inherent_likelihood = models.PositiveSmallIntegerField(choices=SCORE)
    inherent_impact = models.PositiveSmallIntegerField(choices=SCORE)
    current_likelihood = models.PositiveSmallIntegerField(choices=SCORE)
    current_impact = models.PositiveSmallIntegerField(choices=SCORE)
    residual_likelihood = models.PositiveSmallIntegerField(choices=SCORE, null=True)
    residual_impact = models.PositiveSmallIntegerField(choices=SCORE, null=True)
    scored_at = models.DateTimeField()
    treatment = models.CharField(max_length=8, choices=TreatmentKind, blank=True)
    treatment_plan = models.TextField(max_length=4000, blank=True)
    review_on = models.DateField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = RiskQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["project", "category"], condition=Q(state="open"), name="open_risk_by_project"),
            # The heat map is counted from the first, the worst risks are found by the second, whatever the rest holds.
            models.Index(
                fields=["project", "current_likelihood", "current_impact"],
                condition=Q(state="open"),
                name="open_risk_by_place",
            ),
            models.Index(
                (F("current_likelihood") * F("current_impact")).desc(),
                "id",
                condition=Q(state="open"),
                name="open_risk_by_score",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    inherent_likelihood__range=(1, 5),
                    inherent_impact__range=(1, 5),
                    current_likelihood__range=(1, 5),
                    current_impact__range=(1, 5),
                ),
                name="risk_is_scored_from_one_to_five",
            ),
            models.CheckConstraint(
                condition=Q(residual_likelihood=None, residual_impact=None)
                | Q(residual_likelihood__range=(1, 5), residual_impact__range=(1, 5)),
                name="residual_score_has_both_halves_or_none",
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None) | Q(state="closed", closed_at__isnull=False),
                name="closed_risk_says_when",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def display_title(self) -> str:
        return self._in_own_language("title", "name")

    @property
    def display_cause(self) -> str:
        return self._in_own_language("cause", "cause")

    @property
    def display_event(self) -> str:
        return self._in_own_language("event", "event")

    @property
    def display_consequence(self) -> str:
        return self._in_own_language("consequence", "consequence")

    def _in_own_language(self, column: str, entry_field: str) -> str:
        """Words taken from the library as they stand are shown in the reader's language."""
        text: str = getattr(self, column)
        entry = content.library_risks().get(self.library)
        return localised(entry[entry_field]) if entry and entry[entry_field]["en"] == text else text

    @property
    def level_name(self) -> str:
        """The current level in the reader's language."""
        return next(
            localised(row["name"])
            for row in content.document("risk-library")["levels"]
            if row["key"] == self.current["level"]
        )

    @property
    def needs_acceptance(self) -> bool:
        """High or critical today and not covered; of a risk read `with_acceptance`."""
        return self.current["level"] in {"high", "critical"} and not getattr(self, "accepted", False)

    @property
    def current(self) -> dict[str, Any]:
        return rating(self.current_likelihood, self.current_impact)

    @property
    def inherent(self) -> dict[str, Any]:
        return rating(self.inherent_likelihood, self.inherent_impact)

    @property
    def residual(self) -> dict[str, Any] | None:
        if self.residual_likelihood is None or self.residual_impact is None:
            return None
        return rating(self.residual_likelihood, self.residual_impact)


def rating(likelihood: int, impact: int) -> dict[str, Any]:
    score = likelihood * impact
    return {"likelihood": likelihood, "impact": impact, "score": score, "level": level_of(score)}


class AcceptanceQuerySet(models.QuerySet["Acceptance"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(risk__project__in=Project.objects.visible_to(actor))

    def in_force(self, today: date) -> Self:
        return self.filter(complete=True, until__gte=today)


class Acceptance(models.Model):
    """Someone entitled takes a risk at a given score with its plan, until a day.

    High needs the risk officer or the sponsor; critical both, or the portfolio manager: `complete` once all signed.
    """

    risk = models.ForeignKey(Risk, models.CASCADE, related_name="acceptances")
    score = models.PositiveSmallIntegerField()
    plan = models.TextField(max_length=4000, blank=True)
    until = models.DateField()
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    accepted_as = models.CharField(max_length=40)
    accepted_at = models.DateTimeField()
    second_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    second_as = models.CharField(max_length=40, blank=True)
    complete = models.BooleanField(default=False)

    objects = AcceptanceQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(second_by=None) | ~Q(second_by=F("accepted_by")),
                name="second_acceptance_is_by_someone_else",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.risk} until {self.until}"
