"""Cases, as pages and at the API."""

from django.urls import URLPattern, path

from library import api as endpoints
from library import views

pages: list[URLPattern] = [
    path("cases/", views.case_list, name="cases"),
    path("cases/<str:key>/", views.case_page, name="case"),
]

api: list[URLPattern] = [
    path("cases/", endpoints.Cases.as_view(), name="api-cases"),
    path("cases/<str:key>/", endpoints.CaseDetail.as_view(), name="api-case"),
]
