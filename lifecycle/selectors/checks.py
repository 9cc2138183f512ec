"""Checks as people see them: live while their stage runs, as they were decided once it is over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from common.texts import as_read, localised
from lifecycle.criteria import Assessed, CheckFacts, Readiness
from lifecycle.models import GateReview, Item, Stage
from lifecycle.selectors.changes import named_by_changes
from lifecycle.selectors.gates import blocker_document, readiness
from lifecycle.selectors.packets import signed_by

COMPARED = ("key", "state", "value", "limit")
WORSE_FIRST = {"worse": 0, "other": 1, "better": 2, "met": 3}


@dataclass(frozen=True, slots=True)
class Difference:
    """One row of then and now: key, state, value and limit of each.

    `change` is "better", "worse", "met" (now met) or "other"; `proof` is "evidence" or "signature" where another one
    stands behind the check today, else "".
    """

    key: str
    text: str
    then: Mapping[str, Any]
    now: Mapping[str, Any]
    change: str
    material: bool
    proof: str = ""


def shown_checks(
    stage: Stage, *, today: date, confidential: bool, answer: Readiness | None = None
) -> list[dict[str, Any]]:
    """Every check of a stage iteration as the API shows it (design §6); `confidential`: to who may see such proof."""
    answer = answer or readiness(stage, today=today)
    frozen = frozen_states(stage)
    return [shown_check(one, answer, frozen.get(one.check.key), confidential=confidential) for one in answer.checks]


def frozen_states(stage: Stage) -> dict[str, str]:
    """The states that the decision of this iteration froze; empty while the stage runs.

    A check that the decision deferred, or that a running change asks for, is not among them: it lives on.
    """
    if stage.ended_at is None:
        return {}
    decided = GateReview.objects.decided().of_iteration(stage).filter(change=None)
    review = decided.prefetch_related("conditions").first()
    return frozen_by(review) if review else {}


def frozen_by(review: GateReview) -> dict[str, str]:
    """The same, of the round that decided. One query more where its conditions are at hand."""
    alive = {condition.check_key for condition in review.conditions.all()} | _in_changes(review.stage)
    return {row["key"]: row["state"] for row in review.frozen_checks if row["key"] not in alive}


def _in_changes(stage: Stage) -> set[str]:
    return set() if stage.superseded else named_by_changes(stage.process_id)


def shown_check(one: Assessed, answer: Readiness, frozen: str | None = None, *, confidential: bool) -> dict[str, Any]:
    """`confidential`: whether the reader may see where such proof lies."""
    check, blocker = one.check, one.finding.blocker
    return {
        "id": check.id,
        "key": check.key,
        "stage": check.stage,
        "kind": check.kind,
        "text": localised(check.item.text),
        "guidance": localised(check.item.guidance),
        "refs": list(check.item.refs),
        "required": check.required,
        "material": check.item.material,
        "state": frozen or one.state.value,
        "blocker": blocker_document(blocker, answer.facts) if blocker and not frozen else None,
        "note": check.note,
        "assignee": check.assignee_username or None,
        "due_on": check.due_on,
        "answered_by": check.answered_by_name or None,
        "answered_at": check.answered_at,
        "waived_until": check.waived_until,
        "was_waived_until": check.waiver_lapsed_on,
        "limit": limit_document(check),
        "result": result_document(check),
        "evidence": [
            {
                "id": proof.id,
                "title": as_read(proof.title),
                "url": proof.url if confidential or not proof.confidential else "",
                "sha256": proof.sha256,
                "confidential": proof.confidential,
                "supplied_by": proof.supplied_by_name,
            }
            for proof in check.proofs
        ],
        "version": check.version,
    }


def limit_document(check: CheckFacts) -> dict[str, Any] | None:
    """The limit of a metric check, whether it is the project's own, and how sure its legal source is."""
    if check.kind != "metric":
        return None
    rule = check.item.criterion
    return {
        "metric": rule["key"],
        "operator": rule["operator"],
        "threshold": check.limit,
        "default": rule["threshold"],
        "own": check.own_limit is not None,
        "source_state": check.source_state,
    }


def result_document(check: CheckFacts) -> dict[str, Any] | None:
    result = check.result
    if result is None:
        return None
    return {
        "value": result.value,
        "slice": result.slice,
        "n": result.n,
        "run_id": result.run_id,
        "benchmark": result.benchmark,
        "measured_at": result.measured_at,
        "recorded_by": result.recorded_by_name,
    }


def differences(review: GateReview, answer: Readiness) -> list[Difference]:
    """What is otherwise today than when `review` was decided: state, value, limit, evidence or signer.

    Worse first. What the frozen row holds besides, such as where confidential proof lies, is not told here.
    """
    return differences_from(review.frozen_checks, answer)


def differences_from(rows: Sequence[Mapping[str, Any]], answer: Readiness) -> list[Difference]:
    """The same, compared with rows that something else froze."""
    frozen = {row["key"]: row for row in rows}
    found = []
    for one in answer.checks:
        row, now = frozen.get(one.check.key), _now(one)
        if row is None:
            continue
        then, proof = {field: row.get(field) for field in COMPARED}, _other_proof(row, one.check)
        if then == now and not proof:
            continue
        item = one.check.item
        change = change_of(then, now, item)
        found.append(Difference(one.check.key, localised(item.text), then, now, change, item.material, proof))
    return sorted(found, key=lambda difference: WORSE_FIRST[difference.change])


def _other_proof(row: Mapping[str, Any], check: CheckFacts) -> str:
    """`row` is as `basis` froze it; rounds decided before signers were frozen say nothing of them."""
    if {(proof["id"], proof["sha256"]) for proof in row["evidence"]} != {(one.id, one.sha256) for one in check.proofs}:
        return "evidence"
    return "signature" if "signed_by" in row and row["signed_by"] != signed_by(check) else ""


def _now(one: Assessed) -> dict[str, Any]:
    check = one.check
    return {
        "key": check.key,
        "state": one.state.value,
        "value": check.result.value if check.result else None,
        "limit": check.limit if check.kind == "metric" else None,
    }


def change_of(before: Mapping[str, Any], now: Mapping[str, Any], item: Item) -> str:
    """Which way a check went: "met", "worse", "better" or "other"."""
    settled = {"met", "waived", "not_applicable"}
    if now["state"] in settled and before["state"] not in settled:
        return "met"
    if before["state"] in settled and now["state"] not in settled:
        return "worse"
    if before["value"] is None or now["value"] is None or before["value"] == now["value"]:
        return "other"
    higher_is_better = item.criterion.get("operator") == ">="
    return "better" if (now["value"] > before["value"]) == higher_is_better else "worse"
