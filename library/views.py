"""Cases as pages: what others did, what came of it, what to take along."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.http import PageRequest
from library.models import Case
from library.selectors import shown


@login_required
@require_GET
def case_list(request: PageRequest) -> HttpResponse:
    cases = [shown(case) for case in Case.objects.filter(published=True).order_by("industry", "key")]
    return render(request, "library/cases.html", {"cases": cases})


@login_required
@require_GET
def case_page(request: PageRequest, key: str) -> HttpResponse:
    case = get_object_or_404(Case, key=key, published=True)
    return render(request, "library/case.html", {"case": shown(case)})
