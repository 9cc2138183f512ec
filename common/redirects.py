"""Going back to where a form stood."""

from django.http import HttpRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme


def place_of(request: HttpRequest, otherwise: str) -> str:
    """The page of ours that the form names as `next`, else `otherwise`.

    A path starts with "/": a bare word passes Django's check, and `redirect()` would take it for the name of a route.
    """
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe and wanted.startswith("/") else otherwise


def back(request: HttpRequest, otherwise: str) -> HttpResponseRedirect:
    """A redirect to `place_of` the form."""
    return HttpResponseRedirect(place_of(request, otherwise))
