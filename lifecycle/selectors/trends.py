from collections import defaultdict

from lifecycle.criteria import Readiness
from lifecycle.models import Stage
from records.models import MetricResult

POINTS = 12


def trends(stage: Stage, answer: Readiness) -> dict[str, list[float]]:
    """The last values of each metric check of the stage, oldest first, in one query: what its small chart draws."""
    wanted = {one.check.item.criterion["key"]: one.check.key for one in answer.checks if one.check.kind == "metric"}
    if not wanted:
        return {}
    results = MetricResult.objects.counting().of([stage.process.project_id], wanted).filter(slice="")
    found: dict[str, list[float]] = defaultdict(list)
    for metric, value in results.order_by("-measured_at", "-id").values_list("metric", "value")[: POINTS * len(wanted)]:
        if len(found[wanted[metric]]) < POINTS:
            found[wanted[metric]].insert(0, value)
    return dict(found)
