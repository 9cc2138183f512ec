"""What the records page shows of a project, gathered in a fixed number of queries."""

from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import F, Max, Q, Window
from django.db.models.functions import RowNumber

from common.texts import localised
from projects.models import Project
from records.models import PARTS, MetricDefinition, MetricResult, Subject, SubjectValue

LATEST_AT_MOST = 200
EARLIER_AT_MOST = 5


@dataclass(frozen=True, slots=True)
class SubjectPart:
    """One part of what the project is about; `since` None where nobody named it yet.

    `earlier`: the values it had before, each with the day from which on, the latest first; at most five.
    """

    part: str
    value: str
    since: datetime | None
    earlier: tuple[tuple[str, datetime], ...] = ()


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
    values, seen = row.parts() if row else {}, latest_values(project, EARLIER_AT_MOST + 1)
    found = []
    for part in PARTS:
        since = dict(seen[part])
        # The current value is the one that became current last.
        earlier = [(value, moment) for value, moment in seen[part] if value != values.get(part)]
        now = values.get(part, "")
        found.append(SubjectPart(part, now, since.get(now), tuple(earlier[:EARLIER_AT_MOST])))
    return found


def latest_values(project: Project, most: int) -> dict[str, list[tuple[str, datetime]]]:
    """Of each part the values that became current last, with the moment, the latest first; one query."""
    place = Window(RowNumber(), partition_by=["part"], order_by=[F("since").desc(), F("pk").desc()])
    rows = SubjectValue.objects.filter(project=project).annotate(place=place).filter(place__lte=most).order_by("place")
    found: dict[str, list[tuple[str, datetime]]] = {part: [] for part in PARTS}
    for part, value, since in rows.values_list("part", "value", "since"):
        found[part].append((value, since))
    return found


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
