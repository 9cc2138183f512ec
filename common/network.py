"""Where a request comes from."""

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The right-most hop that no proxy of ours added.

    `TRUSTED_PROXIES` counts our proxies. Whatever stands further left in X-Forwarded-For was written by the client and
    says nothing; with no proxy the header is ignored altogether.
    """
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    hops.append(request.META.get("REMOTE_ADDR") or "")
    return hops[max(-1 - settings.TRUSTED_PROXIES, -len(hops))]
