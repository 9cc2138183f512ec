"""The shapes of this room's inputs and answers."""

from projects.serializers.deputies import DeputyInput, DeputyOutput
from projects.serializers.journal import EntryOutput, NoticeOutput, ReadInput, ReadOutput, SnoozeInput
from projects.serializers.log import (
    ActionChanges,
    ActionInput,
    ActionOutput,
    CommentChanges,
    CommentInput,
    CommentOutput,
    ProgressInput,
)
from projects.serializers.members import MemberChanges, MemberInput, MemberOutput
from projects.serializers.money import BudgetLineInput, BudgetLineOutput, SpendInput
from projects.serializers.project import LegalHoldInput, ProjectDataInput, ProjectDataOutput, shown_project
from projects.serializers.purpose import GoalInput, GoalOutput, StakeholderInput, StakeholderOutput

__all__ = [
    "ActionChanges",
    "ActionInput",
    "ActionOutput",
    "BudgetLineInput",
    "BudgetLineOutput",
    "CommentChanges",
    "CommentInput",
    "CommentOutput",
    "DeputyInput",
    "DeputyOutput",
    "EntryOutput",
    "GoalInput",
    "GoalOutput",
    "LegalHoldInput",
    "MemberChanges",
    "MemberInput",
    "MemberOutput",
    "NoticeOutput",
    "ProgressInput",
    "ProjectDataInput",
    "ProjectDataOutput",
    "ReadInput",
    "ReadOutput",
    "SnoozeInput",
    "SpendInput",
    "StakeholderInput",
    "StakeholderOutput",
    "shown_project",
]
