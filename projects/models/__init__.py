from projects.models.deputies import Deputy
from projects.models.imports import ImportRun, ImportState
from projects.models.intake import Intake
from projects.models.invitations import Invitation
from projects.models.ledger import BudgetLine, Spend
from projects.models.log import Action, ActionSource, Comment, ProgressEntry
from projects.models.plan import Holiday, Milestone
from projects.models.portfolio import Portfolio, PortfolioManager
from projects.models.project import (
    ACCESS,
    FunctionalRole,
    Health,
    HoldPeriod,
    Membership,
    Project,
    ProjectState,
    ProjectTag,
    Visibility,
)
from projects.models.purpose import Goal, Stakeholder
from projects.models.standing import StandingException, StandingRole

__all__ = [
    "ACCESS",
    "Action",
    "ActionSource",
    "BudgetLine",
    "Comment",
    "Deputy",
    "FunctionalRole",
    "Goal",
    "Health",
    "HoldPeriod",
    "Holiday",
    "ImportRun",
    "ImportState",
    "Intake",
    "Invitation",
    "Membership",
    "Milestone",
    "Portfolio",
    "PortfolioManager",
    "ProgressEntry",
    "Project",
    "ProjectState",
    "ProjectTag",
    "Spend",
    "Stakeholder",
    "StandingException",
    "StandingRole",
    "Visibility",
]
