from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.http import PageRequest
from common.errors import ValidationFailed
from common.text_rules import encoding_flaw
from overview.selectors.search import search

LONGEST = 200


@login_required
@require_GET
def search_page(request: PageRequest) -> HttpResponse:
    """What is called so, of what the reader may see. Raises ValidationFailed for a query that is too long."""
    words = checked(request.GET.get("q", ""))
    found = search(words, actor=request.actor) if words else []
    return render(request, "overview/search.html", {"query": words, "found": found})


def checked(given: str) -> str:
    """The words to look for. Raises ValidationFailed."""
    if len(given) > LONGEST:
        raise ValidationFailed.at("q", "too_long", _("At most %(limit)s characters.") % {"limit": LONGEST})
    if flaw := encoding_flaw(given):
        raise ValidationFailed.at("q", flaw.code, flaw.detail)
    return given.strip()
