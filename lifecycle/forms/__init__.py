"""What people fill in; the same rules as the API's serializers."""

from lifecycle.forms.gates import (
    AnswerForm,
    AskForm,
    BaselineForm,
    ConditionForm,
    ConditionForms,
    ExtensionForm,
    HoldForm,
    LimitForm,
    PersonChoice,
    ProofForm,
    SourceForm,
    StagePlanForm,
    StepForm,
    VoteForm,
    WaiverForm,
)

__all__ = [
    "AnswerForm",
    "AskForm",
    "BaselineForm",
    "ConditionForm",
    "ConditionForms",
    "ExtensionForm",
    "HoldForm",
    "LimitForm",
    "PersonChoice",
    "ProofForm",
    "SourceForm",
    "StagePlanForm",
    "StepForm",
    "VoteForm",
    "WaiverForm",
]
