"""What criteria read: plain values, gathered beforehand in a fixed number of queries.

Nothing here touches the database.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from lifecycle.models.definition import Item


@dataclass(frozen=True, slots=True)
class Proof:
    """An evidence as one check sees it."""

    id: int
    title: str
    url: str
    sha256: str
    subject: dict[str, str]
    valid_until: date | None
    supplied_by: int
    supplied_by_name: str
    supplied_at: datetime
    # The moment that it speaks of.
    effective_at: datetime
    carried: bool
    confidential: bool = False
    # Who brought it to the check, when that is known.
    linked_by: int | None = None
    # Who made or brought the revisions that it took the place of here: authors of it like its supplier.
    former: tuple[int, ...] = ()
    version: int = 1

    @property
    def authors(self) -> tuple[int, ...]:
        brought = () if self.linked_by is None else (self.linked_by,)
        return (self.supplied_by, *brought, *self.former)


@dataclass(frozen=True, slots=True)
class Result:
    """The metric result that counts for one check."""

    id: int
    metric: str
    value: float
    slice: str
    n: int | None
    low: float | None
    high: float | None
    benchmark: str
    run_id: str
    subject: dict[str, str]
    measured_at: datetime
    recorded_by: int
    recorded_by_name: str


@dataclass(frozen=True, slots=True)
class RiskFact:
    id: int
    title: str
    category: str
    likelihood: int
    impact: int
    level: str
    accepted: bool
    scored_at: datetime
    # How its treatment plan begins.
    plan: str = ""

    @property
    def score(self) -> int:
        return self.likelihood * self.impact


@dataclass(frozen=True, slots=True)
class AssessmentFact:
    id: int
    key: str
    state: str
    subject: dict[str, str]
    filled_by: int
    filled_at: datetime
    expires_on: date | None
    signed: tuple[str, ...]
    # Everyone who gave answers; `filled_by` is the last of them.
    fillers: tuple[int, ...] = ()
    # Each role that signed, with who did.
    signers: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ConditionFact:
    id: int
    stage: str
    check: str
    text: str
    due_on: date
    owner: str
    owner_roles: tuple[str, ...]
    set_on: date
    # The row that it defers, of the iteration that was decided.
    check_id: int | None = None


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """A check row with everything its criterion asks for."""

    id: int
    stage: str
    item: Item
    required: bool
    answer: str
    answered_by: int | None
    answered_by_name: str
    answered_at: datetime | None
    subject: dict[str, str]
    carried: str
    confirmed: bool
    note: str
    assignee: int | None
    assignee_name: str
    assignee_username: str
    due_on: date | None
    version: int
    own_limit: float | None
    waived_until: date | None
    opened_at: datetime
    started_at: datetime | None
    proofs: tuple[Proof, ...] = ()
    result: Result | None = None
    # The last day of a waiver that has run out since; the check's clock starts anew on the next day.
    waiver_lapsed_on: date | None = None
    # Whether legal counsel has confirmed the template's unconfirmed number for this project.
    source_confirmed: bool = False
    # Where the criterion compares: the model compared with ("" while the project names none), and its result.
    baseline_model: str = ""
    baseline: Result | None = None
    # Of its stage; the waiver that covers it, if one does.
    iteration: int = 1
    waiver: int | None = None

    @property
    def key(self) -> str:
        return self.item.key

    @property
    def kind(self) -> str:
        return self.item.kind

    @property
    def limit(self) -> float:
        """The project's own limit, else the template's."""
        return float(self.item.criterion["threshold"]) if self.own_limit is None else self.own_limit

    @property
    def source_state(self) -> str:
        """How sure the number of the criterion is: confirmed, default (our own figure), or unconfirmed."""
        return "confirmed" if self.source_confirmed else self.item.source_state

    @property
    def redo(self) -> bool:
        return self.carried == "redo"


@dataclass(frozen=True, slots=True)
class GateFacts:
    """One stage of one project on one day."""

    project_id: int
    project_key: str
    project_name: str
    project_state: str
    process_id: int
    stage_id: int
    stage: str
    stage_state: str
    iteration: int
    level: str
    version_id: int
    responsible: tuple[str, ...]
    subject: dict[str, str]
    today: date
    started_at: datetime | None
    quorum: int
    checks: tuple[CheckFacts, ...]
    # The intake calls for counsel first, and nobody has confirmed it.
    awaits_counsel: bool = False
    # The day of a recurring stage's next review while it lies ahead.
    review_on: date | None = None
    risks: tuple[RiskFact, ...] = ()
    assessments: dict[str, AssessmentFact] = field(default_factory=dict)
    conditions: tuple[ConditionFact, ...] = ()
    deferred_checks: tuple[CheckFacts, ...] = ()

    @property
    def url(self) -> str:
        return self.gate_url(self.stage)

    def gate_url(self, stage: str) -> str:
        return f"/projects/{self.project_key}/gates/{stage}/"


def joined(facts: Sequence[GateFacts], only: Collection[str] | None = None) -> GateFacts:
    """Several stages of one project as one packet, under the name of the first; `only` these check keys.

    Check keys are unique within a template, and all but the checks is the project's.
    """
    checks = (check for one in facts for check in one.checks)
    return replace(facts[0], checks=tuple(check for check in checks if only is None or check.key in only))


def supposed(facts: GateFacts, subject: Mapping[str, str], results: Mapping[int, Result | None]) -> GateFacts:
    """The same facts as if `subject` were current and `results`, by id of the check, were those that count."""

    def other(check: CheckFacts) -> CheckFacts:
        return replace(check, result=results[check.id]) if check.id in results else check

    return replace(
        facts,
        subject=dict(subject),
        checks=tuple(map(other, facts.checks)),
        deferred_checks=tuple(map(other, facts.deferred_checks)),
    )
