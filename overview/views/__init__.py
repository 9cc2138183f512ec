from overview.views.demo import dismiss, first_call, make_token, watch
from overview.views.portfolio import portfolio_page
from overview.views.projects import new_project, project_list, project_page
from overview.views.reminders import mailbox, one_mail, reminder_ledger
from overview.views.risk_list import risk_list
from overview.views.search import search_page
from overview.views.work import answer, finish, my_work, prove

__all__ = [
    "answer",
    "dismiss",
    "finish",
    "first_call",
    "mailbox",
    "make_token",
    "my_work",
    "new_project",
    "one_mail",
    "portfolio_page",
    "project_list",
    "project_page",
    "prove",
    "reminder_ledger",
    "risk_list",
    "search_page",
    "watch",
]
