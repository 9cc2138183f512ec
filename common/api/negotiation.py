"""What answers look like: JSON, unless a resource names other formats."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from common.encoding import encoded
from common.errors import DomainError


class NotAcceptable(DomainError):
    status = 406
    code = "not_acceptable"
    title = _("The answer has no such format")


class JSONRenderer(BaseRenderer):
    """Compact JSON, as `common.encoding` makes it."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        if data is None:
            return b""
        return encoded(data)


class ContentNegotiation(BaseContentNegotiation):
    """`?format=` wins over Accept; an Accept that names neither JSON nor `*/*` is refused.

    A view of a file (a pack, a card, YAML) lists its `formats`; it writes its own answer and ignores Accept.
    """

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        given = (request.content_type or "").split(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == given), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        formats: Sequence[str] = getattr((request.parser_context or {}).get("view"), "formats", ())
        asked = request.query_params.get("format")
        if asked is not None and asked not in (formats or ("json",)):
            raise NotAcceptable(
                _("This resource has the formats: %(formats)s.") % {"formats": ", ".join(formats or ("json",))}
            )
        if asked is None and not formats and not _takes_json(request.headers.get("Accept", "")):
            raise NotAcceptable(_("This resource is JSON."))
        renderer = next(iter(renderers))
        return renderer, str(renderer.media_type)


def _takes_json(accept: str) -> bool:
    if not accept.strip():
        return True
    ranges = (part.split(";") for part in accept.lower().split(","))
    return any(_is_json(name.strip()) and not _is_refused(parameters) for name, *parameters in ranges)


def _is_json(name: str) -> bool:
    return name in {"*/*", "application/*", "application/json", "application/problem+json"} or name.endswith("+json")


def _is_refused(parameters: Sequence[str]) -> bool:
    return any(parameter.replace(" ", "") in {"q=0", "q=0.0", "q=0.00", "q=0.000"} for parameter in parameters)
