"""What people fill in; the same rules as the API's serializers."""

from lifecycle.forms.changes import ChangeForm, WithdrawChangeForm
from lifecycle.forms.gates import (
    AnswerForm,
    AskForm,
    BaselineForm,
    ConditionForm,
    ConditionForms,
    ConsentForm,
    ExtensionForm,
    HoldForm,
    LimitForm,
    PersonChoice,
    ProofForm,
    ReasonForm,
    SourceForm,
    StagePlanForm,
    StepForm,
    VoteForm,
    WaiverForm,
)
from lifecycle.forms.intake import ConfirmIntakeForm, IntakeForm
from lifecycle.forms.moves import LevelMoveForm, TagsForm, VersionMoveForm
from lifecycle.forms.proofs import PartForm, RowWithdrawalForm, WholeProofForm, WithdrawalForm

__all__ = [
    "AnswerForm",
    "AskForm",
    "BaselineForm",
    "ChangeForm",
    "ConditionForm",
    "ConditionForms",
    "ConfirmIntakeForm",
    "ConsentForm",
    "ExtensionForm",
    "HoldForm",
    "IntakeForm",
    "LevelMoveForm",
    "LimitForm",
    "PartForm",
    "PersonChoice",
    "ProofForm",
    "ReasonForm",
    "RowWithdrawalForm",
    "SourceForm",
    "StagePlanForm",
    "StepForm",
    "TagsForm",
    "VersionMoveForm",
    "VoteForm",
    "WaiverForm",
    "WholeProofForm",
    "WithdrawChangeForm",
    "WithdrawalForm",
]
