"""The forms of this room's pages."""

from projects.forms.log import ActionForm, CommentForm, ProgressForm, StepForm, day_input
from projects.forms.money import BudgetLineForm, SpendForm
from projects.forms.settings import GoalForm, MemberForm, ProjectForm, StakeholderForm, VersionForm

__all__ = [
    "ActionForm",
    "BudgetLineForm",
    "CommentForm",
    "GoalForm",
    "MemberForm",
    "ProgressForm",
    "ProjectForm",
    "SpendForm",
    "StakeholderForm",
    "StepForm",
    "VersionForm",
    "day_input",
]
