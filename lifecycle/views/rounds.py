"""Steps at a round besides voting, each a form on its gate's page."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.http import PageRequest
from common import clock
from common.errors import DomainError
from lifecycle import services
from lifecycle.forms import ReasonForm
from lifecycle.models import GateReview, Stage
from lifecycle.views.gates import render_gate, review_seen, to_gate


@login_required
@require_POST
def withdraw_vote(request: PageRequest, pk: int) -> HttpResponse:
    review = review_seen(request, pk)
    services.withdraw_vote(review=review, actor=request.actor, now=clock.now())
    return to_gate(request, review.stage)


@login_required
@require_POST
def withdraw_request(request: PageRequest, pk: int) -> HttpResponse:
    review = review_seen(request, pk)
    services.withdraw_review(review=review, actor=request.actor, now=clock.now())
    return to_gate(request, review.stage)


@login_required
@require_POST
def recuse(request: PageRequest, pk: int) -> HttpResponse:
    return _with_reason(request, pk, services.recuse)


@login_required
@require_POST
def reopen(request: PageRequest, pk: int) -> HttpResponse:
    return _with_reason(request, pk, services.reopen_review)


def _with_reason(request: PageRequest, pk: int, act: Callable[..., GateReview]) -> HttpResponse:
    review, form = review_seen(request, pk), ReasonForm(request.POST)
    if not form.is_valid():
        return render_gate(request, _gate(review), status=422, banner=_("Say why."))
    try:
        act(review=review, actor=request.actor, now=clock.now(), **form.cleaned_data)
    except DomainError as error:
        if error.status in {403, 404}:
            raise
        return render_gate(request, _gate(review), status=error.status, banner=str(error))
    return to_gate(request, review.stage)


def _gate(review: GateReview) -> Stage:
    """The latest iteration of the round's gate."""
    stage = review.stage
    stages = Stage.objects.newest().with_process().select_related("process__template_version")
    return stages.get(process=stage.process_id, key=stage.key)
