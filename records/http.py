"""Stored files on their way out: never rendered by a browser, never in silence other than what was stored."""

from collections.abc import Iterator
from urllib.parse import quote

from django.http import StreamingHttpResponse

from records.models import Evidence


def as_download(evidence: Evidence, chunks: Iterator[bytes]) -> StreamingHttpResponse:
    """An attachment under the file's own name (RFC 6266), which no browser opens as a page."""
    response = StreamingHttpResponse(chunks, content_type=evidence.content_type or "application/octet-stream")
    response["Content-Length"] = str(evidence.size)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(evidence.filename, safe='')}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response
