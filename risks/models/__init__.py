from risks.models.assessments import Assessment, AssessmentQuerySet, AssessmentSignature, AssessmentState
from risks.models.register import (
    ACCEPTORS,
    LEVELS,
    Acceptance,
    Category,
    Risk,
    RiskQuerySet,
    RiskState,
    TreatmentKind,
    level_of,
    rating,
)

__all__ = [
    "ACCEPTORS",
    "LEVELS",
    "Acceptance",
    "Assessment",
    "AssessmentQuerySet",
    "AssessmentSignature",
    "AssessmentState",
    "Category",
    "Risk",
    "RiskQuerySet",
    "RiskState",
    "TreatmentKind",
    "level_of",
    "rating",
]
