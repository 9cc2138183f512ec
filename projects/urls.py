"""Members, log, money, purpose, inbox, journal."""

from django.urls import URLPattern, path

from projects import api as endpoints
from projects.views import tokens

pages: list[URLPattern] = [
    path("profile/tokens/", tokens.tokens, name="tokens"),
    path("profile/tokens/<int:pk>/revoke/", tokens.revoke_token, name="token-revoke"),
]

api: list[URLPattern] = [
    path("projects/<str:key>/members/", endpoints.Members.as_view(), name="api-members"),
    path("projects/<str:key>/members/<str:username>/", endpoints.Member.as_view(), name="api-member"),
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
