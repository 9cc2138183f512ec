"""From findings to an answer: which checks stand how, what blocks, and what that means for the gate."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from common import content
from lifecycle.criteria.facts import CheckFacts, ConditionFact, GateFacts
from lifecycle.criteria.findings import MET, Blocker, CheckState, Finding, Weight
from lifecycle.criteria.kinds import KINDS

SETTLED = frozenset({CheckState.MET, CheckState.WAIVED, CheckState.DEFERRED, CheckState.NOT_APPLICABLE})


class Verdict(StrEnum):
    FAIL = "fail"
    STALE = "stale"
    WAITING = "waiting"
    PASS = "pass"  # noqa: S105 - a verdict, not a password


@dataclass(frozen=True, slots=True)
class Assessed:
    """A check and what its criterion found."""

    check: CheckFacts
    finding: Finding

    @property
    def state(self) -> CheckState:
        return self.finding.state


@dataclass(frozen=True, slots=True)
class Readiness:
    """The answer about one gate on one day."""

    facts: GateFacts
    checks: tuple[Assessed, ...]
    blockers: tuple[Blocker, ...]
    optional_open: tuple[str, ...]
    # Standing votes of the open round; counted where nothing but votes is missing.
    votes: int = 0

    @property
    def ready(self) -> bool:
        return not self.blockers

    @property
    def verdict(self) -> Verdict:
        """The first that applies: fail, stale, waiting, pass (design §4)."""
        weights = {blocker.weight for blocker in self.blockers}
        order = (Weight.FAIL, Weight.STALE, Weight.WAITING)
        return next((Verdict(weight) for weight in order if weight in weights), Verdict.PASS)

    @property
    def required(self) -> int:
        return sum(1 for one in self.checks if one.check.required and one.state != CheckState.NOT_APPLICABLE)

    @property
    def met(self) -> int:
        return sum(
            1 for one in self.checks if one.check.required and one.state in SETTLED - {CheckState.NOT_APPLICABLE}
        )

    @property
    def votes_needed(self) -> int:
        """How many more it takes at least; a round that is still open lacks one, whatever the votes in it say."""
        return max(self.facts.quorum - self.votes, 1)

    def of(self, key: str) -> Assessed:
        return next(one for one in self.checks if one.check.key == key)


def assess(facts: GateFacts) -> Readiness:
    """Run every criterion of the stage over its facts."""
    checks = tuple(Assessed(check, find(check, facts)) for check in facts.checks)
    open_ones = [one for one in checks if one.state not in SETTLED]
    overdue = overdue_conditions(facts)
    named = {condition.check for condition in overdue if condition.check}
    blockers = [
        one.finding.blocker
        for one in open_ones
        if one.check.required and one.check.key not in named and one.finding.blocker
    ]
    blockers += [_condition(condition) for condition in overdue]
    if facts.project_state != "active":
        blockers.append(_inactive(facts))
    if facts.awaits_counsel:
        blockers.append(_counsel(facts))
    position = {one.check.key: number for number, one in enumerate(checks)}
    blockers.sort(key=lambda blocker: (blocker.since, position.get(blocker.check or "", 0)))
    optional = tuple(one.check.key for one in open_ones if not one.check.required)
    return Readiness(facts, checks, tuple(blockers), optional)


def find(check: CheckFacts, facts: GateFacts) -> Finding:
    """The check's finding with what people agreed on top.

    A waiver, a confirmed "not applicable", a condition that defers it in the iteration that it was set for.
    """
    if check.answer == "not_applicable" and (check.confirmed or not check.required):
        return Finding(CheckState.NOT_APPLICABLE)
    found = KINDS[check.kind](check, facts)
    if found is MET:
        return MET
    if check.waived_until:
        return Finding(CheckState.WAIVED)
    if any(one.check_id == check.id and one.due_on >= facts.today for one in facts.conditions):
        return Finding(CheckState.DEFERRED)
    return _since_the_waiver(check, found)


def _since_the_waiver(check: CheckFacts, found: Finding) -> Finding:
    """A check that a waiver covered has stood open only since the waiver ran out."""
    if check.waiver_lapsed_on is None or found.blocker is None:
        return found
    lapsed = datetime.combine(check.waiver_lapsed_on + timedelta(days=1), time(), UTC)
    return replace(found, blocker=replace(found.blocker, since=max(found.blocker.since, lapsed)))


def overdue_conditions(facts: GateFacts) -> list[ConditionFact]:
    """Conditions past their day whose check, where they name one, is still not met."""
    met = {check.key for check in facts.deferred_checks if find(check, facts).state == CheckState.MET}
    return [
        condition for condition in facts.conditions if condition.due_on < facts.today and condition.check not in met
    ]


def _condition(condition: ConditionFact) -> Blocker:
    # Counted from its day, as everything late is: on the day after it is one day overdue.
    since = datetime.combine(condition.due_on, time(), UTC)
    about = {
        "condition": condition.id,
        "text": condition.text,
        "owner": condition.owner,
        "due_on": condition.due_on,
        "stage": condition.stage,
        "set_on": condition.set_on,
    }
    return Blocker(condition.check or None, "condition", "condition_overdue", since, condition.owner_roles, about)


def _inactive(facts: GateFacts) -> Blocker:
    since = facts.started_at or datetime.combine(facts.today, time(), UTC)
    return Blocker(None, "project", "project_not_active", since, ("portfolio_manager",), {"state": facts.project_state})


def _counsel(facts: GateFacts) -> Blocker:
    """An answer of the intake stops the project until legal counsel, or a risk officer, has spoken."""
    since = facts.started_at or datetime.combine(facts.today, time(), UTC)
    about = {"role": "legal_counsel", "text": content.document("intake")["name"], "intake": True}
    return Blocker(None, "intake", "approval_missing", since, tuple(content.document("intake")["confirmed_by"]), about)


def recommend(readiness: Readiness) -> str:
    """The recommended decision.

    Go when ready, conditional go with options open or waivers used, recycle on a failing blocker, hold when
    stale.

    Nothing is recommended while only people's work is left.
    """
    if readiness.verdict == Verdict.PASS:
        waived = any(one.state == CheckState.WAIVED for one in readiness.checks)
        return "conditional_go" if readiness.optional_open or waived else "go"
    return {Verdict.FAIL: "recycle", Verdict.STALE: "hold"}.get(readiness.verdict, "")
