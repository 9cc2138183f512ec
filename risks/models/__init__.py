from risks.models.assessments import Assessment, AssessmentSignature, AssessmentState
from risks.models.register import Acceptance, Category, Risk, RiskState, TreatmentKind, level_of

__all__ = [
    "Acceptance",
    "Assessment",
    "AssessmentSignature",
    "AssessmentState",
    "Category",
    "Risk",
    "RiskState",
    "TreatmentKind",
    "level_of",
]
