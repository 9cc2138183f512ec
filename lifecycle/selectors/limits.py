"""The limits of a project's metric checks: the template's, its own with everything that was ever set, its sources."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from common.canonical import digest
from lifecycle.models import Baseline, Item, LimitOverride, Process, SourceConfirmation
from lifecycle.models.limits import steps_of


@dataclass(frozen=True, slots=True)
class Limit:
    """All there is to know of one metric check's limit, `history` and `baselines` oldest first.

    `baselines`: every model that the project named to compare with, where this check compares; else empty.
    """

    item: Item
    process: Process
    standing: LimitOverride | None
    proposed: LimitOverride | None
    history: tuple[LimitOverride, ...]
    confirmation: SourceConfirmation | None
    baselines: tuple[Baseline, ...] = ()

    @property
    def threshold(self) -> float:
        return self.standing.threshold if self.standing else float(self.item.criterion["threshold"])

    @property
    def version(self) -> int:
        return _version(self.history)

    @property
    def proposed_baseline(self) -> Baseline | None:
        return next(filter(_waits, self.baselines), None)

    @property
    def baseline_version(self) -> int:
        return _version(self.baselines)

    @property
    def source_state(self) -> str:
        return "confirmed" if self.confirmation else self.item.source_state


def limit_of(process: Process, item: Item) -> Limit:
    """The limit of one metric check. Two queries, three where it compares."""
    rows = LimitOverride.objects.filter(process=process, check_key=item.key)
    history = tuple(rows.select_related("set_by", "agreed_by", "declined_by"))
    confirmed = SourceConfirmation.objects.filter(process=process, check_key=item.key, criterion=digest(item.criterion))
    return Limit(
        item=item,
        process=process,
        standing=next((row for row in history if row.in_force_at and not row.replaced_at), None),
        proposed=next(filter(_waits, history), None),
        history=history,
        confirmation=confirmed.select_related("confirmed_by").first(),
        baselines=baselines_named(process) if "baseline" in item.criterion else (),
    )


def baselines_named(process: Process) -> tuple[Baseline, ...]:
    """Every model that the project named, or wanted to name, to compare with. One query."""
    return tuple(Baseline.objects.filter(process=process).select_related("set_by", "agreed_by", "declined_by"))


def baseline_answer(process: Process) -> dict[str, Any]:
    """A project's baseline model as the API shows it. Reads `process` as it was loaded."""
    named = baselines_named(process)
    return {
        "model": process.baseline_model,
        "checks": list(process.definition.comparing),
        "proposed": next((_shown(row) for row in named if _waits(row)), None),
        "history": [_shown(row) for row in named],
        "version": _version(named),
    }


def confirmed_sources(process: Process, items: Iterable[Item]) -> frozenset[str]:
    """The keys among `items` whose unconfirmed number legal counsel of the project has confirmed. At most one query."""
    unsure = {item.key: digest(item.criterion) for item in items if item.source_state == "unconfirmed"}
    if not unsure:
        return frozenset()
    rows = SourceConfirmation.objects.filter(process=process, check_key__in=unsure)
    return frozenset(key for key, criterion in rows.values_list("check_key", "criterion") if unsure[key] == criterion)


def limit_answer(limit: Limit) -> dict[str, Any]:
    """A limit as the API shows it."""
    rule = limit.item.criterion
    change = rule.get("baseline", {}).get("change")
    return {
        "check": limit.item.key,
        "metric": rule["key"],
        "operator": rule["operator"],
        "threshold": limit.threshold,
        "default": rule["threshold"],
        "own": limit.standing is not None,
        "source_state": limit.source_state,
        "reference": limit.confirmation.reference if limit.confirmation else None,
        "change": change,
        "baseline": (limit.process.baseline_model or None) if change else None,
        "baselines": [_shown(row) for row in limit.baselines],
        "proposed": _shown(limit.proposed) if limit.proposed else None,
        "history": [_shown(row) for row in limit.history],
        "version": limit.version,
    }


def _waits(row: LimitOverride | Baseline) -> bool:
    return row.in_force_at is None and row.replaced_at is None


def _version(rows: Iterable[LimitOverride | Baseline]) -> int:
    return steps_of((row.agreed_by_id, row.declined_by_id) for row in rows)


def _shown(row: LimitOverride | Baseline) -> dict[str, Any]:
    value = {"threshold": row.threshold} if isinstance(row, LimitOverride) else {"model": row.model}
    return {
        "id": row.pk,
        **value,
        "reason": row.reason,
        "set_by": row.set_by.username,
        "set_at": row.set_at,
        "in_force_at": row.in_force_at,
        "agreed_by": row.agreed_by.username if row.agreed_by else None,
        "declined_by": row.declined_by.username if row.declined_by else None,
        "replaced_at": row.replaced_at,
    }
