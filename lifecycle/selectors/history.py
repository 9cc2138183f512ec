"""A gate through all its rounds: what each decision froze, what loops cost, and what asks for a new review."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from common.days import passed
from common.texts import localised
from lifecycle.criteria import Readiness
from lifecycle.models import Check, Decision, GateReview, Rework, Stage, StageState
from lifecycle.models.definition import Definition, Item, StageDefinition
from lifecycle.selectors.changes import named_by_changes, settled_by_changes
from lifecycle.selectors.checks import COMPARED, WORSE_FIRST, Difference, change_of, differences_from

IN_FAVOUR = frozenset({Decision.GO, Decision.CONDITIONAL_GO})


@dataclass(frozen=True, slots=True)
class Cell:
    """A check in one iteration: as its last decision froze it, or as it stands while nobody has decided."""

    state: str
    value: float | None
    carried: str


@dataclass(frozen=True, slots=True)
class Iteration:
    number: int
    decision: str
    decided_on: date | None


@dataclass(frozen=True, slots=True)
class Loop:
    """One way back and how long it took; `days` up to today while it lasts."""

    review_id: int
    from_stage: str
    to_stage: str
    reason: str
    why: tuple[str, ...]
    started_on: date
    ended_on: date | None
    days: int


def between(then: GateReview, later: GateReview) -> list[Difference]:
    """What a later decision of the same gate froze otherwise: state, value, limit, evidence or signer. Worse first."""
    frozen = {row["key"]: row for row in then.frozen_checks}
    items, found = items_of(later.template), []
    for row in later.frozen_checks:
        before = frozen.get(row["key"])
        if before is None or row["key"] not in items:
            continue
        mine, its, proof = _compared(before), _compared(row), _other_proof(before, row)
        if mine == its and not proof:
            continue
        item = items[row["key"]]
        change = change_of(mine, its, item)
        found.append(Difference(item.key, localised(item.text), mine, its, change, item.material, proof))
    return sorted(found, key=lambda difference: WORSE_FIRST[difference.change])


def items_of(template: Definition) -> dict[str, Item]:
    """Every item of a template by its key: a joint packet holds other stages' too."""
    return {item.key: item for definition in template.stages for item in definition.items}


def _compared(row: Mapping[str, Any]) -> dict[str, Any]:
    return {field: row.get(field) for field in COMPARED}


def _other_proof(before: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    if _proofs(before) != _proofs(row):
        return "evidence"
    known = "signed_by" in before and "signed_by" in row
    return "signature" if known and before["signed_by"] != row["signed_by"] else ""


def _proofs(row: Mapping[str, Any]) -> set[tuple[int, str]]:
    return {(proof["id"], proof["sha256"]) for proof in row["evidence"]}


def needs_new_review(
    review: GateReview | None, stage: Stage, differences: Sequence[Difference], answer: Readiness
) -> bool:
    """Whether a material check is otherwise than when the gate was passed by `review`, its last decision.

    A check that a condition defers, or deferred and is met by now, is what the decision asked for; one that a change
    named is asked about there, and settled as it was once the change is. `differences` are those of `answer`.
    """
    if review is None or review.decision not in IN_FAVOUR or stage.superseded or stage.state != StageState.PASSED:
        return False
    return bool(moved_checks(review, differences, answer))


def moved_checks(review: GateReview, differences: Sequence[Difference], answer: Readiness) -> list[Difference]:
    """The material checks that are otherwise than `review` decided, and that no change speaks for.

    One that runs speaks for its checks; one that is settled, for how they stood then.
    """
    found = _materially_other(differences)
    if not found or review.decided_at is None:
        return found
    process = review.stage.process_id
    running, settled = named_by_changes(process), settled_by_changes(process, review.decided_at)
    since = {one.key for one in _materially_other(differences_from(list(settled.values()), answer))}
    return [one for one in found if one.key not in running and (one.key not in settled or one.key in since)]


def _materially_other(differences: Sequence[Difference]) -> list[Difference]:
    return [one for one in differences if one.material and one.change != "met" and one.now["state"] != "deferred"]


def moved_materially(stage: Stage, decided: Mapping[str, str] | None, now: Mapping[str, str]) -> bool:
    """Whether a part of the subject moved, since the gate was passed, on which a material check depends.

    What a status can tell without reading every check: `decided` is the subject of the decision.
    """
    if not decided or stage.state != StageState.PASSED:
        return False
    moved = {part for part, value in decided.items() if value and now.get(part) and now[part] != value}
    return any(item.material and moved.intersection(item.depends_on) for item in stage.definition.items)


def iterations(
    stage: Stage, rounds: Sequence[GateReview], answer: Readiness
) -> tuple[list[Iteration], dict[str, list[Cell | None]]]:
    """The columns, and for each check of the gate a cell a column; `rounds` are newest first."""
    rows = Stage.objects.filter(process=stage.process_id, key=stage.key).order_by("iteration")
    last = {review.stage_id: review for review in reversed(rounds) if review.decision}
    carried = _carried(stage)
    columns, cells = [], []
    for row in rows:
        review = last.get(row.pk)
        decided = review.decided_at.date() if review and review.decided_at else None
        columns.append(Iteration(row.iteration, review.decision if review else "", decided))
        frozen = review.frozen_checks if review else _live(answer) if row.pk == stage.pk else []
        cells.append({one["key"]: _cell(one, carried.get((row.iteration, one["key"]), "")) for one in frozen})
    keys = dict.fromkeys(key for column in cells for key in column)
    return columns, {key: [column.get(key) for column in cells] for key in keys}


def _carried(stage: Stage) -> dict[tuple[int, str], str]:
    checks = Check.objects.filter(stage__process=stage.process_id, stage__key=stage.key).exclude(carried="")
    return {(number, key): mark for number, key, mark in checks.values_list("stage__iteration", "key", "carried")}


def _live(answer: Readiness) -> list[dict[str, Any]]:
    return [
        {"key": one.check.key, "state": one.state.value, "value": one.check.result.value if one.check.result else None}
        for one in answer.checks
    ]


def _cell(row: Mapping[str, Any], carried: str) -> Cell:
    return Cell(row["state"], row.get("value"), carried)


def loops(stage: Stage, *, today: date) -> list[Loop]:
    """Every way back that led through this stage, oldest first, with what its voters said."""
    places = {one.key: one.position for one in stage.template.stages}
    rows = Rework.objects.filter(review__stage__process=stage.process_id).select_related("review")
    return [
        _loop(row, today)
        for row in rows.prefetch_related("review__votes")
        if places.get(row.to_stage, 0) <= stage.position <= places.get(row.from_stage, stage.position)
    ]


def _loop(row: Rework, today: date) -> Loop:
    said = [vote.rationale for vote in row.review.votes.all() if vote.state == "standing" and vote.reason]
    days = passed(row.started_on, row.ended_on or today)
    why = tuple(dict.fromkeys(said))
    return Loop(
        row.review_id, row.from_stage, row.to_stage, row.reason, why, row.started_on, row.ended_on, days
    )  # fmt: skip


def stage_names(stages: Sequence[StageDefinition]) -> dict[str, str]:
    return {one.key: localised(one.name) for one in stages}
