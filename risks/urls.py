from django.urls import URLPattern, path

from risks import api as endpoints

pages: list[URLPattern] = []

api = [
    path("projects/<str:key>/risks/", endpoints.Risks.as_view()),
    path("risks/<int:pk>/", endpoints.RiskDetail.as_view()),
    path("risks/<int:pk>/acceptances/", endpoints.Acceptances.as_view()),
    path("projects/<str:key>/assessments/", endpoints.Assessments.as_view()),
    path("assessments/<int:pk>/", endpoints.AssessmentDetail.as_view()),
    path("assessments/<int:pk>/signatures/", endpoints.AssessmentSignatures.as_view()),
]
