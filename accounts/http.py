"""Requests as views and endpoints see them: with an actor, and with htmx's marks."""

from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django_htmx.middleware import HtmxDetails
from rest_framework.request import Request

from accounts.actor import Actor
from accounts.models import User
from common import logs
from common.network import client_address

HANDED = "shown-once"
# Seconds: as long as a browser may take to follow a redirect.
UNDERWAY = 60


class PageRequest(HttpRequest):
    """What a page's view gets. Only a type: the middleware adds both to Django's own request."""

    actor: Actor
    htmx: HtmxDetails
    user: User


class ApiRequest(Request):
    """What an endpoint gets. Only a type: the authentication adds the actor."""

    actor: Actor


def actor_of_session(request: HttpRequest) -> Actor:
    """The person whose session this is, or nobody."""
    user: Any = request.user
    address, name = client_address(request), logs.request_id.get()
    if not user.is_authenticated:
        return Actor.anonymous(address, name)
    logs.actor_id.set(str(user.pk))
    # The real row, not the request's lazy wrapper: an actor may outlive its request in a test or a thread.
    person = getattr(user, "_wrapped", user)
    return Actor.for_user(person, address, name)


def calendar_url(person: User) -> str:
    """Where programs read the person's calendar; the key in it is all they need."""
    return f"{settings.BASE_URL}/calendar/{person.calendar_key}.ics"


def hand_on(request: PageRequest, answer: HttpResponse, secret: str) -> HttpResponse:
    """Send a new secret along with a redirect, in this browser's cookie alone; the page it leads to asks `handed`.

    So loading that page again neither shows the secret a second time nor makes another one.
    """
    sealed = signing.dumps(secret, salt=_salt(request))
    answer.set_cookie(
        HANDED, sealed, max_age=UNDERWAY, path=answer["Location"], samesite="Lax", secure=settings.HTTPS, httponly=True
    )
    return answer


def handed(request: PageRequest) -> str:
    """The secret that was just made on the way here, or nothing. The answer that shows it goes through `shown_once`."""
    try:
        return str(signing.loads(request.COOKIES.get(HANDED, ""), salt=_salt(request), max_age=UNDERWAY))
    except signing.BadSignature:
        return ""


def shown_once(request: PageRequest, answer: HttpResponse) -> HttpResponse:
    """`answer` as the only one that shows the secret: it is kept nowhere after this."""
    if HANDED in request.COOKIES:
        answer.delete_cookie(HANDED, path=request.path, samesite="Lax")
        answer["Cache-Control"] = "no-store"
    return answer


def _salt(request: PageRequest) -> str:
    return f"{HANDED}:{request.actor.user_id}"
