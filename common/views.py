"""Pages that belong to no room."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common.problem_codes import CODES


@require_safe
def problem_list(request: HttpRequest) -> HttpResponse:
    """Every code a problem document may carry; the `type` of each points at its row."""
    return render(request, "common/problems.html", {"codes": sorted(CODES.items())})
