"""The table of contents: pages, the API, its description, and what machines ask about."""

from importlib import import_module
from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from common import health, views

ROOMS = ("accounts", "projects", "library", "records", "risks", "lifecycle", "overview")


def lists(name: str) -> list[URLPattern | URLResolver]:
    """The `pages` or `api` list of every room that has one."""
    rooms = [import_module(f"{room}.urls") for room in ROOMS if find_spec(f"{room}.urls")]
    return [entry for room in rooms for entry in getattr(room, name, [])]


urlpatterns = [
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    path("api/docs/problems/", views.problem_list, name="problems"),
    path("api/problems/", RedirectView.as_view(pattern_name="problems")),
    path("api/v1/", include(lists("api"))),
    *lists("pages"),
]

handler400 = "common.problems.bad_request"
handler403 = "common.problems.permission_denied"
handler404 = "common.problems.not_found"
handler500 = "common.problems.server_error"
