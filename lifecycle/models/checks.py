from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.models import User
from lifecycle.models.definition import Item
from lifecycle.models.limits import LimitOverride, SourceConfirmation
from lifecycle.models.process import Stage
from projects.models import Project
from records.models import PARTS, Evidence, MetricResult

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)


class Answer(models.TextChoices):
    """What people said. What a check *is* (stale, deferred, waived, computed) is derived from facts."""

    OPEN = "open", _("Open")
    MET = "met", _("Met")
    NOT_MET = "not_met", _("Not met")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")


def _made_for(parts: Sequence[Q]) -> Coalesce:
    """The latest result of the check's metric, slice and sample size: one made for these parts, else any."""
    results = (
        MetricResult.objects.counting()
        .annotate(size=Coalesce("n", 0))
        .filter(
            project=OuterRef("stage__process__project"),
            metric=OuterRef("metric"),
            slice=OuterRef("slice"),
            size__gte=OuterRef("min_sample"),
            measured_at__gte=OuterRef("counts_since"),
            recorded_at__lte=OuterRef("counts_until"),
        )
        .order_by("-measured_at", "-id")
    )
    return Coalesce(Subquery(results.filter(*parts).values("pk")[:1]), Subquery(results.values("pk")[:1]))


class CheckQuerySet(models.QuerySet["Check"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(stage__process__project__in=Project.objects.visible_to(actor))

    def asked(self) -> Self:
        """Those that the level, the tags and the template version of today ask for."""
        return self.filter(dropped=False)

    def with_facts(self) -> Self:
        """Joins what a criterion asks of the check itself.

        Its own limit, the waiver that lasts or lasted longest, the result that counts.
        """
        limit = LimitOverride.objects.standing().filter(process=OuterRef("stage__process"), check_key=OuterRef("key"))
        granted = Waiver.objects.granted().filter(check_row=OuterRef("pk"))
        waiver = granted.annotate(covered=COVERED_UNTIL).order_by("-covered", "-pk")
        confirmed = SourceConfirmation.objects.filter(process=OuterRef("stage__process"), check_key=OuterRef("key"))
        return self._with_result().annotate(
            confirmed_criterion=Subquery(confirmed.order_by("-id").values("criterion")[:1]),
            own_limit=Subquery(limit.values("threshold")[:1]),
            waiver_until=Subquery(waiver.values("covered")[:1]),
            waiver_id=Subquery(waiver.values("pk")[:1]),
        )

    def with_baseline(self) -> Self:
        """`baseline_id`: the latest result of the process's baseline model, in the check's slice and sample size."""
        results = (
            MetricResult.objects.counting()
            .annotate(size=Coalesce("n", 0))
            .filter(
                project=OuterRef("stage__process__project"),
                metric=OuterRef("metric"),
                slice=OuterRef("slice"),
                size__gte=OuterRef("min_sample"),
                model=OuterRef("stage__process__baseline_model"),
            )
        )
        latest = results.order_by("-measured_at", "-id").values("pk")[:1]
        return self.exclude(stage__process__baseline_model="").annotate(baseline_id=Subquery(latest))

    def _with_result(self) -> Self:
        """`result_id`: the result that counts, one made for today's subject first."""
        current = [
            Q(**{part: ""}) | Q(**{part: OuterRef(f"stage__process__project__subject__{part}")}) for part in PARTS
        ]
        return self._counting_when().annotate(result_id=_made_for(current))

    def with_results_for(self, subjects: Sequence[Mapping[str, str]]) -> Self:
        """`supposed_0`, `supposed_1`, …: what `result_id` would be, were each of these the project's subject."""
        found = {}
        for number, subject in enumerate(subjects):
            parts = [Q(**{part: ""}) | Q(**{part: subject.get(part, "")}) for part in PARTS]
            found[f"supposed_{number}"] = _made_for(parts)
        return self._counting_when().annotate(**found)

    def _counting_when(self) -> Self:
        """After a redo only results measured since the loop count; a former iteration keeps those it ended with."""
        since = Case(
            When(carried="redo", then=F("stage__opened_at")), default=Value(EPOCH), output_field=models.DateTimeField()
        )
        until = Case(
            When(stage__superseded=True, stage__ended_at__isnull=False, then=F("stage__ended_at")),
            default=Value(FOREVER),
            output_field=models.DateTimeField(),
        )
        return self.annotate(counts_since=since, counts_until=until)

    def overdue(self, today: date) -> Self:
        """Due and not answered, in a latest iteration that is not yet over."""
        return self.filter(
            due_on__lt=today,
            answer__in=[Answer.OPEN, Answer.NOT_MET],
            dropped=False,
            stage__superseded=False,
            stage__ended_at=None,
        )


class Check(models.Model):
    """One line of a stage iteration's checklist; text, kind and limits are those of the pinned template version."""

    stage = models.ForeignKey(Stage, models.CASCADE, related_name="checks")
    key = models.CharField(max_length=60)
    kind = models.CharField(max_length=10)
    position = models.PositiveSmallIntegerField()
    required = models.BooleanField()
    # Of a metric check, repeated from the pinned version so that its deciding result is one index look-up in SQL.
    metric = models.CharField(max_length=80, blank=True)
    slice = models.CharField(max_length=120, blank=True)
    min_sample = models.BigIntegerField(default=0)
    answer = models.CharField(max_length=14, choices=Answer, default=Answer.OPEN)
    note = models.TextField(max_length=4000, blank=True)
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="assigned_checks")
    due_on = models.DateField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    # The subject as it stood when the check was ticked or signed.
    subject = models.JSONField(default=dict)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    # What a loop back did to it: "" in a first iteration, else keep, reverify or redo.
    carried = models.CharField(max_length=8, blank=True)
    # No longer asked for since the project moved to another level, tags or template version; what was said is kept.
    dropped = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    objects = CheckQuerySet.as_manager()

    class Meta:
        ordering = ["stage", "position"]
        indexes = [
            models.Index(fields=["assignee", "due_on"], condition=Q(answer="open"), name="open_check_by_assignee")
        ]
        constraints = [
            models.UniqueConstraint(fields=["stage", "key"], name="check_stands_once_in_a_stage"),
            models.CheckConstraint(
                condition=Q(answer="open") | Q(answered_by__isnull=False, answered_at__isnull=False),
                name="answer_names_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("answered_by")),
                name="answer_is_confirmed_by_someone_else",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def item(self) -> Item:
        return self.stage.definition.by_key[self.key]


class CheckEvidenceQuerySet(models.QuerySet["CheckEvidence"]):
    def standing(self) -> Self:
        """Proof that counts: neither withdrawn nor replaced by a later revision.

        A superseded iteration keeps what it ended with.
        """
        return self.filter(self._stands())

    def with_standing(self) -> Self:
        """`stands`: whether a row is one of `standing`."""
        return self.annotate(stands=Case(When(self._stands(), then=Value(value=True)), default=Value(value=False)))

    def standing_or_replaced(self) -> Self:
        """Proof that counts, and the revisions before it: whoever brought those is an author of it, too."""
        return self.filter(self._stands() | Q(replaced=True))

    def authored_by(self, user: User) -> Self:
        """Proof that counts, or that a revision which counts took the place of, made or brought by this person."""
        first = Coalesce("evidence__first", "evidence")
        later = CheckEvidence.objects.standing().filter(
            check_row=OuterRef("check_row"), evidence__first=OuterRef("origin")
        )
        mine = self.filter(Q(evidence__supplied_by=user) | Q(linked_by=user)).annotate(origin=first)
        return mine.filter(self._stands() | (Q(replaced=True) & Exists(later)))

    @staticmethod
    def _stands() -> Q:
        kept = Q(check_row__stage__superseded=True, evidence__withdrawn_at__gt=F("check_row__stage__ended_at"))
        return (Q(evidence__withdrawn_at=None) | kept) & Q(replaced=False)


class CheckEvidence(models.Model):
    """One evidence serving one check. `carried`: copied by a loop back, to be looked at again.

    `replaced`: a later revision of the evidence serves the check instead; ended iterations keep what they had.
    """

    check_row = models.ForeignKey(Check, models.CASCADE, related_name="evidence_links")
    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="check_links")
    carried = models.BooleanField(default=False)
    replaced = models.BooleanField(default=False)
    # Who brought it here, and when; of what a loop back copied, whoever brought it before.
    linked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    linked_at = models.DateTimeField(null=True)

    objects = CheckEvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["-evidence_id"]
        constraints = [models.UniqueConstraint(fields=["check_row", "evidence"], name="evidence_serves_a_check_once")]

    def __str__(self) -> str:
        return f"{self.evidence} for {self.check_row}"


# Of a waiver that nothing ended before, the day it was granted for.
COVERED_UNTIL = Coalesce("ended_on", "until")


class WaiverQuerySet(models.QuerySet["Waiver"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(check_row__stage__process__project__in=Project.objects.visible_to(actor))

    def granted(self) -> Self:
        return self.filter(granted_at__isnull=False)

    def standing(self) -> Self:
        """Granted, and not ended before their day."""
        return self.granted().filter(ended_on=None)

    def in_force(self, today: date) -> Self:
        return self.standing().filter(until__gte=today)

    def granted_alone(self) -> Self:
        """By who had asked for it."""
        return self.filter(granted_by=F("opened_by"))


class Waiver(models.Model):
    """Going without a check until a day, for a reason.

    A required one needs a second gatekeeper (one is enough at lean), who may say a reason of their own and an earlier
    day.
    """

    check_row = models.ForeignKey(Check, models.CASCADE, related_name="waivers")
    reason = models.TextField(max_length=4000)
    # What the second gatekeeper said, where it is something else than the first did.
    granted_reason = models.TextField(max_length=4000, blank=True)
    until = models.DateField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField(null=True)
    # Nobody granted it before its day was over, and another was opened then.
    lapsed_at = models.DateTimeField(null=True)
    # The last day it covered, where that came before `until`: the check asks something else since.
    ended_on = models.DateField(null=True)

    objects = WaiverQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["check_row"],
                condition=Q(granted_at=None, lapsed_at=None),
                name="check_has_one_waiver_being_asked_for",
            )
        ]

    def __str__(self) -> str:
        return f"{self.check_row} waived until {self.until}"

    @property
    def covered_until(self) -> date:
        return self.ended_on or self.until

    def is_over(self, today: date) -> bool:
        """Whether it covers its check no longer, or nobody granted it in time."""
        return self.covered_until < today or self.lapsed_at is not None
