"""The forms of this room's pages."""

from projects.forms.deputies import DeputyForm
from projects.forms.log import ActionForm, CommentForm, ProgressForm, StepForm
from projects.forms.money import BudgetLineForm, SpendForm
from projects.forms.settings import GoalForm, MemberForm, ProjectForm, StakeholderForm, VersionForm
from projects.forms.tokens import TokenForm

__all__ = [
    "ActionForm",
    "BudgetLineForm",
    "CommentForm",
    "DeputyForm",
    "GoalForm",
    "MemberForm",
    "ProgressForm",
    "ProjectForm",
    "SpendForm",
    "StakeholderForm",
    "StepForm",
    "TokenForm",
    "VersionForm",
]
