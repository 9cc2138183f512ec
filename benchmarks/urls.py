"""The product's addresses and, for measuring only, those of the floor."""

from django.urls import path

from benchmarks.floor import FloorAnswer, FloorProjects
from config.urls import handler400, handler403, handler404, handler500
from config.urls import urlpatterns as product

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [
    path("api/v1/floor/projects/", FloorProjects.as_view()),
    path("api/v1/floor/projects/<str:key>/status/", FloorAnswer.as_view(), {"about": "status"}),
    path("api/v1/floor/projects/<str:key>/gates/current/check/", FloorAnswer.as_view(), {"about": "check"}),
    *product,
]
