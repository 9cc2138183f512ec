"""What every request passes: an id, safe headers, a size limit, and problem documents under /api/."""

import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.middleware.common import CommonMiddleware

from common import logs, problems
from common.errors import DomainError

GetResponse = Callable[[HttpRequest], HttpResponseBase]
CALLER_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
MEGABYTE = 1024 * 1024
SMALL_BODY = 2 * MEGABYTE
LARGE_BODY = 26 * MEGABYTE
SMALL_TYPES = ("application/json", "application/yaml", "application/x-www-form-urlencoded", "text/plain")

CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'; img-src 'self' data:"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class RequestId:
    """Names each request, in its answer, its log lines and its journal entries."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        mark = logs.request_id.set(self._name(request))
        who = logs.actor_id.set("")
        try:
            response = self.get_response(request)
            response["X-Request-Id"] = logs.request_id.get()
        finally:
            logs.request_id.reset(mark)
            logs.actor_id.reset(who)
        return response

    @staticmethod
    def _name(request: HttpRequest) -> str:
        """Only a proxy of ours may name a request; a stranger's header could forge another's log lines."""
        given = request.headers.get("X-Request-Id", "")
        return given if settings.TRUSTED_PROXIES and CALLER_ID.fullmatch(given) else uuid.uuid4().hex


class SecurityHeaders:
    """The headers of every answer; a view that set a stricter one keeps it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response


class BodyLimit:
    """Refuses a body by its announced length, before anything reads it into memory."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        announced = request.META.get("CONTENT_LENGTH") or "0"
        if announced.isdecimal() and int(announced) > limit(request.content_type or ""):
            _discard(request)
            return problems.answer(request, problems.for_status(413))
        return self.get_response(request)


def limit(content_type: str) -> int:
    return SMALL_BODY if content_type in SMALL_TYPES or not content_type else LARGE_BODY


def _discard(request: HttpRequest) -> None:
    """Read the body away in small pieces for a moment: a client that is cut off while sending never sees the 413."""
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline and request.read(64 * 1024):
        pass


class NamesNothing:
    """An address with a null character names nothing: 404, before it reaches PostgreSQL, which would refuse it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        """Here, since the page of a 404 needs the person and the language that the middleware below finds."""
        if "\x00" in request.path_info:
            raise Http404


class Slashes(CommonMiddleware):
    """Brings readers of pages to the address with its slash; scripts are told of it, and nothing is sent elsewhere.

    A client that follows a redirect repeats a POST as a GET without its body, one that does not takes it for success.
    """

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        return not problems.serves_scripts(request) and super().should_redirect_with_slash(request)


class ProblemsUnderApi:
    """A safety net: whatever refuses a request under /api/ without our words still answers a problem document.

    And whoever reloads the address of a form elsewhere gets a page, where Django would answer with an empty one.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """A refusal that a page's view did not turn into a form error: the page of that refusal."""
        return problems.answer(request, exception) if isinstance(exception, DomainError) else None

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code < 400:
            return response
        if not problems.under_api(request):
            return self._not_blank(request, response)
        if response.headers.get("Content-Type", "").startswith(problems.CONTENT_TYPE):
            return response
        problem = problems.respond(problems.for_status(response.status_code))
        problem.status_code = response.status_code
        for name in ("Allow", "Retry-After", "WWW-Authenticate"):
            if name in response.headers:
                problem[name] = response.headers[name]
        return problem

    @staticmethod
    def _not_blank(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not isinstance(response, HttpResponseNotAllowed) or response.content:
            return response
        page = problems.nothing_to_read(request)
        page["Allow"] = response.headers["Allow"]
        return page
