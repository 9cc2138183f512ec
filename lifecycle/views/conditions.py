from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.http import PageRequest
from common import clock
from common.errors import DomainError
from lifecycle import services
from lifecycle.forms import ExtensionForm
from lifecycle.models import Condition, Stage
from lifecycle.views.gates import render_gate


def condition_seen(request: PageRequest, pk: int) -> Condition:
    rows = Condition.objects.visible_to(request.actor).select_related(
        "action__owner", "review__stage__process__project"
    )
    return get_object_or_404(rows, pk=pk)


@login_required
@require_POST
def propose_condition(request: PageRequest, pk: int) -> HttpResponse:
    condition = condition_seen(request, pk)
    try:
        services.propose_condition(condition=condition, actor=request.actor, version=condition.version, now=clock.now())
    except DomainError as error:
        return _refused(request, condition, error)
    return redirect(_gate(condition))


@login_required
@require_POST
def close_condition(request: PageRequest, pk: int) -> HttpResponse:
    condition = condition_seen(request, pk)
    try:
        services.close_condition(condition=condition, actor=request.actor, version=condition.version, now=clock.now())
    except DomainError as error:
        return _refused(request, condition, error)
    return redirect(_gate(condition))


@login_required
@require_POST
def extend_condition(request: PageRequest, pk: int) -> HttpResponse:
    condition, form = condition_seen(request, pk), ExtensionForm(request.POST)
    if not form.is_valid():
        return render_gate(request, _gate(condition), status=422, banner=_("Name a day and a reason."))
    try:
        services.extend_condition(condition=condition, actor=request.actor, now=clock.now(), **form.cleaned_data)
    except DomainError as error:
        return _refused(request, condition, error)
    return redirect(_gate(condition))


def _gate(condition: Condition) -> Stage:
    """The latest iteration of the gate that set the condition."""
    stage = condition.review.stage
    stages = Stage.objects.newest().with_process().select_related("process__template_version")
    return stages.get(process=stage.process_id, key=stage.key)


def _refused(request: PageRequest, condition: Condition, error: DomainError) -> HttpResponse:
    return render_gate(request, _gate(condition), status=error.status, banner=str(error))
