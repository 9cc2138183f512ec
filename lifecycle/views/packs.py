"""The gate pack as a page that prints."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.http import PageRequest
from lifecycle import services
from lifecycle.models import GateReview
from lifecycle.selectors.packs import printed


@login_required
@require_GET
def pack(request: PageRequest, pk: int) -> HttpResponse:
    """The same as the files; reading it here is not an export, so the journal does not tell of it."""
    rows = GateReview.objects.visible_to(request.actor).select_related("stage__process__project")
    review = get_object_or_404(rows, pk=pk)
    found = services.read_pack(review=review, actor=request.actor)
    return render(
        request,
        "lifecycle/pack.html",
        {"pack": printed(found), "project": review.stage.project, "stage": review.stage, "review": review},
    )
