"""What each kind of check asks, on one page: pure readers, one function a kind, listed at the end."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from common import content
from lifecycle.criteria.facts import AssessmentFact, CheckFacts, GateFacts, Proof, RiskFact
from lifecycle.criteria.findings import MET, Blocker, CheckState, Finding, Moved, Weight

LEVELS = ("low", "medium", "high", "critical")
# Who may accept an open risk of a level (permissions row 21); both are needed for a critical one.
ACCEPTERS = ("risk_officer", "sponsor")


def manual(check: CheckFacts, facts: GateFacts) -> Finding:
    """Ticked by a person; stale once a part it depends on has moved."""
    if check.answer != "met":
        state = CheckState.NOT_MET if check.answer == "not_met" else CheckState.OPEN
        return _blocked(state, "check_open", check, facts)
    if gone := moved(check, check.subject, facts):
        return _blocked(CheckState.STALE, "evidence_stale", check, facts, moved=gone)
    return MET


def evidence(check: CheckFacts, facts: GateFacts) -> Finding:
    """Met by one proof that stands.

    Not expired, made for what is current, and looked at again where a loop back asks for it; after a redo, it speaks of
    a time since the loop.
    """
    proofs = [proof for proof in check.proofs if not (check.redo and proof.effective_at < check.opened_at)]
    if not proofs:
        return _blocked(CheckState.OPEN, "evidence_missing", check, facts, old=bool(check.proofs))
    valid = [proof for proof in proofs if not _expired(proof, facts)]
    if not valid:
        since = proofs[0].valid_until
        return _blocked(
            CheckState.NOT_MET, "evidence_expired", check, facts, since=_midnight(since), proof=proofs[0].title
        )
    fresh = [proof for proof in valid if not moved(check, proof.subject, facts)]
    if not fresh:
        return _blocked(
            CheckState.STALE,
            "evidence_stale",
            check,
            facts,
            moved=moved(check, valid[0].subject, facts),
            proof=valid[0].title,
        )
    if check.answer == "met" or any(not proof.carried for proof in fresh):
        return MET
    return _blocked(CheckState.OPEN, "check_open", check, facts, reverify=True)


def metric(check: CheckFacts, facts: GateFacts) -> Finding:
    """Compares the deciding result with the limit; with an interval, its pessimistic end.

    Where the criterion names a `baseline`, it is the change from the baseline model's result that is compared.
    While the review of a recurring stage lies ahead, a figure that nobody has reported yet is work, not a failure.
    """
    rule, result = check.item.criterion, check.result
    about = {"metric": rule["key"], "operator": rule["operator"], "limit": check.limit, "change": change_of(check)}
    if result is None:
        ahead = Weight.WAITING if facts.review_on else None
        return _blocked(CheckState.OPEN, "metric_missing", check, facts, weighs=ahead, **about)
    about |= {"baseline": check.baseline_model}
    worst = compared(check, pessimistic(result.value, result.low, result.high, rule["operator"]))
    if worst is None:
        return _blocked(CheckState.OPEN, "metric_missing", check, facts, without_baseline=True, **about)
    about |= {"value": worst, "measured": compared(check, result.value), "slice": result.slice, "n": result.n}
    if gone := moved(check, result.subject, facts):
        return _blocked(CheckState.STALE, "metric_stale", check, facts, since=result.measured_at, moved=gone, **about)
    if within(worst, rule["operator"], check.limit):
        return MET
    return _blocked(CheckState.NOT_MET, "metric_out_of_limit", check, facts, since=result.measured_at, **about)


def risk(check: CheckFacts, facts: GateFacts) -> Finding:
    """No open risk of the categories at or above the level without an acceptance in force.

    At maintenance, recently rescored too.
    """
    rule = check.item.criterion
    open_ones = [found for found in facts.risks if _counts(found, rule) and not found.accepted]
    old = _not_rescored(facts, rule)
    if not open_ones and not old:
        return MET
    worst = max(open_ones or old, key=lambda found: (found.score, -found.id))
    return _blocked(
        CheckState.NOT_MET,
        "risk_open",
        check,
        facts,
        # Of the risk that is named, as on every page that tells of it.
        since=worst.scored_at,
        who=ACCEPTERS if open_ones else facts.responsible[:1],
        title=worst.title,
        score=worst.score,
        likelihood=worst.likelihood,
        impact=worst.impact,
        level=worst.level,
        risk=worst.id,
        count=len(open_ones or old),
        rescore=not open_ones,
        days=rule.get("rescored_within_days"),
    )


def assessment(check: CheckFacts, facts: GateFacts) -> Finding:
    """Approved, unexpired, made for what is current; after a redo, filled in since the loop."""
    key = check.item.criterion["assessment"]
    found = deciding_assessment(check, facts)
    questionnaire = content.questionnaires()[key]
    if found is None:
        return _blocked(
            CheckState.OPEN,
            "assessment_not_approved",
            check,
            facts,
            who=(questionnaire["fills"],),
            assessment=key,
            stands="none",
        )
    if found.state != "approved":
        missing = tuple(role for role in questionnaire["approves"] if role not in found.signed)
        who = missing if found.state == "submitted" else (questionnaire["fills"],)
        return _blocked(
            CheckState.OPEN,
            "assessment_not_approved",
            check,
            facts,
            since=found.filled_at,
            who=who,
            assessment=key,
            stands=found.state,
        )
    if found.expires_on and found.expires_on < facts.today:
        return _blocked(
            CheckState.NOT_MET,
            "assessment_not_approved",
            check,
            facts,
            since=_midnight(found.expires_on),
            who=(questionnaire["fills"],),
            assessment=key,
            stands="expired",
            weighs=Weight.FAIL,
        )
    if gone := moved(check, found.subject, facts):
        return _blocked(
            CheckState.STALE,
            "assessment_stale",
            check,
            facts,
            since=found.filled_at,
            who=(questionnaire["fills"],),
            assessment=key,
            moved=gone,
        )
    return MET


def approval(check: CheckFacts, facts: GateFacts) -> Finding:
    """Signed by a holder of the role, for what is current."""
    role = check.item.criterion["role"]
    if check.answer != "met":
        return _blocked(CheckState.OPEN, "approval_missing", check, facts, who=(role,), role=role)
    if gone := moved(check, check.subject, facts):
        return _blocked(CheckState.STALE, "approval_stale", check, facts, who=(role,), role=role, moved=gone)
    return MET


Criterion = Callable[[CheckFacts, GateFacts], Finding]
KINDS: dict[str, Criterion] = {
    "manual": manual,
    "evidence": evidence,
    "metric": metric,
    "risk": risk,
    "assessment": assessment,
    "approval": approval,
}
COMPUTED = frozenset({"metric", "risk", "assessment"})


def within(value: float, operator: str, limit: float) -> bool:
    return value >= limit if operator == ">=" else value <= limit


def change_of(check: CheckFacts) -> str:
    """How a metric check compares with its baseline: "absolute", "relative" (percent), or "" where it does not."""
    return str(check.item.criterion.get("baseline", {}).get("change", ""))


def compared(check: CheckFacts, value: float) -> float | None:
    """`value` itself, or where the criterion compares, its change from the baseline's.

    absolute: value - baseline; relative: 100 * (value - baseline) / |baseline|, in percent. None without a result of
    the baseline, and for a relative change from 0, which is no number.
    """
    change = change_of(check)
    if not change:
        return value
    if check.baseline is None or (change == "relative" and not check.baseline.value):
        return None
    # In decimals, as the numbers were written: 0.84 is 0.04 more than 0.8, which in binary fractions it is not.
    measured, base = Decimal(repr(value)), Decimal(repr(check.baseline.value))
    return float(measured - base if change == "absolute" else 100 * (measured - base) / abs(base))


def deciding_assessment(check: CheckFacts, facts: GateFacts) -> AssessmentFact | None:
    """The attempt that an assessment check reads; after a redo none that was filled in before the loop."""
    if check.kind != "assessment":
        return None
    found = facts.assessments.get(check.item.criterion["assessment"])
    return None if found and check.redo and found.filled_at < check.opened_at else found


def pessimistic(value: float, low: float | None, high: float | None, operator: str) -> float:
    """The end of the interval that is worse for the limit; the value itself without an interval."""
    worse = low if operator == ">=" else high
    return value if worse is None else worse


def moved(check: CheckFacts, made_for: dict[str, str], facts: GateFacts) -> tuple[Moved, ...]:
    """The parts this check depends on that its proof names and that are something else today."""
    return tuple(
        Moved(part, made_for[part], facts.subject[part])
        for part in check.item.depends_on
        if made_for.get(part) and facts.subject.get(part) and made_for[part] != facts.subject[part]
    )


def _blocked(
    state: CheckState,
    code: str,
    check: CheckFacts,
    facts: GateFacts,
    *,
    since: datetime | None = None,
    who: tuple[str, ...] = (),
    weighs: Weight | None = None,
    **about: Any,
) -> Finding:
    began = since or check.started_at or check.opened_at
    about["text"] = check.item.text
    about["assignee"] = check.assignee_name
    return Finding(state, Blocker(check.key, check.kind, code, began, who or facts.responsible[:1], about, weighs))


def _expired(proof: Proof, facts: GateFacts) -> bool:
    return proof.valid_until is not None and proof.valid_until < facts.today


def _counts(found: RiskFact, rule: dict[str, Any]) -> bool:
    in_category = rule["categories"] == "any" or found.category in rule["categories"]
    return in_category and LEVELS.index(found.level) >= LEVELS.index(rule["level"])


def _not_rescored(facts: GateFacts, rule: dict[str, Any]) -> list[RiskFact]:
    days = rule.get("rescored_within_days")
    if not days:
        return []
    oldest = facts.today - timedelta(days=days)
    return [found for found in facts.risks if found.scored_at.date() < oldest]


def risks_read(facts: GateFacts) -> list[RiskFact]:
    """The open risks that the risk checks of these facts look at, accepted or not, by id. Others decide nothing."""
    rules = [check.item.criterion for check in facts.checks if check.kind == "risk"]
    read = {
        found.id: found
        for rule in rules
        for found in (*(one for one in facts.risks if _counts(one, rule)), *_not_rescored(facts, rule))
    }
    return [read[key] for key in sorted(read)]


def _midnight(day: Any) -> datetime:
    """The first instant after the last valid day, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)
