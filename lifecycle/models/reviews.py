from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from lifecycle.models.changes import Change, frozen_rows
from lifecycle.models.checks import Check
from lifecycle.models.definition import ANY, Definition, StageDefinition
from lifecycle.models.process import Stage
from lifecycle.models.templates import TemplateVersion, definition_of
from projects.models import Action, Deputy, FunctionalRole, Membership, Project
from records.models import ModelVersion


class Decision(models.TextChoices):
    GO = "go", _("Go")
    CONDITIONAL_GO = "conditional_go", _("Conditional go")
    HOLD = "hold", _("Hold")
    RECYCLE = "recycle", _("Recycle")
    KILL = "kill", _("Kill")


class RecycleReason(models.TextChoices):
    DATA_QUALITY = "data_quality", _("Data quality")
    MODEL_QUALITY = "model_quality", _("Model quality")
    FAIRNESS = "fairness", _("Fairness")
    SAFETY = "safety", _("Safety")
    SCOPE = "scope", _("Scope")
    COST = "cost", _("Cost")
    COMPLIANCE = "compliance", _("Compliance")
    OTHER = "other", _("Other")


class ReviewState(models.TextChoices):
    OPEN = "open", _("Open")
    DECIDED = "decided", _("Decided")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class GateReviewQuerySet(models.QuerySet["GateReview"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(stage__process__project__in=Project.objects.visible_to(actor))

    def open(self) -> Self:
        return self.filter(state=ReviewState.OPEN)

    def decided(self) -> Self:
        return self.filter(state=ReviewState.DECIDED)

    def of_gate(self, process_id: int, key: str) -> Self:
        """The rounds of a gate in every iteration of its stage, those too that took it along in a joint packet."""
        taken = GateReview.joint.through.objects.filter(gatereview=OuterRef("pk"), stage__key=key)
        return self.filter(stage__process=process_id).filter(Q(stage__key=key) | Exists(taken))

    def of_iteration(self, stage: Stage) -> Self:
        """The rounds of one iteration of a stage, as its own or in a joint packet."""
        taken = GateReview.joint.through.objects.filter(gatereview=OuterRef("pk"), stage=stage.pk)
        return self.filter(stage__process=stage.process_id).filter(Q(stage=stage.pk) | Exists(taken))

    def waiting_on(self, actor: Actor, today: date) -> Self:
        """Open rounds that lack this person's vote, their own or as today's deputy of someone who decides.

        Not those that they asked for themself, stepped back from or may not decide as owner or as the trainer of the
        model, nor where the person they stand in for is kept apart or has voted. As SQL, for lists and counts of many
        projects; `selectors.sittings` has the whole rule: who supplied proof is known only once the packet is read,
        and whoever was named a moment ago waits for minutes only.
        """
        # Everything starts from the few projects in which this person votes, not from all that is open.
        mine = Membership.objects.filter(user=actor.user)
        deciding = mine.filter(decide=True)
        working = mine.filter(Q(owner=True) | Q(contribute=True) | Q(decide=True)).order_by().values("project")
        serving = Deputy.objects.serving(today).filter(deputy=actor.user, project__in=working)
        here = OuterRef("stage__process__project")
        # As text, for SQLite does not search in JSON.
        rows = self.open().alias(apart=Cast("separation", models.TextField()), judged=KT("document__subject__model"))
        others, no_owner = _stood_in_for(actor.user_id, today), ~Q(apart__contains='"owner_cannot_decide"')
        owned = Membership.objects.filter(project=OuterRef("project"), user=OuterRef("user"), owner=True)
        return (
            rows.filter(
                Q(stage__process__project__in=deciding.order_by().values("project"))
                | Q(stage__process__project__in=serving.order_by().values("project")),
                stage__process__project__state="active",
            )
            .filter(
                (Exists(_seats_of(deciding)) & ~_voted_for(actor.user_id))
                | Exists(others.filter(~Exists(owned)))
                | (no_owner & Exists(others))
            )
            .filter(no_owner | ~Exists(mine.filter(project=here, owner=True)))
            .exclude(Exists(Vote.objects.standing().filter(review=OuterRef("pk"), user=actor.user)))
            .exclude(Exists(Recusal.objects.filter(review=OuterRef("pk"), user=actor.user)))
            .exclude(_trained_and_would_evaluate(actor.user_id))
            .exclude(requested_by_id=actor.user_id)
        )


def _seats_of(deciding: models.QuerySet[Membership]) -> "models.QuerySet[Seat]":
    """The seats of an outer round that any of these members may take."""
    role = FunctionalRole.objects.filter(
        membership__in=deciding,
        membership__project=OuterRef(OuterRef("stage__process__project")),
        role=OuterRef("role"),
    )
    return Seat.objects.filter(review=OuterRef("pk")).filter(Q(role=ANY) | Exists(role))


def _stood_in_for(user_id: int | None, today: date) -> models.QuerySet[Deputy]:
    """The people in an outer round's project whose deputy this person is, who may vote in it and have not."""
    here, them = OuterRef(OuterRef("pk")), OuterRef("user")
    deciding = Membership.objects.filter(project=OuterRef("project"), user=them, user__is_active=True, decide=True)
    role = FunctionalRole.objects.filter(
        membership__project=OuterRef(OuterRef("project")),
        membership__user=OuterRef(OuterRef("user")),
        role=OuterRef("role"),
    )
    seat = Seat.objects.filter(review=here).filter(Q(role=ANY) | Exists(role))
    voted = Vote.objects.standing().filter(review=here, user=them)
    recused = Recusal.objects.filter(review=here, user=them)
    serving = Deputy.objects.serving(today).filter(deputy=user_id, project=OuterRef("stage__process__project"))
    may = serving.filter(Exists(deciding), Exists(seat), ~Exists(voted), ~Exists(recused))
    return may.exclude(user=OuterRef("requested_by"))


def _trained_and_would_evaluate(user_id: int | None) -> Q:
    """Whether an outer round's rules keep this person from judging, as evaluator, a model that they trained."""
    here = OuterRef("stage__process__project")
    trained = ModelVersion.objects.filter(trained_by=user_id, project=here, name=OuterRef("judged"))
    role = FunctionalRole.objects.filter(membership__user=user_id, membership__project=here, role="evaluator")
    seat = Seat.objects.filter(review=OuterRef("pk"), role__in=[ANY, "evaluator"])
    return Q(apart__contains='"evaluator_not_trainer"') & Q(Exists(trained), Exists(role), Exists(seat))


def _voted_for(user_id: int | None) -> Q:
    """Whether a deputy's vote for this person stands in an outer round. As text, as in `waiting_on`."""
    votes = Vote.objects.standing().filter(review=OuterRef("pk")).alias(named=Cast("on_behalf_of", models.TextField()))
    spelled = [f"[{user_id}]", f"[{user_id},", f" {user_id},", f" {user_id}]"]
    words = Q(*[("named__contains", word) for word in spelled], _connector=Q.OR)
    return Q(Exists(votes.filter(words)))


class GateReview(models.Model):
    """One round of one gate: rules copied when it opens, decided once, frozen for ever.

    `packet` is the SHA-256 of `document`, what the votes speak about; `basis` is what the decision rests on, as shown.
    """

    stage = models.ForeignKey(Stage, models.PROTECT, related_name="reviews")
    round = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, choices=ReviewState, default=ReviewState.OPEN)
    extraordinary = models.BooleanField(default=False)
    despite_blockers = models.BooleanField(default=False)
    note = models.TextField(max_length=4000, blank=True)
    # The stages after `stage` that go with it as one joint packet.
    joint = models.ManyToManyField(Stage, related_name="joint_reviews")
    # What it is read by for ever, wherever its process moves: the template version and level when it was asked for.
    template_version = models.ForeignKey(TemplateVersion, models.PROTECT, null=True, related_name="+")
    level = models.CharField(max_length=10, blank=True, db_default="")
    # A review of just the checks that a change turned stale.
    change = models.ForeignKey(Change, models.PROTECT, null=True, related_name="reviews")
    quorum = models.PositiveSmallIntegerField()
    must_include = models.JSONField(default=list)
    separation = models.JSONField(default=list)
    # Of a joint packet, the rules of each of its gates, which all have to be carried; the three above join them.
    gates = models.JSONField(default=list)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    packet = models.CharField(max_length=71)
    document = models.JSONField()
    decision = models.CharField(max_length=14, choices=Decision, blank=True)
    reason = models.CharField(max_length=14, choices=RecycleReason, blank=True)
    return_to = models.CharField(max_length=40, blank=True)
    until = models.DateField(null=True)
    decided_at = models.DateTimeField(null=True)
    basis = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)

    objects = GateReviewQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["requested_at"], name="review_by_request"),
            models.Index(fields=["decided_at"], name="review_by_decision"),
            models.Index(fields=["requested_at"], condition=Q(state="open"), name="open_review_by_request"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["stage"], condition=Q(state="open"), name="stage_has_one_open_review"),
            models.UniqueConstraint(fields=["stage", "round"], name="round_is_numbered_once"),
            models.CheckConstraint(
                condition=Q(state="decided", decision__gt="", decided_at__isnull=False)
                | ~Q(state="decided") & Q(decision="", decided_at=None),
                name="review_is_decided_whole_or_not_at_all",
            ),
        ]

    def __str__(self) -> str:
        return f"round {self.round} of {self.stage}"

    @property
    def is_open(self) -> bool:
        return self.state == ReviewState.OPEN

    @property
    def template(self) -> Definition:
        """The whole template, as the round was asked for under it."""
        return definition_of(self.template_version_id or self.stage.version_id)

    @property
    def definition(self) -> StageDefinition:
        return self.template.by_key[self.stage.key]

    @property
    def frozen_checks(self) -> list[dict[str, Any]]:
        """A row for each check that the decision froze, its figures as numbers; none while nobody has decided."""
        return frozen_rows(self.basis)

    @property
    def deciders(self) -> list[str]:
        return [seat.role for seat in self.seats.all()]


class Seat(models.Model):
    """A role that may vote in a round (`any`: whoever may decide); copied from the template when the round opened."""

    review = models.ForeignKey(GateReview, models.CASCADE, related_name="seats")
    role = models.CharField(max_length=40)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["review", "role"], name="seat_is_offered_once")]

    def __str__(self) -> str:
        return self.role


class VoteState(models.TextChoices):
    STANDING = "standing", _("Standing")
    VOID = "void", _("Void")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class VoteQuerySet(models.QuerySet["Vote"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(review__stage__process__project__in=Project.objects.visible_to(actor))

    def standing(self) -> Self:
        return self.filter(state=VoteState.STANDING)


class Vote(models.Model):
    """One person's word in a round, for every decider role they hold.

    `conditions` are proposals until the round is decided.
    """

    review = models.ForeignKey(GateReview, models.PROTECT, related_name="votes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    roles = models.JSONField(default=list)
    outside = models.BooleanField(default=False)
    # Ids of the people whose deputy the voter was: `roles` holds theirs too.
    on_behalf_of = models.JSONField(default=list)
    decision = models.CharField(max_length=14, choices=Decision)
    rationale = models.TextField(max_length=4000)
    reason = models.CharField(max_length=14, choices=RecycleReason, blank=True)
    conditions = models.JSONField(default=list)
    return_to = models.CharField(max_length=40, blank=True)
    until = models.DateField(null=True)
    packet = models.CharField(max_length=71)
    state = models.CharField(max_length=10, choices=VoteState, default=VoteState.STANDING)
    cast_at = models.DateTimeField()

    objects = VoteQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["review", "user"], condition=Q(state="standing"), name="person_has_one_standing_vote"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.decision}"


class RecusalQuerySet(models.QuerySet["Recusal"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(review__stage__process__project__in=Project.objects.visible_to(actor))


class Recusal(models.Model):
    """A gatekeeper who says that they cannot decide this round, and why; their vote, if any, ends with it."""

    review = models.ForeignKey(GateReview, models.PROTECT, related_name="recusals")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.TextField(max_length=4000)
    at = models.DateTimeField()

    objects = RecusalQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["review", "user"], name="person_recuses_themself_once")]

    def __str__(self) -> str:
        return f"{self.user} stays out of {self.review}"


class Reopening(models.Model):
    """A decided gate that was opened again: the decision stays, a new iteration of its stage starts."""

    review = models.OneToOneField(GateReview, models.PROTECT, related_name="reopening")
    stage = models.OneToOneField(Stage, models.PROTECT, related_name="reopening")
    reason = models.TextField(max_length=4000)
    reopened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.review} reopened"


class ConditionState(models.TextChoices):
    OPEN = "open", _("Open")
    PROPOSED = "proposed", _("Proposed as met")
    MET = "met", _("Met")
    # A later decision deferred the same check anew.
    REPLACED = "replaced", _("Replaced")


class ConditionQuerySet(models.QuerySet["Condition"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(review__stage__process__project__in=Project.objects.visible_to(actor))

    def standing(self) -> Self:
        return self.filter(closed_at=None)

    def overdue(self, today: date) -> Self:
        return self.standing().filter(action__due_on__lt=today)


class Condition(models.Model):
    """What a conditional go asks for: an action with an owner and a day, which may defer one required check."""

    review = models.ForeignKey(GateReview, models.PROTECT, related_name="conditions")
    action = models.OneToOneField(Action, models.PROTECT, related_name="condition")
    check_key = models.CharField(max_length=60, blank=True)
    # The row it defers: in a newer iteration of the stage the check is asked again.
    check_row = models.ForeignKey(Check, models.PROTECT, null=True, related_name="+")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=ConditionState, default=ConditionState.OPEN)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    objects = ConditionQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["met", "replaced"], closed_at__isnull=False)
                | Q(state__in=["open", "proposed"], closed_at=None),
                name="condition_that_is_over_says_when",
            )
        ]

    def __str__(self) -> str:
        return f"{self.action}"


class Rework(models.Model):
    """One loop back: from where to where, why, and when it ended; rework days are counted from it."""

    review = models.OneToOneField(GateReview, models.PROTECT, related_name="rework")
    from_stage = models.CharField(max_length=40)
    to_stage = models.CharField(max_length=40)
    reason = models.CharField(max_length=14, choices=RecycleReason)
    started_on = models.DateField()
    ended_on = models.DateField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")),
                name="rework_does_not_end_before_it_starts",
            )
        ]

    def __str__(self) -> str:
        return f"{self.from_stage} to {self.to_stage}"
