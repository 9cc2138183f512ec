"""Who is asking, and in which language they read."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from accounts.http import actor_of_session
from common import clock

GetResponse = Callable[[HttpRequest], HttpResponseBase]
STARTED, SEEN = "started_at", "seen_at"
# How often a session in use is written; an idle time of hours needs no finer grain.
GRAIN = timedelta(minutes=10)


class CurrentActor:
    """Gives every request an `actor`, found when first asked for, and ends sessions that are too old."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            self._keep(request, request.user, clock.now())
        request.actor = SimpleLazyObject(partial(actor_of_session, request))  # type: ignore[attr-defined]
        return self.get_response(request)

    @staticmethod
    def _keep(request: HttpRequest, user: Any, now: datetime) -> None:
        """12 hours idle and 7 days in all: the cookie's age counts from the last write, the start is ours to keep.

        No session outlives the last day of its account.
        """
        session = request.session
        started = datetime.fromisoformat(session.get(STARTED, now.isoformat()))
        if user.has_ended(now.date()) or now - started > timedelta(seconds=settings.SESSION_ABSOLUTE_SECONDS):
            logout(request)
        elif STARTED not in session or now - datetime.fromisoformat(session[SEEN]) > GRAIN:
            session[STARTED], session[SEEN] = started.isoformat(), now.isoformat()


class PersonalLanguage:
    """The language of the profile if one is set, else the first that Accept-Language names and we speak."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        chosen = getattr(request.user, "language", "") if settings.SESSION_COOKIE_NAME in request.COOKIES else ""
        with translation.override(chosen or translation.get_language_from_request(request)):
            request.LANGUAGE_CODE = translation.get_language() or "en"
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "en")
            return response
