"""What gates, statuses and gate checks ask of the database, as statements that are written once a process."""

from datetime import date

from django.db.models import Count, DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Left

from accounts.actor import SESSION, Actor
from accounts.models import ApiToken, User
from common.questions import Question
from lifecycle.models import (
    Check,
    CheckEvidence,
    Condition,
    GateReview,
    ReviewState,
    Stage,
    StageState,
    Vote,
    VoteState,
)
from projects.models import BudgetLine, FunctionalRole, Spend
from records.models import PARTS, MetricResult
from risks.models import Assessment, Risk

IN_FAVOUR = ("go", "conditional_go")
MONEY = DecimalField(max_digits=16, decimal_places=2)


def named(*columns: str) -> list[str]:
    """The columns that a person's display name is made of."""
    return [f"{column}__{part}" for column in columns for part in ("username", "name", "name_zh")]


@Question
def stages_seen(*, key: str, user: int | None, guest: bool, project: int | None) -> QuerySet[Stage]:
    """The latest stages of a project that this person may see.

    No `user` stands for somebody who sees all of them by an instance role, `project` for the one project of a token.
    """
    token = ApiToken(project_id=project) if project else None
    reader = Actor(User(pk=user, is_admin=user is None, is_guest=guest), token, SESSION, None, "")
    within, reviews = OuterRef("process__project"), GateReview.objects.filter(stage=OuterRef("pk"))
    planned = BudgetLine.objects.filter(project=within).order_by().values("project").annotate(sum=Sum("planned"))
    spent = Spend.objects.filter(line__project=within).order_by().values("line__project").annotate(sum=Sum("amount"))
    standing_in = Count("votes", filter=Q(votes__state=VoteState.STANDING))
    # What is counted loses the model's own order.
    cast = reviews.decided().annotate(cast=standing_in).order_by("-id").values("cast")
    taken = GateReview.joint.through.objects.filter(stage=OuterRef("pk"), gatereview__state=ReviewState.DECIDED)
    standing = Count("gatereview__votes", filter=Q(gatereview__votes__state=VoteState.STANDING))
    together = taken.order_by("-gatereview").values(cast=standing)
    # What a later round about a change took up is decided, too.
    since = GateReview.objects.decided().filter(
        change__isnull=False,
        decision__in=IN_FAVOUR,
        stage__process=OuterRef("process"),
        decided_at__gt=OuterRef("ended_at"),
    )
    stages = Stage.objects.visible_to(reader).of_project(key).newest().select_related("process__project__subject")
    return stages.only(
        "process_id", "key", "position", "iteration", "state", "starts_on", "due_on", "started_at", "ended_at",
        "decision", "version", "ended_version_id", "ended_level",
        "process__project_id", "process__template_version_id", "process__level", "process__baseline_model",
        "process__awaits_counsel",
        "process__project__key", "process__project__name", "process__project__translations", "process__project__state",
        "process__project__health", "process__project__target_on", "process__project__currency",
        "process__project__subject",
    ).annotate(
        planned=Coalesce(Subquery(planned.values("sum")), 0, output_field=MONEY),
        spent=Coalesce(Subquery(spent.values("sum")), 0, output_field=MONEY),
        open_review=Subquery(reviews.open().values("pk")[:1]),
        # Null where nobody decided; else how many votes stand in the last round that was decided.
        decided_subject=Coalesce(
            Subquery(since.order_by("-id").values("document__subject")[:1]),
            Subquery(reviews.decided().order_by("-id").values("document__subject")[:1]),
            Subquery(taken.order_by("-gatereview").values("gatereview__document__subject")[:1]),
        ),
        votes_cast=Coalesce(Subquery(cast[:1]), Subquery(together[:1])),
    )  # fmt: skip


@Question
def checks_of(stages: list[int]) -> QuerySet[Check]:
    return _with_people(Check.objects.asked().filter(stage__in=stages).with_facts())


@Question
def checks_also(stages: list[int], processes: list[int], keys: list[str]) -> QuerySet[Check]:
    """The checks of `stages`, and those of these keys wherever they stand now in one of `processes`."""
    wanted = Q(stage__in=stages) | Q(stage__superseded=False, key__in=keys)
    return _with_people(Check.objects.asked().filter(wanted, stage__process__in=processes).with_facts())


def checks_kept(processes: list[int], keys: list[str]) -> QuerySet[Check]:
    """The checks of these keys in stages that have not ended or were skipped: asked for, or dropped and kept."""
    still = Q(stage__ended_at=None) | Q(stage__state=StageState.SKIPPED)
    rows = Check.objects.filter(still, stage__superseded=False, stage__process__in=processes, key__in=keys)
    return _with_people(rows.with_facts(), "dropped")


def _with_people(checks: QuerySet[Check], *more: str) -> QuerySet[Check]:
    rows = checks.select_related("stage", "answered_by", "assignee").order_by("stage_id", "position")
    return rows.only(
        "key", "kind", "required", "answer", "answered_at", "subject", "carried", "confirmed_by_id", "note", "due_on",
        "version", "stage__process_id", "stage__key", "stage__iteration", "stage__superseded", "stage__opened_at",
        "stage__started_at", "stage__ended_version_id", *more,
        *named("answered_by", "assignee"),
    )  # fmt: skip


@Question
def votes_in(stages: list[int]) -> QuerySet[Vote]:
    """The standing votes of the open rounds of these stages."""
    found = Vote.objects.standing().filter(review__in=GateReview.objects.open().filter(stage__in=stages))
    return found.annotate(stage=F("review__stage")).only("pk").order_by()


@Question
def votes_of(rounds: list[int]) -> QuerySet[Vote]:
    """The standing votes of these rounds."""
    return Vote.objects.standing().filter(review__in=rounds).only("review_id").order_by()


@Question
def proofs_of(checks: list[int]) -> QuerySet[CheckEvidence]:
    """Proof that counts, and the revisions that it took the place of."""
    links = CheckEvidence.objects.standing_or_replaced().filter(check_row__in=checks)
    return links.select_related("evidence__supplied_by").only(
        "check_row_id", "carried", "replaced", "linked_by_id", "evidence__first_id", "evidence__title", "evidence__url",
        "evidence__sha256", "evidence__subject", "evidence__valid_until", "evidence__supplied_at",
        "evidence__effective_at", "evidence__confidential", "evidence__version",
        *named("evidence__supplied_by"),
    )  # fmt: skip


@Question
def baselines_of(checks: list[int]) -> QuerySet[Check]:
    """The same checks with `baseline_id`: the latest result of the model that their project compares with."""
    return Check.objects.filter(pk__in=checks).with_baseline().order_by().only("pk")


@Question
def results_named(ids: list[int]) -> QuerySet[MetricResult]:
    columns = ("metric", "value", "slice", "n", "low", "high", "benchmark", "run_id", "measured_at")
    rows = MetricResult.objects.filter(pk__in=ids).select_related("recorded_by").order_by()
    return rows.only(*columns, *PARTS, *named("recorded_by"))


@Question
def open_risks(projects: list[int], today: date) -> QuerySet[Risk]:
    columns = ("project_id", "library", "title", "category", "current_likelihood", "current_impact", "scored_at")
    rows = Risk.objects.filter(project__in=projects).open().with_acceptance(today).only(*columns)
    return rows.annotate(plan=Left("treatment_plan", 200))


@Question
def attempts(projects: list[int]) -> QuerySet[Assessment]:
    """Every attempt at every questionnaire, oldest first: a row for each `role` that signed with each `filler`."""
    people = {"role": F("signatures__role"), "signer": F("signatures__signed_by"), "filler": F("fillers__pk")}
    rows = Assessment.objects.filter(project__in=projects).annotate(**people).order_by("pk")
    return rows.only("project_id", "key", "state", "subject", "filled_by_id", "filled_at", "expires_on")


@Question
def standing_conditions(processes: list[int]) -> QuerySet[Condition]:
    role = FunctionalRole.objects.filter(
        membership__project=OuterRef("action__project"), membership__user=OuterRef("action__owner")
    )
    rows = Condition.objects.standing().filter(review__stage__process__in=processes)
    return (
        rows.select_related("review__stage", "action__owner")
        .only(
            "check_key", "check_row_id", "review__stage__key", "review__stage__process_id", "action__text",
            "action__due_on", "action__created_at", *named("action__owner"),
        )
        .annotate(owner_role=Subquery(role.values("role")[:1]))
    )  # fmt: skip
