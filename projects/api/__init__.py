"""The endpoints of this room, and those of the journal and the inbox."""

from projects.api.actions import ActionDetail, Actions
from projects.api.deputies import Deputies, DeputyDetail
from projects.api.inbox import Inbox, InboxRead, InboxSnooze
from projects.api.journal import Journal
from projects.api.loading import project_for, row_for
from projects.api.log import CommentDetail, Comments, Progress
from projects.api.members import Member, MemberInherit, Members
from projects.api.money import Budget, BudgetDetail, Spending
from projects.api.portfolios import (
    PortfolioDetail,
    PortfolioManagerDetail,
    PortfolioManagers,
    Portfolios,
    StandingRoleDetail,
    StandingRoles,
)
from projects.api.purpose import GoalDetail, Goals, StakeholderDetail, Stakeholders
from projects.api.state import Archive, LegalHold, Restore
from projects.api.tokens import TokenDetail, Tokens

__all__ = [
    "ActionDetail",
    "Actions",
    "Archive",
    "Budget",
    "BudgetDetail",
    "CommentDetail",
    "Comments",
    "Deputies",
    "DeputyDetail",
    "GoalDetail",
    "Goals",
    "Inbox",
    "InboxRead",
    "InboxSnooze",
    "Journal",
    "LegalHold",
    "Member",
    "MemberInherit",
    "Members",
    "PortfolioDetail",
    "PortfolioManagerDetail",
    "PortfolioManagers",
    "Portfolios",
    "Progress",
    "Restore",
    "Spending",
    "StakeholderDetail",
    "Stakeholders",
    "StandingRoleDetail",
    "StandingRoles",
    "TokenDetail",
    "Tokens",
    "project_for",
    "row_for",
]
