"""Measured values: recorded once per run, repeated without harm, never changed in silence."""

import difflib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Required, TypedDict, Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from common.errors import FieldError, ValidationFailed
from common.versions import subject as named
from journal.services import record
from projects.models import Project
from projects.permissions import Action, require
from projects.services import lock_unarchived
from records.errors import MetricAlreadyRecorded, UnknownMetric
from records.models import MetricDefinition, MetricResult
from records.services.subjects import Moved, Parts, as_data, current_parts, move_subject, named_parts

Key = tuple[str, str, int, str]


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measured value as it was reported. `place` is the JSON pointer of the object it came in ("/metrics/3")."""

    metric: str
    value: float
    run_id: str
    measured_at: datetime
    step: int = 0
    slice: str = ""
    n: int | None = None
    low: float | None = None
    high: float | None = None
    benchmark: str = ""
    place: str = ""

    @property
    def key(self) -> Key:
        return self.metric, self.run_id, self.step, self.slice


@dataclass(frozen=True, slots=True)
class Terms:
    """How measurements are to be taken.

    `subject`: the parts they were made for; what it does not name is as the project's subject says. A `candidate` moves
    nothing and counts for no check. `make_current` brings an older value back. `supersede` is the reason why another
    value replaces the one of the same run; "" refuses it.
    A candidate replaces only candidates.
    """

    subject: Parts | None = None
    candidate: bool = False
    make_current: bool = False
    supersede: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of measurements: their rows in the order given, how many are new, and how the subject moved."""

    results: list[MetricResult]
    created: int
    moved: list[Moved]


class MeasurementInput(TypedDict, total=False):
    metric: Required[str]
    value: Required[float]
    run_id: Required[str]
    measured_at: Required[datetime]
    step: int
    slice: str
    n: int | None
    low: float | None
    high: float | None
    benchmark: str


class PushInput(MeasurementInput, total=False):
    subject: Parts | None
    make_current: bool
    candidate: bool


@transaction.atomic
def push_metric(
    *,
    project: Project,
    actor: Actor,
    supersede: bool = False,
    reason: str = "",
    now: datetime,
    **given: Unpack[PushInput],
) -> tuple[MetricResult, bool]:
    """Record one value; True when it is new. The same value again changes nothing.

    Raises MetricAlreadyRecorded for another value of the same run unless `supersede` with a `reason`, and for a
    candidate under the run of a result that counts; UnknownMetric.
    """
    if supersede and not reason:
        raise ValidationFailed.at("reason", "required", _("Replacing a recorded value takes a reason."))
    terms = Terms(
        subject=given.get("subject"),
        candidate=given.get("candidate", False),
        make_current=given.get("make_current", False),
        supersede=reason if supersede else "",
    )
    stored = store_results(project=project, actor=actor, measurements=[measured(given)], terms=terms, now=now)
    result = stored.results[0]
    if not stored.created and not stored.moved:
        return result, False
    record(
        "metric.superseded" if result.revision > 1 and stored.created else "metric.recorded",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=named(MetricResult, result.pk),
        reason=reason,
        **as_entry(stored),
    )
    return result, bool(stored.created)


def store_results(
    *, project: Project, actor: Actor, measurements: Sequence[Measurement], terms: Terms, now: datetime
) -> Stored:
    """Write measurements in the caller's transaction and journal entry (`as_entry`), in a constant number of queries.

    Locks the project. Raises PermissionDenied, ProjectArchived, UnknownMetric, MetricAlreadyRecorded, ValidationFailed
    (a bound that its value lies outside of).
    """
    require(actor, Action.WORK, project)
    locked = lock_unarchived(project)
    _check(measurements)
    standing = _standing(locked, measurements)
    fresh = _fresh(measurements, standing, terms)
    _supersede(locked, actor, fresh, standing, terms)
    parts = {**current_parts(locked), **named_parts(terms.subject)}
    rows = [_row(locked, actor, item, standing.get(item.key), parts, terms, now) for item in fresh]
    created = {(row.metric, row.run_id, row.step, row.slice): row for row in MetricResult.objects.bulk_create(rows)}
    moved: list[Moved] = []
    if not terms.candidate:
        moved = move_subject(project=locked, actor=actor, parts=terms.subject or {}, force=terms.make_current, now=now)
    return Stored([created.get(item.key) or standing[item.key] for item in measurements], len(rows), moved)


def measured(given: MeasurementInput, place: str = "") -> Measurement:
    """A measurement of the input at `place`; other keys of a wider input are left alone."""
    names = MeasurementInput.__annotations__
    return Measurement(place=place, **{name: value for name, value in given.items() if name in names})  # type: ignore[arg-type] # keys are those of the class


def as_entry(stored: Stored) -> dict[str, Any]:
    """What the journal keeps of stored results."""
    values = [
        {"metric": row.metric, "slice": row.slice, "value": row.value, "run_id": row.run_id, "step": row.step}
        for row in stored.results
    ]
    return {"results": values, "moved": as_data(stored.moved)}


def _check(measurements: Sequence[Measurement]) -> None:
    keys = {item.metric for item in measurements}
    known = set(MetricDefinition.objects.filter(key__in=keys).values_list("key", flat=True))
    if keys - known:
        raise UnknownMetric(errors=[_unknown(item) for item in measurements if item.metric not in known])
    flaws = [flaw for item in measurements for flaw in _flaws(item)]
    if flaws:
        raise ValidationFailed(errors=flaws)


def _unknown(item: Measurement) -> FieldError:
    defined = list(MetricDefinition.objects.values_list("key", flat=True))
    near = difflib.get_close_matches(item.metric, defined, n=1, cutoff=0.4)
    asked = _("No metric is called %(key)s.") % {"key": item.metric}
    hint = _("Did you mean %(near)s?") % {"near": near[0]} if near else _("metric-definitions/ lists them.")
    return FieldError(f"{item.place}/metric", "unknown_metric", f"{asked} {hint}")


def _flaws(item: Measurement) -> list[FieldError]:
    """A bound on the wrong side of its value is a mix-up of columns, not a measurement."""
    low, high = item.low if item.low is not None else -math.inf, item.high if item.high is not None else math.inf
    if low <= item.value <= high:
        return []
    field = "low" if low > item.value else "high"
    return [FieldError(f"{item.place}/{field}", "out_of_range", _("The value lies outside of low and high."))]


def _standing(project: Project, measurements: Sequence[Measurement]) -> dict[Key, MetricResult]:
    """The values that stand under the same metrics and runs, by key."""
    rows = MetricResult.objects.filter(
        project=project,
        metric__in={item.metric for item in measurements},
        run_id__in={item.run_id for item in measurements},
        step__in={item.step for item in measurements},
        superseded=False,
    )
    return {(row.metric, row.run_id, row.step, row.slice): row for row in rows}


def _fresh(measurements: Sequence[Measurement], standing: dict[Key, MetricResult], terms: Terms) -> list[Measurement]:
    """Those that are not there yet. Raises MetricAlreadyRecorded for a different one without a reason."""
    fresh: dict[Key, Measurement] = {}
    for item in measurements:
        twin, there = fresh.get(item.key), standing.get(item.key)
        if there and terms.candidate and not there.candidate:
            raise _counts_already(item)
        if (twin and not _same(twin, item)) or (there and not (terms.supersede or _same_as_row(there, item, terms))):
            raise _already(item, twin.value if twin else there.value if there else item.value)
        if not there or not _same_as_row(there, item, terms):
            fresh[item.key] = item
    return list(fresh.values())


def _same(one: Measurement, other: Measurement) -> bool:
    return (one.value, one.n, one.low, one.high) == (other.value, other.n, other.low, other.high)


def _same_as_row(row: MetricResult, item: Measurement, terms: Terms) -> bool:
    """A candidate's value is not that of a run that counts, even when the numbers agree: only the latter decides."""
    numbers = (row.value, row.n, row.low, row.high) == (item.value, item.n, item.low, item.high)
    return numbers and row.candidate == terms.candidate


def _already(item: Measurement, value: float) -> MetricAlreadyRecorded:
    words = {"run": item.run_id, "metric": item.metric, "value": f"{value:g}"}
    detail = (
        _("Run %(run)s already reported %(metric)s as %(value)s. To replace it, supersede it with a reason.") % words
    )
    field = "value" if value != item.value else "n"
    return MetricAlreadyRecorded(
        detail, errors=[FieldError(f"{item.place}/{field}", MetricAlreadyRecorded.code, detail)]
    )


def _counts_already(item: Measurement) -> MetricAlreadyRecorded:
    """A candidate moves nothing, so it takes no result away that counts; no reason makes it do so."""
    words = {"run": item.run_id, "metric": item.metric}
    detail = _("Run %(run)s already reported %(metric)s as a result that counts; a candidate replaces none.") % words
    return MetricAlreadyRecorded(
        detail, errors=[FieldError(f"{item.place}/run_id", MetricAlreadyRecorded.code, detail)]
    )


def _supersede(
    project: Project, actor: Actor, fresh: Sequence[Measurement], standing: dict[Key, MetricResult], terms: Terms
) -> None:
    replaced = [standing[item.key] for item in fresh if item.key in standing]
    if not replaced:
        return
    require(actor, Action.WITHDRAW_EVIDENCE, project, mine=all(row.recorded_by_id == actor.user_id for row in replaced))
    MetricResult.objects.filter(pk__in=[row.pk for row in replaced]).update(
        superseded=True, supersede_reason=terms.supersede
    )


def _row(
    project: Project,
    actor: Actor,
    item: Measurement,
    before: MetricResult | None,
    parts: Parts,
    terms: Terms,
    now: datetime,
) -> MetricResult:
    return MetricResult(
        project=project,
        metric=item.metric,
        run_id=item.run_id,
        step=item.step,
        slice=item.slice,
        revision=before.revision + 1 if before else 1,
        value=item.value,
        n=item.n,
        low=item.low,
        high=item.high,
        benchmark=item.benchmark,
        candidate=terms.candidate,
        measured_at=item.measured_at,
        recorded_by=actor.person,
        recorded_at=now,
        **parts,
    )
