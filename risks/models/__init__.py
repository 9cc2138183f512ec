from risks.models.assessments import Assessment, AssessmentQuerySet, AssessmentSignature, AssessmentState
from risks.models.register import (
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
