"""Which metric results would decide checks that no row asks for yet: two queries for all of a batch."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.db.models import BigIntegerField, Case, DateTimeField, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from lifecycle.criteria import Result
from lifecycle.models import Item, Stage
from lifecycle.models.checks import EPOCH
from lifecycle.selectors import questions
from lifecycle.selectors.facts import result_of
from records.models import PARTS, MetricResult

Measured = dict[str, tuple[Result | None, Result | None]]


def measured(wanted: Mapping[int, Sequence[Item]], since_opened: Mapping[str, Sequence[int]]) -> Mapping[int, Measured]:
    """By stage and check: the result that counts, and that of the baseline model.

    `wanted` are the metric items to look up for each stage; in the stages that `since_opened` names for an item only
    what was measured since they opened counts.
    """
    found: dict[int, Measured] = defaultdict(dict)
    items = list({item.key: item for asked in wanted.values() for item in asked}.values())
    if not items:
        return found
    rows: QuerySet[Stage] = Stage.objects.filter(pk__in=wanted).order_by()
    for number, item in enumerate(items):
        stages = [pk for pk, asked in wanted.items() if item in asked]
        rows = _looked_up(rows, number, item, stages, since_opened.get(item.key, ()))
    columns = [f"{what}_{number}" for number in range(len(items)) for what in ("counts", "baseline")]
    ids = {row[0]: row[1:] for row in rows.values_list("pk", *columns)}
    named = sorted({pk for row in ids.values() for pk in row if pk})
    results = {row.pk: result_of(row) for row in questions.results_named(ids=named)}
    places = {item.key: 2 * number for number, item in enumerate(items)}
    for stage, asked in wanted.items():
        for item in asked:
            counts, baseline = ids[stage][places[item.key] : places[item.key] + 2]
            found[stage][item.key] = (results.get(counts), results.get(baseline))
    return found


def _looked_up(
    rows: QuerySet[Stage], number: int, item: Item, stages: Sequence[int], since_opened: Sequence[int]
) -> QuerySet[Stage]:
    """The ids of both results, as `CheckQuerySet.with_facts` and `with_baseline` find them for rows that are there."""
    rule, since = item.criterion, f"since_{number}"
    results = (
        MetricResult.objects.counting()
        .annotate(size=Coalesce("n", 0))
        .filter(
            project=OuterRef("process__project"),
            metric=rule["key"],
            slice=rule.get("slice", ""),
            size__gte=rule.get("min_sample", 0),
        )
        .order_by("-measured_at", "-id")
    )
    fresh = results.filter(measured_at__gte=OuterRef(since))
    current = [Q(**{part: ""}) | Q(**{part: OuterRef(f"process__project__subject__{part}")}) for part in PARTS]
    counts = Coalesce(Subquery(fresh.filter(*current).values("pk")[:1]), Subquery(fresh.values("pk")[:1]))
    compared = results.filter(model=OuterRef("process__baseline_model")).exclude(model="")
    nothing = Value(None, output_field=BigIntegerField())
    baseline = Subquery(compared.values("pk")[:1]) if "baseline" in rule else nothing
    opened = When(pk__in=list(since_opened), then=F("opened_at"))
    rows = rows.annotate(**{since: Case(opened, default=Value(EPOCH), output_field=DateTimeField())})
    # Only where the stage asks for it: the others cost no look-up.
    return rows.annotate(
        **{
            f"counts_{number}": Case(When(pk__in=list(stages), then=counts)),
            f"baseline_{number}": Case(When(pk__in=list(stages), then=baseline)),
        }
    )
