"""One's own deputies: named and taken back in a project's settings, listed for all projects on a page of one's own."""

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from accounts.http import PageRequest
from common import clock
from common.redirects import back
from projects import services
from projects.forms import DeputyForm, VersionForm
from projects.models import Deputy
from projects.selectors import deputies_possible
from projects.views.settings import settings_page
from projects.views.steps import project_of, took


@login_required
@require_POST
def name_deputy(request: PageRequest, key: str) -> HttpResponse:
    project = project_of(request, key)
    form = DeputyForm(request.POST, people=deputies_possible(project, request.actor))
    if took(
        form,
        lambda: services.name_deputy(project=project, actor=request.actor, now=clock.now(), **form.facts()),
    ):
        return back(request, f"/projects/{key}/settings/#deputies")
    return settings_page(request, project, status=422, given={"deputy_form": form})


@login_required
@require_POST
def end_deputy(request: PageRequest, key: str, pk: int) -> HttpResponse:
    project = project_of(request, key)
    rows = Deputy.objects.visible_to(request.actor).filter(project=project).select_related("project")
    deputy, form = get_object_or_404(rows, pk=pk), VersionForm(request.POST)
    if took(
        form,
        lambda: services.end_deputy(
            deputy=deputy, actor=request.actor, version=form.cleaned_data["version"], now=clock.now()
        ),
    ):
        return back(request, f"/projects/{key}/settings/#deputies")
    return settings_page(request, project, status=422, given={"refused": form})


@login_required
@require_GET
def my_deputies(request: PageRequest) -> HttpResponse:
    """Who votes for the reader, and for whom the reader votes, wherever that is."""
    user_id, today = request.actor.user_id, clock.now().date()
    rows = Deputy.objects.visible_to(request.actor).filter(Q(user=user_id) | Q(deputy=user_id))
    deputies = list(rows.filter(ended_at=None, ends_on__gte=today).select_related("project", "user", "deputy"))
    return render(
        request,
        "projects/deputies.html",
        {
            "mine": [row for row in deputies if row.user_id == user_id],
            "others": [row for row in deputies if row.deputy_id == user_id],
        },
    )
