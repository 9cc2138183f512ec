"""Stored files on their way out: never rendered by a browser, never in silence other than what was stored."""

from collections.abc import Iterator
from urllib.parse import quote

from django.http import StreamingHttpResponse

from records.models import Evidence


def as_download(evidence: Evidence, chunks: Iterator[bytes]) -> StreamingHttpResponse:
    """An attachment under the file's own name (RFC 6266), which no browser opens as a page."""
    return _sent(evidence, chunks, "attachment", "default-src 'none'; sandbox")


def as_picture(evidence: Evidence, chunks: Iterator[bytes]) -> StreamingHttpResponse:
    """An image for our own preview page: opened alone it is a sandbox in which nothing runs. Not for other files."""
    return _sent(evidence, chunks, "inline", "default-src 'none'; img-src 'self'; sandbox")


def _sent(evidence: Evidence, chunks: Iterator[bytes], how: str, policy: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(chunks, content_type=evidence.content_type or "application/octet-stream")
    response["Content-Length"] = str(evidence.size)
    response["Content-Disposition"] = f"{how}; filename*=UTF-8''{quote(evidence.filename, safe='')}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = policy
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response
