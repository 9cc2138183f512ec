"""Where a request comes from."""

import re
from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

# Some proxies add the port: 10.0.0.1:5555, [2001:db8::1]:5555.
WITH_PORT = re.compile(r"([0-9.]+):[0-9]+|\[(.*)\](?::[0-9]+)?")


def client_address(request: HttpRequest) -> str | None:
    """The right-most hop that no proxy of ours added, as a plain IP address; None for one that names none.

    `TRUSTED_PROXIES` counts our proxies. Whatever stands further left in X-Forwarded-For was written by the client and
    says nothing; with no proxy the header is ignored altogether.
    """
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    hops.append(request.META.get("REMOTE_ADDR") or "")
    return _address(hops[max(-1 - settings.TRUSTED_PROXIES, -len(hops))])


def _address(hop: str) -> str | None:
    """In the one way that every column of addresses takes: without port, brackets and IPv6 zone."""
    found = WITH_PORT.fullmatch(hop)
    bare = (found[1] or found[2]) if found else hop
    try:
        address = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    # What a socket for both protocols calls an IPv4 client.
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)
