from projects.models.deputies import Deputy
from projects.models.ledger import BudgetLine, Spend
from projects.models.log import Action, ActionSource, Comment, ProgressEntry
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
    "Membership",
    "Portfolio",
    "PortfolioManager",
    "ProgressEntry",
    "Project",
    "ProjectState",
    "ProjectTag",
    "Spend",
    "Stakeholder",
    "Visibility",
]
