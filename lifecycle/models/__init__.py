from lifecycle.models.checks import Answer, Check, CheckEvidence, LimitOverride, Waiver
from lifecycle.models.definition import Definition, GateRules, Item, StageDefinition
from lifecycle.models.process import Process, Stage, StageState
from lifecycle.models.reviews import (
    Condition,
    ConditionState,
    Decision,
    GateReview,
    RecycleReason,
    ReviewState,
    Rework,
    Seat,
    Vote,
    VoteState,
)
from lifecycle.models.templates import ProcessTemplate, TemplateVersion

__all__ = [
    "Answer",
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
    "RecycleReason",
    "ReviewState",
    "Rework",
    "Seat",
    "Stage",
    "StageDefinition",
    "StageState",
    "TemplateVersion",
    "Vote",
    "VoteState",
    "Waiver",
]
