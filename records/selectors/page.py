"""What the records page shows of a project, gathered in a fixed number of queries."""

from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Max, Q

from common.texts import localised
from projects.models import Project
from records.models import PARTS, MetricDefinition, MetricResult, Subject, SubjectValue

LATEST_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class SubjectPart:
    """One part of what the project is about; `since` None where nobody named it yet."""

    part: str
    value: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class LatestResult:
    """The last value that counts of one metric and slice, with the metric's own words."""

    name: str
    unit: str
    direction: str
    result: MetricResult


def subject_parts(project: Project) -> list[SubjectPart]:
    """The four parts in their order, named or not."""
    row = Subject.objects.filter(project=project).first()
    values = row.parts() if row else {}
    since = {
        (part, value): moment
        for part, value, moment in SubjectValue.objects.filter(project=project, value__in=values.values()).values_list(
            "part", "value", "since"
        )
    }
    return [SubjectPart(part, values.get(part, ""), since.get((part, values.get(part, "")))) for part in PARTS]


def latest_results(project: Project) -> list[LatestResult]:
    """The value that counts of each metric and slice, by the metric's name; at most 200 of them."""
    counting = MetricResult.objects.counting().filter(project=project)
    last = counting.order_by().values("metric", "slice").annotate(at=Max("measured_at"))[:LATEST_AT_MOST]
    places = [Q(metric=row["metric"], slice=row["slice"], measured_at=row["at"]) for row in last]
    if not places:
        return []
    rows = counting.filter(reduce(or_, places)).select_related("recorded_by").order_by("metric", "slice", "id")
    # Of two values of one instant the later row counts, as for the checks.
    found = {(row.metric, row.slice): row for row in rows}
    defined = MetricDefinition.objects.in_bulk({metric for metric, _slice in found}, field_name="key")
    shown = [_latest(row, defined.get(row.metric)) for row in found.values()]
    return sorted(shown, key=lambda item: (item.name, item.result.slice))


def _latest(row: MetricResult, definition: MetricDefinition | None) -> LatestResult:
    if definition is None:
        return LatestResult(row.metric, "", "", row)
    return LatestResult(localised(definition.name), definition.unit, definition.direction, row)
