"""What criteria say."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class CheckState(StrEnum):
    OPEN = "open"
    MET = "met"
    NOT_MET = "not_met"
    STALE = "stale"
    DEFERRED = "deferred"
    WAIVED = "waived"
    NOT_APPLICABLE = "not_applicable"


class Weight(StrEnum):
    """What a blocker means for the verdict."""

    FAIL = "fail"
    STALE = "stale"
    WAITING = "waiting"


WEIGHTS = {
    "metric_out_of_limit": Weight.FAIL,
    "metric_missing": Weight.FAIL,
    "metric_stale": Weight.STALE,
    "evidence_missing": Weight.WAITING,
    "evidence_expired": Weight.FAIL,
    "evidence_stale": Weight.STALE,
    "risk_open": Weight.FAIL,
    "assessment_not_approved": Weight.WAITING,
    "assessment_stale": Weight.STALE,
    "approval_missing": Weight.WAITING,
    "approval_stale": Weight.STALE,
    "condition_overdue": Weight.FAIL,
    "check_open": Weight.WAITING,
    "project_not_active": Weight.FAIL,
}


@dataclass(frozen=True, slots=True)
class Moved:
    """A part of the subject that is no longer what the proof was made for."""

    part: str
    was: str
    now: str

    def as_dict(self) -> dict[str, str]:
        return {"part": self.part, "from": self.was, "to": self.now}


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing in the way of a gate. `about` holds the figures; the words are made when it is shown."""

    check: str | None
    kind: str
    code: str
    since: datetime
    who: tuple[str, ...]
    about: dict[str, Any] = field(default_factory=dict)
    # Where the code alone does not say: an expired assessment fails, a figure for a review that lies ahead waits.
    weighs: Weight | None = None

    @property
    def weight(self) -> Weight:
        return self.weighs or WEIGHTS[self.code]


@dataclass(frozen=True, slots=True)
class Finding:
    """The state of one check, and what is missing if anything is."""

    state: CheckState
    blocker: Blocker | None = None


MET = Finding(CheckState.MET)
