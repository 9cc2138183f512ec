from django.urls import path

from records import api as endpoints
from records import views

pages = [
    path("projects/<str:key>/records/", views.records, name="project-records"),
    path("evidence/<int:pk>/preview/", views.preview, name="preview-evidence"),
    path("evidence/<int:pk>/inline/", views.inline, name="inline-evidence"),
]

api = [
    path("projects/<str:key>/metrics/", endpoints.Metrics.as_view()),
    path("projects/<str:key>/subject/", endpoints.ProjectSubject.as_view()),
    path("projects/<str:key>/evidence/", endpoints.ProjectEvidence.as_view()),
    path("projects/<str:key>/evidence/<int:pk>/download/", endpoints.ProjectEvidenceDownload.as_view()),
    path("evidence/<int:pk>/download/", endpoints.EvidenceDownload.as_view(), name="evidence-download"),
    path("evidence/<int:pk>/withdraw/", endpoints.EvidenceWithdrawal.as_view()),
    path("metric-definitions/", endpoints.MetricDefinitions.as_view()),
]
