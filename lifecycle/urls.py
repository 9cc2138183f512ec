"""The process, page by page and endpoint by endpoint."""

from django.urls import path

from lifecycle import api as endpoints
from lifecycle import views

pages = [
    path("projects/<str:key>/gates/<str:stage>/", views.gate, name="gate"),
    path("projects/<str:key>/gates/<str:stage>/ask/", views.ask, name="ask-gate"),
    path("projects/<str:key>/stages/", views.stages, name="stages"),
    path("projects/<str:key>/process/", views.process, name="process"),
    path("projects/<str:key>/process/level/", views.move_level, name="move-level"),
    path("projects/<str:key>/process/tags/", views.move_tags, name="move-tags"),
    path("projects/<str:key>/process/version/", views.move_version, name="move-version"),
    path("projects/<str:key>/stages/<str:stage>/", views.stage, name="stage"),
    path("projects/<str:key>/stages/<str:stage>/plan/", views.plan_stage, name="plan-stage"),
    path("projects/<str:key>/checks/<str:check_key>/limit/", views.limit, name="limit"),
    path("projects/<str:key>/checks/<str:check_key>/limit/set/", views.set_limit, name="set-limit"),
    path("projects/<str:key>/checks/<str:check_key>/limit/decide/", views.decide_limit, name="decide-limit"),
    path("projects/<str:key>/checks/<str:check_key>/limit/source/", views.confirm_source, name="confirm-source"),
    path("projects/<str:key>/checks/<str:check_key>/limit/baseline/", views.set_baseline, name="set-baseline"),
    path("projects/<str:key>/hold/", views.hold, name="hold"),
    path("projects/<str:key>/resume/", views.resume, name="resume"),
    path("reviews/<int:pk>/vote/", views.vote, name="vote"),
    path("reviews/<int:pk>/withdraw-vote/", views.withdraw_vote, name="withdraw-vote"),
    path("reviews/<int:pk>/withdraw/", views.withdraw_request, name="withdraw-request"),
    path("checks/<int:pk>/answer/", views.answer, name="answer-check"),
    path("checks/<int:pk>/evidence/", views.attach, name="attach-proof"),
    path("checks/<int:pk>/waive/", views.waive, name="waive-check"),
    path("conditions/<int:pk>/propose/", views.propose_condition, name="propose-condition"),
    path("conditions/<int:pk>/close/", views.close_condition, name="close-condition"),
    path("conditions/<int:pk>/extend/", views.extend_condition, name="extend-condition"),
    path("templates/", views.templates, name="templates"),
    path("templates/<str:key>/", views.template, name="template"),
]

api = [
    path("projects/", endpoints.Projects.as_view(), name="api-projects"),
    path("projects/<str:key>/", endpoints.ProjectDetail.as_view(), name="api-project"),
    path("projects/<str:key>/status/", endpoints.ProjectStatus.as_view(), name="api-status"),
    path("projects/<str:key>/hold/", endpoints.Hold.as_view(), name="api-hold"),
    path("projects/<str:key>/resume/", endpoints.Resume.as_view(), name="api-resume"),
    path("projects/<str:key>/level/", endpoints.LevelMove.as_view(), name="api-level"),
    path("projects/<str:key>/template-version/", endpoints.VersionMove.as_view(), name="api-project-version"),
    path("reviews/<int:pk>/pack/", views.pack, name="pack"),
    path("projects/<str:key>/gates/<str:stage>/check/", endpoints.GateCheck.as_view(), name="api-gate-check"),
    path("projects/<str:key>/stages/", endpoints.Stages.as_view(), name="api-stages"),
    path("projects/<str:key>/stages/<str:stage>/", endpoints.StageDetail.as_view(), name="api-stage"),
    path("projects/<str:key>/stages/<str:stage>/checks/", endpoints.StageChecks.as_view(), name="api-stage-checks"),
    path("projects/<str:key>/stages/<str:stage>/reviews/", endpoints.StageReviews.as_view(), name="api-stage-reviews"),
    path("projects/<str:key>/baseline/", endpoints.Baseline.as_view(), name="api-baseline"),
    path("projects/<str:key>/checks/<str:check_key>/limit/", endpoints.CheckLimit.as_view(), name="api-limit"),
    path(
        "projects/<str:key>/checks/<str:check_key>/limit/consent/", endpoints.LimitConsent.as_view(), name="api-consent"
    ),
    path("projects/<str:key>/checks/<str:check_key>/limit/source/", endpoints.LimitSource.as_view(), name="api-source"),
    path("projects/<str:key>/checks/<str:check_key>/", endpoints.CheckByKey.as_view(), name="api-project-check"),
    path("checks/<int:pk>/", endpoints.CheckDetail.as_view(), name="api-check"),
    path("checks/<int:pk>/evidence/", endpoints.CheckProof.as_view(), name="api-check-evidence"),
    path("checks/<int:pk>/waivers/", endpoints.CheckWaivers.as_view(), name="api-check-waivers"),
    path("reviews/<int:pk>/", endpoints.ReviewDetail.as_view(), name="api-review"),
    path("reviews/<int:pk>/votes/", endpoints.Votes.as_view(), name="api-votes"),
    path("reviews/<int:pk>/votes/mine/", endpoints.MyVote.as_view(), name="api-my-vote"),
    path("reviews/<int:pk>/withdraw/", endpoints.Withdrawal.as_view(), name="api-withdraw"),
    path("conditions/<int:pk>/", endpoints.ConditionDetail.as_view(), name="api-condition"),
    path("conditions/<int:pk>/extension/", endpoints.ConditionExtension.as_view(), name="api-condition-extension"),
    path("templates/", endpoints.Templates.as_view(), name="api-templates"),
    path("templates/import/", endpoints.TemplateImport.as_view(), name="api-template-import"),
    path("templates/plan/", endpoints.TemplatePlan.as_view(), name="api-template-plan"),
    path("templates/schema/", endpoints.TemplateSchema.as_view(), name="api-template-schema"),
    path(
        "templates/<str:key>/versions/<int:number>/", endpoints.TemplateVersions.as_view(), name="api-template-version"
    ),
    path(
        "templates/<str:key>/versions/<int:number>/publish/",
        endpoints.TemplatePublication.as_view(),
        name="api-publish-template",
    ),
]
    path("reviews/<int:pk>/pack/", endpoints.Pack.as_view(), name="api-pack"),
