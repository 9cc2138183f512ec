"""The limits of a project's metric checks: the template's, its own with everything that was ever set, its sources."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from common.canonical import digest
from lifecycle.models import Item, LimitOverride, Process, SourceConfirmation


@dataclass(frozen=True, slots=True)
class Limit:
    """All there is to know of one metric check's limit, `history` oldest first."""

    item: Item
    process: Process
    standing: LimitOverride | None
    proposed: LimitOverride | None
    history: tuple[LimitOverride, ...]
    confirmation: SourceConfirmation | None

    @property
    def threshold(self) -> float:
        return self.standing.threshold if self.standing else float(self.item.criterion["threshold"])

    @property
    def source_state(self) -> str:
        return "confirmed" if self.confirmation else self.item.source_state


def limit_of(process: Process, item: Item) -> Limit:
    """The limit of one metric check. Two queries."""
    rows = LimitOverride.objects.filter(process=process, check_key=item.key)
    history = tuple(rows.select_related("set_by", "agreed_by", "declined_by"))
    confirmed = SourceConfirmation.objects.filter(process=process, check_key=item.key, criterion=digest(item.criterion))
    return Limit(
        item=item,
        process=process,
        standing=next((row for row in history if row.in_force_at and not row.replaced_at), None),
        proposed=next((row for row in history if not row.in_force_at and not row.replaced_at), None),
        history=history,
        confirmation=confirmed.select_related("confirmed_by").first(),
    )


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
        "proposed": _override(limit.proposed) if limit.proposed else None,
        "history": [_override(row) for row in limit.history],
    }


def _override(row: LimitOverride) -> dict[str, Any]:
    return {
        "threshold": row.threshold,
        "reason": row.reason,
        "set_by": row.set_by.username,
        "set_at": row.set_at,
        "in_force_at": row.in_force_at,
        "agreed_by": row.agreed_by.username if row.agreed_by else None,
        "declined_by": row.declined_by.username if row.declined_by else None,
        "replaced_at": row.replaced_at,
    }
