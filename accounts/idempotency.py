"""`@idempotent`: a POST that may be repeated with the same Idempotency-Key and happens once."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.errors import AlreadyCreated
from accounts.http import ApiRequest
from accounts.services import Answer, Claim, claim_key, finish, release
from common.api import JSONRenderer
from common.canonical import digest

Handler = Callable[..., HttpResponseBase]
KEPT_HEADERS = ("Content-Type", "ETag", "Location")
# Answers that say nothing about the request itself; the next try may fare better.
NOT_KEPT = frozenset({401, 403, 404, 429})
REVOKED = frozenset({"not_authenticated", "permission_denied", "scope_missing", "human_session_required", "not_found"})


def idempotent(handler: Handler) -> Handler:
    """Wrap the `post` of an endpoint.

    The answer is stored in one transaction with what the request did: after a crash there are both or neither. An
    answer with `Cache-Control: no-store` holds a secret and is stored without its body; its replay is 409.
    """

    @wraps(handler)
    def once(view: APIView, request: ApiRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return handler(view, request, *args, **kwargs)

        def run() -> HttpResponseBase:
            try:
                return handler(view, request, *args, **kwargs)
            except Exception as error:  # noqa: BLE001 - handle_exception raises again what it does not know
                return view.handle_exception(error)

        claim = claim_key(actor=request.actor, key=key, fingerprint=fingerprint(request))
        return _run_and_keep(claim, run) if claim.answer is None else _replay(claim.answer, run)

    once.is_idempotent = True  # type: ignore[attr-defined] # read by the test that finds every POST
    return once


def _run_and_keep(claim: Claim, run: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    try:
        with transaction.atomic():
            response = run()
            kept = response.status_code < 500 and response.status_code not in NOT_KEPT
            if kept:
                finish(claim, status=response.status_code, body=_body(response), headers=_headers(response))
            elif response.status_code >= 500:
                transaction.set_rollback(True)
    except BaseException:
        release(claim)
        raise
    if not kept:
        release(claim)
    return response


def _replay(answer: Answer, run: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Send the stored answer, if its caller may still have it.

    Asked by running the request once more and undoing it: whoever lost the right since then gets that refusal.
    """
    with transaction.atomic():
        again = run()
        transaction.set_rollback(True)
    if isinstance(again, Response) and again.exception and again.data.get("code") in REVOKED:
        return again
    if answer.body is None:
        raise AlreadyCreated
    return HttpResponse(answer.body, status=answer.status, headers={**answer.headers, "Idempotent-Replayed": "true"})


def _body(response: HttpResponseBase) -> bytes | None:
    if "no-store" in response.headers.get("Cache-Control", ""):
        return None
    if isinstance(response, Response):
        return JSONRenderer().render(response.data)
    return response.content if isinstance(response, HttpResponse) else b""


def _headers(response: HttpResponseBase) -> dict[str, str]:
    kept = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    if isinstance(response, Response):
        kept["Content-Type"] = response.content_type or JSONRenderer.media_type
    return kept


def fingerprint(request: ApiRequest) -> str:
    """What makes two requests the same: method, path, query, parsed body; a multipart boundary differs each time."""
    files = {name: [_file_digest(file) for file in request.FILES.getlist(name)] for name in request.FILES}
    return digest(
        {
            "method": request.method,
            "path": request.get_full_path(),
            "body": _comparable(request.data, files.keys()),
            "files": files,
        }
    )


def _comparable(data: Any, files: Any) -> Any:
    if isinstance(data, bytes):
        return hashlib.sha256(data).hexdigest()
    if hasattr(data, "lists"):
        return {name: values for name, values in data.lists() if name not in files}
    return data


def _file_digest(file: Any) -> list[str]:
    found = hashlib.sha256()
    for chunk in file.chunks():
        found.update(chunk)
    file.seek(0)
    return [file.name, found.hexdigest()]
