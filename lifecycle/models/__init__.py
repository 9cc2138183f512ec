from lifecycle.models.changes import Change, ChangeState
from lifecycle.models.checks import Answer, Check, CheckEvidence, Waiver
from lifecycle.models.definition import Definition, GateRules, Item, StageDefinition
from lifecycle.models.limits import Baseline, LimitOverride, SourceConfirmation
from lifecycle.models.process import Process, Stage, StageState
from lifecycle.models.reviews import (
    Condition,
    ConditionState,
    Decision,
    GateReview,
    Recusal,
    RecycleReason,
    Reopening,
    ReviewState,
    Rework,
    Seat,
    Vote,
    VoteState,
)
from lifecycle.models.templates import ProcessTemplate, TemplateVersion

__all__ = [
    "Answer",
    "Baseline",
    "Change",
    "ChangeState",
    "Check",
    "CheckEvidence",
    "Condition",
    "ConditionState",
    "Decision",
    "Definition",
    "GateReview",
    "GateRules",
    "Item",
    "LimitOverride",
    "Process",
    "ProcessTemplate",
    "Recusal",
    "RecycleReason",
    "Reopening",
    "ReviewState",
    "Rework",
    "Seat",
    "SourceConfirmation",
    "Stage",
    "StageDefinition",
    "StageState",
    "TemplateVersion",
    "Vote",
    "VoteState",
    "Waiver",
]
