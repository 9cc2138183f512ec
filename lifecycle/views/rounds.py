"""Steps at a round besides voting, each a form on its gate's page."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from accounts.http import PageRequest
from common import clock
from common.errors import DomainError
from common.forms import refuse
from lifecycle import services
from lifecycle.forms import ReasonForm
from lifecycle.models import GateReview
from lifecycle.views.gates import newest_gate, render_gate, review_seen, to_gate


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
    return _with_reason(request, pk, "recuse", services.recuse)


@login_required
@require_POST
def reopen(request: PageRequest, pk: int) -> HttpResponse:
    return _with_reason(request, pk, "reopen", services.reopen_review)


def _with_reason(request: PageRequest, pk: int, place: str, act: Callable[..., GateReview]) -> HttpResponse:
    review, form = review_seen(request, pk), ReasonForm(request.POST, auto_id=f"{place}-%s")
    if not form.is_valid():
        return render_gate(request, newest_gate(review.stage), status=422, typed={place: form})
    try:
        act(review=review, actor=request.actor, now=clock.now(), **form.cleaned_data)
    except DomainError as error:
        refuse(form, error)
        return render_gate(request, newest_gate(review.stage), status=error.status, typed={place: form})
    return to_gate(request, review.stage)
