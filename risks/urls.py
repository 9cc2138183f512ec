from django.urls import path

from risks import api as endpoints
from risks import views

pages = [
    path("risks/", views.all_risks, name="risks"),
    path("risks/<int:pk>/", views.risk, name="risk"),
    path("risks/<int:pk>/change/", views.change, name="risk-change"),
    path("risks/<int:pk>/accept/", views.accept, name="risk-accept"),
    path("projects/<str:key>/risks/", views.register, name="project-risks"),
    path("projects/<str:key>/risks/new/", views.create, name="risk-create"),
    path("projects/<str:key>/assessments/<str:questionnaire>/", views.assessment, name="assessment"),
    path("projects/<str:key>/assessments/<str:questionnaire>/begin/", views.begin, name="assessment-begin"),
    path("projects/<str:key>/assessments/<str:questionnaire>/answers/", views.answer, name="assessment-answer"),
    path("projects/<str:key>/assessments/<str:questionnaire>/signature/", views.sign, name="assessment-sign"),
]

api = [
    path("projects/<str:key>/risks/", endpoints.Risks.as_view()),
    path("risks/<int:pk>/", endpoints.RiskDetail.as_view()),
    path("risks/<int:pk>/acceptances/", endpoints.Acceptances.as_view()),
    path("projects/<str:key>/assessments/", endpoints.Assessments.as_view()),
    path("assessments/<int:pk>/", endpoints.AssessmentDetail.as_view()),
    path("assessments/<int:pk>/signatures/", endpoints.AssessmentSignatures.as_view()),
]
