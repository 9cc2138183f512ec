from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.http import PageRequest
from common import clock
from common.paging import paged
from projects.models import Project
from projects.permissions import Action, may
from records import selectors
from records.models import Evidence, ModelVersion

MODELS_AT_MOST = 50


@login_required
@require_GET
def records(request: PageRequest, key: str) -> HttpResponse:
    """What the project is about now, its latest results, its models and its proof."""
    project = get_object_or_404(Project.objects.visible_to(request.actor), key=key)
    evidence, pager = paged(request, Evidence.objects.filter(project=project).select_related("supplied_by"))
    subject = selectors.subject_parts(project)
    context = {
        "project": project,
        "tab": "records",
        "today": clock.now().date(),
        "subject": subject,
        "about": [part.value for part in subject if part.value],
        "results": selectors.latest_results(project),
        "models": ModelVersion.objects.filter(project=project).prefetch_related("trained_by")[:MODELS_AT_MOST],
        "evidence": evidence,
        "pager": pager,
        "sees_confidential": may(request.actor, Action.SEE_CONFIDENTIAL, project),
    }
    return render(request, "records/records.html", context)
