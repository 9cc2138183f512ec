"""Everything that writes in this room. Steps without a journal entry are for services upstairs, which record."""

from projects.services.actions import (
    add_action,
    close_action,
    complete_action,
    owner_named,
    plan_action,
    update_action,
    verify_action,
)
from projects.services.budget import add_budget_line, add_spend, remove_budget_line, update_budget_line
from projects.services.comments import add_comment, edit_comment, require_author
from projects.services.days import day_of, past_day
from projects.services.deputies import end_deputy, may_end, name_deputy
from projects.services.members import add_member, remove_member, update_member
from projects.services.portfolios import (
    add_portfolio_manager,
    create_portfolio,
    ensure_portfolio,
    remove_portfolio_manager,
    update_portfolio,
)
from projects.services.progress import log_progress
from projects.services.projects import (
    ProjectFields,
    amend_project,
    differences,
    register_project,
    replace_tags,
    update_project,
)
from projects.services.purpose import (
    add_goal,
    add_stakeholder,
    remove_goal,
    remove_stakeholder,
    update_goal,
    update_stakeholder,
)
from projects.services.standing import (
    change_standing_role,
    give_standing_role,
    hold_trees,
    inherit_member,
    sync,
    take_standing_role,
)
from projects.services.state import (
    archive_project,
    begin_hold,
    end_hold,
    lock_unarchived,
    restore_project,
    set_legal_hold,
)

__all__ = [
    "ProjectFields",
    "add_action",
    "add_budget_line",
    "add_comment",
    "add_goal",
    "add_member",
    "add_portfolio_manager",
    "add_spend",
    "add_stakeholder",
    "amend_project",
    "archive_project",
    "begin_hold",
    "change_standing_role",
    "close_action",
    "complete_action",
    "create_portfolio",
    "day_of",
    "differences",
    "edit_comment",
    "end_deputy",
    "end_hold",
    "ensure_portfolio",
    "give_standing_role",
    "hold_trees",
    "inherit_member",
    "lock_unarchived",
    "log_progress",
    "may_end",
    "name_deputy",
    "owner_named",
    "past_day",
    "plan_action",
    "register_project",
    "remove_budget_line",
    "remove_goal",
    "remove_member",
    "remove_portfolio_manager",
    "remove_stakeholder",
    "replace_tags",
    "require_author",
    "restore_project",
    "set_legal_hold",
    "sync",
    "take_standing_role",
    "update_action",
    "update_budget_line",
    "update_goal",
    "update_member",
    "update_portfolio",
    "update_project",
    "update_stakeholder",
    "verify_action",
]
