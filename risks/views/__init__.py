from risks.views.assessments import answer, assessment, begin, sign
from risks.views.register import accept, all_risks, change, create, register, risk

__all__ = ["accept", "all_risks", "answer", "assessment", "begin", "change", "create", "register", "risk", "sign"]
