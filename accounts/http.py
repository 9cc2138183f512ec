"""Requests as views and endpoints see them: with an actor, and with htmx's marks."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails
from rest_framework.request import Request

from accounts.actor import Actor
from accounts.models import User
from common import logs
from common.network import client_address


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
