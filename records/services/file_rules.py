"""Which files are taken as evidence: by name, by extension, and by whether the first bytes agree with it.

Nothing here opens, unpacks or renders a file. Model weights and pickles are opaque bytes: kept, not loaded.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.utils.translation import gettext_lazy as _

from common.text_rules import is_blank, line_flaw
from records.errors import ContentMismatch, FileTypeNotAllowed, InvalidFilename

MAX_NAME_BYTES = 255
HEAD_BYTES = 4096
OPAQUE = "application/octet-stream"
# What a browser would run if it were ever served as a page; no allowed type starts like this.
ACTIVE = re.compile(
    rb"\s*(?:<!doctype\s+html|<html|<script|<svg|<\?xml[^>]*>\s*(?:<!--.*?-->\s*)*<(?:svg|html|!doctype))",
    re.IGNORECASE | re.DOTALL,
)
PROGRAM = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa")
UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class FileType:
    """How a type is named to the browser, and how its first bytes look: one of `magic`, or text, or anything."""

    content_type: str
    magic: tuple[bytes, ...] = ()
    text: bool = False
    # What stands after the first eight bytes: a container's own four letters.
    form: bytes = b""

    def fits(self, head: bytes) -> bool:
        if ACTIVE.match(head.removeprefix(b"\xef\xbb\xbf")) or (not self.magic and head.startswith(PROGRAM)):
            return False
        if self.text:
            return head.startswith(UTF16) or b"\x00" not in head
        return (not self.magic or head.startswith(self.magic)) and head[8:].startswith(self.form)


def _text(content_type: str = "text/plain") -> FileType:
    return FileType(content_type, text=True)


ZIP = (b"PK\x03\x04", b"PK\x05\x06")
OFFICE = "application/vnd.openxmlformats-officedocument"
OPEN_DOCUMENT = "application/vnd.oasis.opendocument"

TYPES: Mapping[str, FileType] = {
    "pdf": FileType("application/pdf", (b"%PDF-",)),
    "png": FileType("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "jpg": FileType("image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": FileType("image/jpeg", (b"\xff\xd8\xff",)),
    "gif": FileType("image/gif", (b"GIF87a", b"GIF89a")),
    "webp": FileType("image/webp", (b"RIFF",), form=b"WEBP"),
    "txt": _text(),
    "log": _text(),
    "md": _text("text/markdown"),
    "rst": _text(),
    "tex": _text(),
    "eml": _text(),
    "csv": _text("text/csv"),
    "tsv": _text("text/tab-separated-values"),
    "json": _text("application/json"),
    "jsonl": _text("application/x-ndjson"),
    "ndjson": _text("application/x-ndjson"),
    "ipynb": _text("application/x-ipynb+json"),
    "yaml": _text("application/yaml"),
    "yml": _text("application/yaml"),
    "toml": _text("application/toml"),
    "docx": FileType(f"{OFFICE}.wordprocessingml.document", ZIP),
    "xlsx": FileType(f"{OFFICE}.spreadsheetml.sheet", ZIP),
    "pptx": FileType(f"{OFFICE}.presentationml.presentation", ZIP),
    "odt": FileType(f"{OPEN_DOCUMENT}.text", ZIP),
    "ods": FileType(f"{OPEN_DOCUMENT}.spreadsheet", ZIP),
    "odp": FileType(f"{OPEN_DOCUMENT}.presentation", ZIP),
    "zip": FileType("application/zip", ZIP),
    "gz": FileType("application/gzip", (b"\x1f\x8b",)),
    "tgz": FileType("application/gzip", (b"\x1f\x8b",)),
    "parquet": FileType(OPAQUE, (b"PAR1",)),
    "npy": FileType(OPAQUE, (b"\x93NUMPY",)),
    "npz": FileType(OPAQUE, ZIP),
    "h5": FileType(OPAQUE, (b"\x89HDF\r\n\x1a\n",)),
    "safetensors": FileType(OPAQUE),
    "onnx": FileType(OPAQUE),
    "gguf": FileType(OPAQUE, (b"GGUF",)),
    "pt": FileType(OPAQUE),
    "pth": FileType(OPAQUE),
    "pkl": FileType(OPAQUE),
    "p7s": FileType("application/pkcs7-signature"),
    "sig": FileType(OPAQUE),
    "asc": _text(),
}


def clean_name(given: str) -> str:
    """The last part of `given`, fit to be shown and sent in a header. Raises InvalidFilename."""
    name = PurePosixPath(given.replace("\\", "/")).name.strip()
    if name in {"", ".", ".."} or is_blank(name) or line_flaw(name):
        raise InvalidFilename(_("The name is empty or holds characters that no file name may hold."))
    if len(name.encode()) > MAX_NAME_BYTES:
        raise InvalidFilename(_("A file name takes at most %(limit)s bytes.") % {"limit": MAX_NAME_BYTES})
    if not PurePosixPath(name).suffix.strip("."):
        raise InvalidFilename(_("The name needs an ending such as .pdf that tells its type."))
    return name


def type_of(name: str) -> FileType:
    """The type that a clean name promises. Raises FileTypeNotAllowed."""
    extension = PurePosixPath(name).suffix.lower().strip(".")
    found = TYPES.get(extension)
    if found is None:
        raise FileTypeNotAllowed(
            _("Files ending with .%(extension)s are not taken. Taken are: %(allowed)s.")
            % {"extension": extension[:20], "allowed": ", ".join(TYPES)}
        )
    return found


def check_head(name: str, head: bytes) -> FileType:
    """The type of a file by its name, once its first bytes agree. Raises FileTypeNotAllowed, ContentMismatch."""
    promised = type_of(name)
    if not promised.fits(head):
        raise ContentMismatch(
            _("The first bytes of the file are not those of a %(type)s file.") % {"type": promised.content_type}
        )
    return promised
