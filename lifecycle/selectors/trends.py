from collections import defaultdict

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from lifecycle.criteria import Readiness
from lifecycle.models import Stage
from records.models import MetricResult

POINTS = 12


def trends(stage: Stage, answer: Readiness) -> dict[str, list[float]]:
    """The last values of each metric check of the stage, oldest first, in one query: what its small chart draws.

    A check on a slice draws the slice's values; two checks on one metric each draw their own.
    """
    rules = {one.check.key: one.check.item.criterion for one in answer.checks if one.check.kind == "metric"}
    wanted = {key: (rule["key"], rule.get("slice", "")) for key, rule in rules.items()}
    if not wanted:
        return {}
    metrics, slices = zip(*wanted.values(), strict=True)
    newest = [F("measured_at").desc(), F("pk").desc()]
    place = Window(RowNumber(), partition_by=["metric", "slice"], order_by=newest)
    results = MetricResult.objects.counting().of([stage.process.project_id], metrics).filter(slice__in=slices)
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for metric, part, value in (
        results.annotate(place=place)
        .filter(place__lte=POINTS)
        .order_by("-place")
        .values_list("metric", "slice", "value")
    ):
        found[metric, part].append(value)
    return {key: found[pair] for key, pair in wanted.items() if pair in found}
