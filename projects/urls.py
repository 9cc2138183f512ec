"""Members, log, money, purpose, inbox, journal."""

from django.urls import URLPattern, path

from projects import api as endpoints
from projects import views
from projects.views import tokens

LOG, MONEY, SETTINGS = "projects/<str:key>/log/", "projects/<str:key>/budget/", "projects/<str:key>/settings/"

pages: list[URLPattern] = [
    path(LOG, views.project_log, name="project-log"),
    path(f"{LOG}progress/", views.log_progress, name="log-progress"),
    path(f"{LOG}comments/", views.add_comment, name="add-comment"),
    path(f"{LOG}comments/<int:pk>/", views.edit_comment, name="edit-comment"),
    path(f"{LOG}actions/", views.add_action, name="add-action"),
    path(f"{LOG}actions/<int:pk>/", views.move_action, name="move-action"),
    path(MONEY, views.project_budget, name="project-budget"),
    path(f"{MONEY}lines/", views.add_budget_line, name="add-budget-line"),
    path(f"{MONEY}lines/<int:pk>/", views.edit_budget_line, name="edit-budget-line"),
    path(f"{MONEY}spend/", views.add_spend, name="add-spend"),
    path(SETTINGS, views.project_settings, name="project-settings"),
    path(f"{SETTINGS}data/", views.edit_project, name="edit-project"),
    path(f"{SETTINGS}members/", views.add_member, name="add-member"),
    path(f"{SETTINGS}members/<int:pk>/", views.edit_member, name="edit-member"),
    path(f"{SETTINGS}members/<int:pk>/remove/", views.remove_member, name="remove-member"),
    path(f"{SETTINGS}members/inherit/<str:username>/", views.inherit_member, name="inherit-member"),
    path(f"{SETTINGS}deputies/", views.name_deputy, name="name-deputy"),
    path(f"{SETTINGS}deputies/<int:pk>/end/", views.end_deputy, name="end-deputy"),
    path(f"{SETTINGS}goals/", views.add_goal, name="add-goal"),
    path(f"{SETTINGS}goals/<int:pk>/", views.edit_goal, name="edit-goal"),
    path(f"{SETTINGS}goals/<int:pk>/remove/", views.remove_goal, name="remove-goal"),
    path(f"{SETTINGS}stakeholders/", views.add_stakeholder, name="add-stakeholder"),
    path(f"{SETTINGS}stakeholders/<int:pk>/", views.edit_stakeholder, name="edit-stakeholder"),
    path(f"{SETTINGS}stakeholders/<int:pk>/remove/", views.remove_stakeholder, name="remove-stakeholder"),
    path(f"{SETTINGS}archive/", views.change_state, {"step": "archive"}, name="archive-project"),
    path(f"{SETTINGS}restore/", views.change_state, {"step": "restore"}, name="restore-project"),
    path("projects/<str:key>/journal/", views.project_journal, name="project-journal"),
    path("journal/", views.instance_journal, name="journal"),
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/read/", views.read_inbox, name="read-inbox"),
    path("inbox/<int:pk>/open/", views.open_notice, name="open-notice"),
    path("inbox/<int:pk>/snooze/", views.snooze, name="snooze-notice"),
    path("profile/deputies/", views.my_deputies, name="my-deputies"),
    path("profile/tokens/", tokens.tokens, name="tokens"),
    path("profile/tokens/<int:pk>/revoke/", tokens.revoke_token, name="token-revoke"),
]

api: list[URLPattern] = [
    path("projects/<str:key>/members/", endpoints.Members.as_view(), name="api-members"),
    path("projects/<str:key>/members/<str:username>/", endpoints.Member.as_view(), name="api-member"),
    path(
        "projects/<str:key>/members/<str:username>/inherit/",
        endpoints.MemberInherit.as_view(),
        name="api-member-inherit",
    ),
    path("projects/<str:key>/deputies/", endpoints.Deputies.as_view(), name="api-deputies"),
    path("projects/<str:key>/progress/", endpoints.Progress.as_view(), name="api-progress"),
    path("projects/<str:key>/comments/", endpoints.Comments.as_view(), name="api-comments"),
    path("projects/<str:key>/actions/", endpoints.Actions.as_view(), name="api-actions"),
    path("projects/<str:key>/budget/", endpoints.Budget.as_view(), name="api-budget"),
    path("projects/<str:key>/spend/", endpoints.Spending.as_view(), name="api-spend"),
    path("projects/<str:key>/goals/", endpoints.Goals.as_view(), name="api-goals"),
    path("projects/<str:key>/stakeholders/", endpoints.Stakeholders.as_view(), name="api-stakeholders"),
    path("projects/<str:key>/archive/", endpoints.Archive.as_view(), name="api-archive"),
    path("projects/<str:key>/restore/", endpoints.Restore.as_view(), name="api-restore"),
    path("projects/<str:key>/legal-hold/", endpoints.LegalHold.as_view(), name="api-legal-hold"),
    path("deputies/<int:pk>/", endpoints.DeputyDetail.as_view(), name="api-deputy"),
    path("comments/<int:pk>/", endpoints.CommentDetail.as_view(), name="api-comment"),
    path("actions/<int:pk>/", endpoints.ActionDetail.as_view(), name="api-action"),
    path("budget/<int:pk>/", endpoints.BudgetDetail.as_view(), name="api-budget-line"),
    path("goals/<int:pk>/", endpoints.GoalDetail.as_view(), name="api-goal"),
    path("stakeholders/<int:pk>/", endpoints.StakeholderDetail.as_view(), name="api-stakeholder"),
    path("inbox/", endpoints.Inbox.as_view(), name="api-inbox"),
    path("inbox/read/", endpoints.InboxRead.as_view(), name="api-inbox-read"),
    path("inbox/<int:pk>/snooze/", endpoints.InboxSnooze.as_view(), name="api-inbox-snooze"),
    path("tokens/", endpoints.Tokens.as_view(), name="api-tokens"),
    path("tokens/<int:pk>/", endpoints.TokenDetail.as_view(), name="api-token"),
    path("journal/", endpoints.Journal.as_view(), name="api-journal"),
]
