"""The pages of this room, and those of the journal and the inbox."""

from projects.views.budget import add_budget_line, add_spend, edit_budget_line, project_budget
from projects.views.deputies import end_deputy, my_deputies, name_deputy
from projects.views.inbox import inbox, open_notice, read_inbox, snooze
from projects.views.journal import instance_journal, project_journal
from projects.views.log import add_action, add_comment, edit_comment, log_progress, move_action, project_log
from projects.views.purpose import (
    add_goal,
    add_stakeholder,
    edit_goal,
    edit_stakeholder,
    remove_goal,
    remove_stakeholder,
)
from projects.views.settings import (
    add_member,
    change_state,
    edit_member,
    edit_project,
    inherit_member,
    project_settings,
    remove_member,
)

__all__ = [
    "add_action",
    "add_budget_line",
    "add_comment",
    "add_goal",
    "add_member",
    "add_spend",
    "add_stakeholder",
    "change_state",
    "edit_budget_line",
    "edit_comment",
    "edit_goal",
    "edit_member",
    "edit_project",
    "edit_stakeholder",
    "end_deputy",
    "inbox",
    "inherit_member",
    "instance_journal",
    "log_progress",
    "move_action",
    "my_deputies",
    "name_deputy",
    "open_notice",
    "project_budget",
    "project_journal",
    "project_log",
    "project_settings",
    "read_inbox",
    "remove_goal",
    "remove_member",
    "remove_stakeholder",
    "snooze",
]
