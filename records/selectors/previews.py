"""How a stored file is shown without being run: by its ending, as an image, as text, or page by page."""

import codecs
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

IMAGES = frozenset({"png", "jpg", "jpeg", "gif", "webp"})
TEXTS = frozenset({"txt", "csv", "tsv", "md", "rst", "json", "jsonl", "ndjson", "log", "yaml", "yml", "toml"})
SHOWN_BYTES = 100_000
# Tried in this order; the last one reads any bytes.
ENCODINGS = ("utf-8", "gb18030", "latin-1")
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first 100 kB of a file as text; `cut` when it goes on."""

    text: str
    cut: bool


def preview_of(filename: str) -> str:
    """ "image", "text", "pdf", or "" for what is not shown here. SVG and HTML are never stored, and never shown."""
    ending = PurePosixPath(filename).suffix.lower().strip(".")
    if ending in IMAGES:
        return "image"
    if ending in TEXTS:
        return "text"
    return "pdf" if ending == "pdf" else ""


def beginning_of(chunks: Iterable[bytes]) -> Beginning:
    """Reads all chunks, since the last one says whether the file is sound, and keeps the first of them."""
    head, size = bytearray(), 0
    for chunk in chunks:
        size += len(chunk)
        head += chunk[: SHOWN_BYTES - len(head)]
    return Beginning(_decoded(bytes(head)).replace("\x00", "\ufffd"), cut=size > len(head))


def _decoded(head: bytes) -> str:
    marked = [name for mark, name in MARKS if head.startswith(mark)]
    for name in marked or ENCODINGS:
        try:
            # Not final: the cut may have gone through the middle of a character.
            return codecs.getincrementaldecoder(name)().decode(head)
        except UnicodeDecodeError:
            continue
    return head.decode("utf-8", errors="replace")
