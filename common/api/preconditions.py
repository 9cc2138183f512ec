"""Small steps every endpoint takes: read the body, learn the version it rests on, tag the answer."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from common import clock
from common.errors import DomainError, PreconditionRequired, ValidationFailed
from common.serializers import StrictSerializer
from common.versions import etag

ETAG = re.compile(r'"v([0-9]{1,9})"')
QUOTED = re.compile(r'(?:W/)?"[^"]*"')
# A tag that is not one of ours cannot match; the row's own check then answers 412 with the current tag.
NEVER = -1


class InvalidHeader(DomainError):
    status = 400
    code = "invalid_header"
    title = _("A header is not usable")


def expected_version(request: Request) -> int:
    """The version the caller has seen, of `If-Match: "v3"` or `"version": 3` in the body.

    Raises PreconditionRequired without either, InvalidHeader for `*` (it would overwrite blindly) or an unquoted tag.
    """
    version = sent_version(request)
    if version is None:
        raise PreconditionRequired(_('Send If-Match with the ETag you have read, or "version" in the body.'))
    return version


def sent_version(request: Request) -> int | None:
    """The same where it may be left out: None then. Raises InvalidHeader, ValidationFailed."""
    header = request.headers.get("If-Match")
    if header is not None:
        return _of_header(header.strip())
    version = request.data.get("version") if isinstance(request.data, Mapping) else None
    if version is None:
        return None
    if isinstance(version, bool) or not isinstance(version, int):
        raise ValidationFailed.at("version", "invalid_type", _("The version is a whole number."))
    return version


def _of_header(header: str) -> int:
    if match := ETAG.fullmatch(header):
        return int(match[1])
    if QUOTED.fullmatch(header):
        return NEVER
    raise InvalidHeader(_('If-Match takes one ETag as "v3".'))


def read(
    serializer: type[StrictSerializer], request: Request, current: Any = None, *, partial: bool = False, **context: Any
) -> dict[str, Any]:
    """The validated body. `current` (a row or its representation) lets read-only fields be sent back unchanged.

    Raises DRF's ValidationError, which the handler makes a problem document with pointers.
    """
    bound = serializer(
        instance=current,
        data=request.data,
        partial=partial,
        context={"request": request, "now": clock.now(), **context},
    )
    bound.is_valid(raise_exception=True)
    data: dict[str, Any] = bound.validated_data
    return data


def tagged(body: Mapping[str, Any], status: int = 200) -> Response:
    """An answer that shows one editable row, with the ETag of its `version`."""
    return Response(body, status, headers={"ETag": etag(body["version"])})
