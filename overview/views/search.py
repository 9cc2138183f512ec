from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.http import PageRequest
from common.paging import searched
from overview.selectors.search import search


@login_required
@require_GET
def search_page(request: PageRequest) -> HttpResponse:
    """What is called so, of what the reader may see. Raises ValidationFailed for a query that is too long."""
    words = searched(request)
    found = search(words, actor=request.actor) if words else []
    return render(request, "overview/search.html", {"query": words, "found": found})
