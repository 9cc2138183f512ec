from lifecycle.api.changes import ChangeConfirmation, ChangeDetail, Changes, ChangeWithdrawal
from lifecycle.api.checks import CheckByKey, CheckDetail, CheckProof, CheckWaivers
from lifecycle.api.conditions import ConditionDetail, ConditionExtension
from lifecycle.api.evidence import EvidenceDetail, EvidenceRevisions
from lifecycle.api.intake import IntakeConfirm, ProjectIntake
from lifecycle.api.limits import BaselineConsent, CheckLimit, LimitConsent, LimitSource, ProjectBaseline
from lifecycle.api.moves import LevelMove, VersionMove
from lifecycle.api.packs import Pack
from lifecycle.api.projects import GateCheck, Hold, ProjectDetail, Projects, ProjectStatus, Resume
from lifecycle.api.reviews import MyVote, Recusals, Reopenings, ReviewDetail, StageReviews, Votes, Withdrawal
from lifecycle.api.stages import StageChecks, StageDetail, Stages
from lifecycle.api.templates import (
    TemplateImport,
    TemplatePlan,
    TemplatePublication,
    Templates,
    TemplateSchema,
    TemplateVersions,
)

__all__ = [
    "BaselineConsent",
    "ChangeConfirmation",
    "ChangeDetail",
    "ChangeWithdrawal",
    "Changes",
    "CheckByKey",
    "CheckDetail",
    "CheckLimit",
    "CheckProof",
    "CheckWaivers",
    "ConditionDetail",
    "ConditionExtension",
    "EvidenceDetail",
    "EvidenceRevisions",
    "GateCheck",
    "Hold",
    "IntakeConfirm",
    "LevelMove",
    "LimitConsent",
    "LimitSource",
    "MyVote",
    "Pack",
    "ProjectBaseline",
    "ProjectDetail",
    "ProjectIntake",
    "ProjectStatus",
    "Projects",
    "Recusals",
    "Reopenings",
    "Resume",
    "ReviewDetail",
    "StageChecks",
    "StageDetail",
    "StageReviews",
    "Stages",
    "TemplateImport",
    "TemplatePlan",
    "TemplatePublication",
    "TemplateSchema",
    "TemplateVersions",
    "Templates",
    "VersionMove",
    "Votes",
    "Withdrawal",
]
