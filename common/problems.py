"""Every API error leaves as RFC 9457 problem+json, and leaves through here."""

import errno
import logging
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost, RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import is_valid_path
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from rest_framework import exceptions as drf
from rest_framework.response import Response

from common import canonical, logs, problem_codes
from common.errors import DomainError, FieldError, NotFound, ValidationFailed, VersionMismatch, escape

CONTENT_TYPE = "application/problem+json"
logger = logging.getLogger(__name__)

# What DRF calls a wrong value, in our words.
FIELD_CODES = {
    "invalid": "invalid_type",
    "null": "null_not_allowed",
    "max_length": "too_long",
    "min_length": "too_short",
    "max_value": "out_of_range",
    "min_value": "out_of_range",
    "max_digits": "out_of_range",
    "max_decimal_places": "out_of_range",
    "max_whole_digits": "out_of_range",
    "max_string_length": "too_long",
    "not_a_list": "invalid_type",
    "not_a_dict": "invalid_type",
    "empty": "required",
    "incorrect_type": "invalid_type",
    "does_not_exist": "not_found",
    "unique": "not_unique",
}
# With several wrong fields the problem's own code is the one that says most: an input that was not even well formed
# comes before a field that is merely missing.
STRICTNESS = (
    "null_character",
    "invalid_unicode",
    "duplicate_key",
    "json_too_deep",
    "too_many_keys",
    "not_finite",
    "unknown_parameter",
    "scope_not_grantable",
    "read_only_field",
    "unknown_field",
)
DRF_CODES: dict[type[drf.APIException], str] = {
    drf.NotAuthenticated: "not_authenticated",
    drf.AuthenticationFailed: "token_invalid",
    drf.PermissionDenied: "permission_denied",
    drf.NotFound: "not_found",
    drf.MethodNotAllowed: "method_not_allowed",
    drf.NotAcceptable: "not_acceptable",
    drf.UnsupportedMediaType: "unsupported_media_type",
    drf.Throttled: "rate_limited",
}
STATUS_CODES = {
    400: "bad_request",
    401: "not_authenticated",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    429: "rate_limited",
    503: "unavailable",
}


class Unavailable(DomainError):
    status = 503
    code = "unavailable"


class Busy(Unavailable):
    code = "busy"


class StorageFull(Unavailable):
    code = "storage_full"


class InternalError(DomainError):
    status = 500
    code = "internal_error"


def exception_handler(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's handler: our refusals, DRF's own and the database's; None (a 500) for what nobody foresaw."""
    error = as_domain_error(exc)
    if error is None:
        return None
    if error.status >= 500:
        logger.error("%s: %s", error.code, type(exc).__name__)
    headers = {**_drf_headers(exc), **error.headers}
    return Response(document(error), error.status, headers=headers, content_type=CONTENT_TYPE)


def _drf_headers(exc: Exception) -> dict[str, str]:
    headers: dict[str, str] = {}
    if authenticate := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = authenticate
    if wait := getattr(exc, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    return headers


def as_domain_error(exc: BaseException) -> DomainError | None:
    """`exc` in the words of the domain, or None when it is a fault of ours."""
    if isinstance(exc, DomainError):
        return exc
    if isinstance(exc, drf.ValidationError):
        return ValidationFailed(errors=field_errors(exc))
    if isinstance(exc, drf.APIException):
        return _from_drf(exc)
    if isinstance(exc, Http404):
        return NotFound()
    if isinstance(exc, DatabaseError | InterfaceError):
        return _from_database(exc)
    if isinstance(exc, OSError) and exc.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return StorageFull(headers={"Retry-After": "60"})
    return _from_django(exc)


def _from_drf(exc: drf.APIException) -> DomainError:
    code = DRF_CODES.get(type(exc), str(exc.default_code))
    return _error(exc.status_code, code, str(exc.detail))


def _from_django(exc: BaseException) -> DomainError | None:
    if isinstance(exc, DisallowedHost):
        return _error(400, "invalid_host")
    if isinstance(exc, TooManyFieldsSent):
        return _error(400, "too_many_fields")
    if isinstance(exc, RequestDataTooBig):
        return _error(413, "body_too_large")
    if isinstance(exc, MultiPartParserError):
        return _error(400, "malformed_multipart")
    if isinstance(exc, SuspiciousOperation):
        return _error(400, "bad_request")
    if isinstance(exc, DjangoPermissionDenied):
        return _error(403, "permission_denied")
    return None


def _from_database(exc: Exception) -> DomainError | None:
    """Locks, lost connections and values no column takes; other faults stay 500s."""
    if isinstance(exc, DataError):
        return _error(400, "out_of_range")
    if isinstance(exc, IntegrityError):
        # Two requests raced for one UNIQUE constraint; the loser's service saw nothing wrong a moment before.
        return DomainError()
    sqlstate = getattr(exc.__cause__, "sqlstate", None) or ""
    if sqlstate[:2] in {"40", "55"} or sqlstate == "57014" or "locked" in str(exc):
        return Busy(headers={"Retry-After": "1"})
    if sqlstate == "53100" or "full" in str(exc):
        return StorageFull(headers={"Retry-After": "60"})
    if isinstance(exc, OperationalError | InterfaceError):
        return Unavailable(headers={"Retry-After": "5"})
    return None


def _error(status: int, code: str, detail: str = "") -> DomainError:
    error = DomainError(detail or problem_codes.title_of(code))
    error.status, error.code, error.title = status, code, problem_codes.title_of(code)
    return error


def field_errors(exc: drf.ValidationError) -> list[FieldError]:
    """DRF's nested details as a flat list with JSON pointers."""
    return list(_flatten(exc.get_full_details(), ""))


def _flatten(details: Any, pointer: str) -> Iterator[FieldError]:
    if (
        isinstance(details, dict)
        and "message" in details
        and "code" in details
        and not isinstance(details["code"], dict | list)
    ):
        code = str(details["code"])
        yield FieldError(pointer, FIELD_CODES.get(code, code), str(details["message"]))
    elif isinstance(details, dict):
        for key, value in details.items():
            yield from _flatten(value, pointer if key == "non_field_errors" else f"{pointer}/{escape(str(key))}")
    else:
        for index, value in enumerate(details):
            inner = pointer if isinstance(value, dict) and "message" in value else f"{pointer}/{index}"
            yield from _flatten(value, inner)


def leading_code(error: DomainError) -> str:
    """The problem's own code: that of its field errors when they agree or one of them is about strictness."""
    codes = {item.code for item in error.errors}
    if error.code != ValidationFailed.code or not codes or not getattr(error, "led_by_fields", True):
        return error.code
    if len(codes) == 1:
        return codes.pop()
    return next((code for code in STRICTNESS if code in codes), error.code)


def document(error: DomainError) -> dict[str, Any]:
    """The body of an answer: RFC 9457 members, our `code`, `errors` and `request_id`, then the error's own."""
    code = leading_code(error)
    same = code == error.code
    detail = str(error.errors[0].detail) if not same and len(error.errors) == 1 else str(error)
    body = {
        "type": f"/api/docs/problems/#{code}",
        "title": str(error.title) if same else problem_codes.title_of(code),
        "status": error.status,
        "detail": detail,
        "code": code,
        "errors": [item.as_dict() for item in error.errors],
        "request_id": logs.request_id.get(),
        **error.extra,
    }
    if isinstance(error, VersionMismatch) and settings.LAST_CHANGE:
        body["last_change"] = import_string(settings.LAST_CHANGE)(error.subject)
    return body


def respond(error: DomainError) -> HttpResponse:
    """A problem document outside DRF: middleware, error handlers."""
    response = HttpResponse(canonical.encode(document(error)), status=error.status, content_type=CONTENT_TYPE)
    for name, value in error.headers.items():
        response[name] = value
    return response


def under_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def serves_scripts(request: HttpRequest) -> bool:
    """Whether the address is the API's own, not that of a page about it."""
    return request.path_info.startswith("/api/v1/")


def answer(request: HttpRequest, error: DomainError) -> HttpResponse:
    """`error` as a problem document under /api/, as a page elsewhere."""
    return respond(error) if under_api(request) else page(request, error)


def page(request: HttpRequest, error: DomainError) -> HttpResponse:
    """`error` as a page: a sentence, the request's id, one way out.

    A fault's page stands alone: what the others show around it asks the database, which may be the fault.
    """
    context = {"error": error, "status": error.status, "request_id": logs.request_id.get()}
    if error.status >= 500:
        response = HttpResponse(render_to_string("fault.html", context), status=error.status)
    else:
        response = render(request, "problem.html", context, status=error.status)
    for name, value in error.headers.items():
        response[name] = value
    return response


def nothing_to_read(request: HttpRequest) -> HttpResponse:
    """The page of an address that only takes what a form sends, for those who reload it."""
    detail = _("There is nothing to read at this address: it only takes what a form sends.")
    return page(request, _error(405, "method_not_allowed", detail))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400"""
    return answer(request, as_domain_error(exception) or _error(400, "bad_request"))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler403"""
    return answer(request, as_domain_error(exception) or _error(403, "permission_denied", _("You may not do this.")))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404; of the API's addresses that lack their slash alone it says which one was meant, in `url`."""
    if serves_scripts(request) and is_valid_path(f"{request.path_info}/"):
        meant = request.get_full_path(force_append_slash=True)
        detail = _("Addresses of the API end with a slash: %(url)s") % {"url": meant}
        return answer(request, NotFound(detail, url=meant))
    return answer(request, NotFound())


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500: a database that is away is a 503 to be repeated, anything else a fault without details."""
    exception = sys.exc_info()[1]
    error = as_domain_error(exception) if exception is not None else None
    if error is None or error.status < 500:
        error = InternalError(problem_codes.title_of("internal_error"))
    return answer(request, error)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return answer(request, _error(403, "csrf_failed"))


def for_status(status: int) -> DomainError:
    """The plain error of an HTTP status, for answers that Django or a library made without our words."""
    return _error(status, STATUS_CODES.get(status, "bad_request" if status < 500 else "internal_error"))
