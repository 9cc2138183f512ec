from risks.api.assessments import AssessmentDetail, Assessments, AssessmentSignatures
from risks.api.register import Acceptances, RiskDetail, Risks

__all__ = ["Acceptances", "AssessmentDetail", "AssessmentSignatures", "Assessments", "RiskDetail", "Risks"]
