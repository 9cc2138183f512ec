"""Reading rooms: my work, portfolio, projects, search, and the demo's first steps."""

from django.urls import URLPattern, path

from overview import api as endpoints
from overview import views

pages: list[URLPattern] = [
    path("", views.my_work, name="work"),
    path("work/checks/<int:pk>/answer/", views.answer, name="work-answer"),
    path("work/checks/<int:pk>/evidence/", views.prove, name="work-prove"),
    path("work/actions/<int:pk>/done/", views.finish, name="work-finish"),
    path("portfolio/", views.portfolio_page, name="portfolio"),
    path("portfolio/risks/", views.risk_list, name="portfolio-risks"),
    path("projects/", views.project_list, name="projects"),
    path("projects/new/", views.new_project, name="new-project"),
    path("projects/<str:key>/", views.project_page, name="project"),
    path("projects/<str:key>/reminders/", views.reminder_ledger, name="project-reminders"),
    path("search/", views.search_page, name="search"),
    path("demo/seen/", views.dismiss, name="demo-seen"),
    path("demo/token/", views.make_token, name="demo-token"),
    path("demo/checks/<int:pk>/call/", views.first_call, name="demo-call"),
    path("demo/checks/<int:pk>/", views.watch, name="demo-watch"),
    path("demo/mail/", views.mailbox, name="demo-mails"),
    path("demo/mail/<str:name>/", views.one_mail, name="demo-mail"),
    path("healthz/details", endpoints.HealthDetails.as_view(), name="health-details"),
]

api: list[URLPattern] = [
    path("portfolio/summary/", endpoints.Summary.as_view(), name="api-portfolio-summary"),
    path("search/", endpoints.Search.as_view(), name="api-search"),
]
