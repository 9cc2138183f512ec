"""Everything that writes in this room."""

from risks.services.acceptances import accept_risk, can_accept, who_may_accept
from risks.services.assessments import (
    answer_assessment,
    project_questionnaires,
    save_assessment,
    sign_assessment,
    start_assessment,
    submit_assessment,
)
from risks.services.lapses import note_lapsed_acceptances
from risks.services.register import NewRisk, Rating, RiskChange, close_risk, create_risk, update_risk

__all__ = [
    "NewRisk",
    "Rating",
    "RiskChange",
    "accept_risk",
    "answer_assessment",
    "can_accept",
    "close_risk",
    "create_risk",
    "note_lapsed_acceptances",
    "project_questionnaires",
    "save_assessment",
    "sign_assessment",
    "start_assessment",
    "submit_assessment",
    "update_risk",
    "who_may_accept",
]
