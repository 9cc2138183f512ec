"""Files on the disk: streamed to a temporary name on the same volume, counted, hashed, then renamed to their hash."""

import hashlib
import logging
import math
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from records.errors import DigestMismatch, EmptyFile, FileDamaged, FileTooLarge
from records.models import Blob
from records.services.file_rules import HEAD_BYTES, check_head, clean_name

logger = logging.getLogger(__name__)

CHUNK = 256 * 1024
# As long as an upload without a row may still be somebody's.
UNCLAIMED = timedelta(hours=24)
NAMES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Received:
    """A file that arrived whole: its usable name, the SHA-256 of its bytes, their number, and where they wait."""

    name: str
    sha256: str
    size: int
    path: Path


@contextmanager
def received(*, file: "UploadedFile[bytes]", declared_sha256: str = "") -> Iterator[Received]:
    """Take the bytes of `file` in, to be kept by `add_file` within. What was not kept by then is gone.

    Outside of the transaction that locks the project: up to 25 MB are hashed and forced to the disk.
    `declared_sha256`: 64 hex digits the sender announced, or "". Raises InvalidFilename, FileTypeNotAllowed,
    ContentMismatch, EmptyFile, FileTooLarge, DigestMismatch.
    """
    name = clean_name(file.name or "")
    with _receiving() as (target, place):
        taken = _receive(file, name, target, place)
        if declared_sha256 and declared_sha256.lower() != taken.sha256:
            raise DigestMismatch(_("The announced SHA-256 is not that of the bytes that arrived."))
        yield taken


def keep_blob(taken: Received, *, now: datetime) -> Blob:
    """Keep received bytes under their SHA-256; the same bytes twice are one blob."""
    blob = Blob(sha256=taken.sha256, size=taken.size, stored_at=now)
    place = path_of(blob)
    place.parent.mkdir(parents=True, exist_ok=True)
    # Always renamed over what lies there: the new bytes are known to be right, the old ones were right once.
    taken.path.replace(place)
    # A folder that was just made is an entry of the one above it.
    for folder in (place.parent, place.parent.parent, place.parent.parent.parent):
        _sync_folder(folder)
    with transaction.atomic():
        return Blob.objects.get_or_create(sha256=blob.sha256, defaults={"size": blob.size, "stored_at": now})[0]


def sweep_blobs(*, now: datetime) -> int:
    """Delete files that no row names and uploads that were never finished, once they are a day old; how many."""
    root, until = Path(settings.MEDIA_ROOT), (now - UNCLAIMED).timestamp()
    gone = sum(_removed(path, until) for path in root.glob("incoming/*"))
    return gone + sum(_removed(path, until) for path in list(files_without_row(older_than=until)))


def path_of(blob: Blob) -> Path:
    return Path(settings.MEDIA_ROOT) / blob.path


def opened(blob: Blob) -> Iterator[bytes]:
    """The stored bytes in chunks. They are hashed before the first one leaves, and again on the way.

    Read twice, because a status cannot be taken back: 25 MB take 35 ms (measured, from the page cache). Raises
    FileDamaged at once; were the bytes changed while they are sent, the last chunk never leaves.
    """
    flaw, file = _looked_into(blob)
    if file is None:
        raise _damaged(blob.sha256, flaw)
    return _verified(file, blob.sha256)


def check_blob(blob: Blob) -> None:
    """Raises FileDamaged unless the stored bytes are those that were uploaded."""
    if flaw := flaw_of(blob):
        raise _damaged(blob.sha256, flaw)


def flaw_of(blob: Blob) -> str:
    """ "missing", "damaged", or "" for stored bytes that are those that were uploaded."""
    flaw, file = _looked_into(blob)
    if file:
        file.close()
    return flaw


def _looked_into(blob: Blob) -> tuple[str, BinaryIO | None]:
    """What is wrong with the stored bytes, and the file at its beginning where nothing is."""
    try:
        file = path_of(blob).open("rb")
    except (FileNotFoundError, IsADirectoryError):
        return "missing", None
    size = os.fstat(file.fileno()).st_size
    if size != blob.size or hashlib.file_digest(file, "sha256").hexdigest() != blob.sha256:
        file.close()
        return "damaged", None
    file.seek(0)
    return "", file


def _verified(file: BinaryIO, sha256: str) -> Iterator[bytes]:
    hasher, held = hashlib.sha256(), b""
    with file:
        while chunk := file.read(CHUNK):
            hasher.update(chunk)
            if held:
                yield held
            held = chunk
    if hasher.hexdigest() != sha256:
        raise _damaged(sha256, "changed while it was sent")
    yield held


def _damaged(sha256: str, flaw: str) -> FileDamaged:
    logger.error("evidence.damaged: blob %s is %s", sha256, flaw)
    return FileDamaged(_("The file's bytes are not those that were uploaded. Tell an operator."))


def files_without_row(older_than: float = math.inf) -> Iterator[Path]:
    """Stored files that no row names, among those written before an instant (seconds since 1970)."""
    files = (path for path in Path(settings.MEDIA_ROOT).glob("blobs/*/*/*") if _is_older(path, older_than))
    while paths := list(islice(files, NAMES_AT_ONCE)):
        named = set(Blob.objects.filter(pk__in=[path.name for path in paths]).values_list("pk", flat=True))
        yield from (path for path in paths if path.name not in named)


@contextmanager
def _receiving() -> Iterator[tuple[BinaryIO, Path]]:
    folder = Path(settings.MEDIA_ROOT) / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix="blob-")
    try:
        with os.fdopen(handle, "wb") as target:
            yield target, Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _receive(file: "UploadedFile[bytes]", name: str, target: BinaryIO, place: Path) -> Received:
    hasher, size, head = hashlib.sha256(), 0, b""
    for chunk in file.chunks(CHUNK):
        size += len(chunk)
        if size > settings.EVIDENCE_MAX_BYTES:
            raise FileTooLarge(
                _("A file takes at most %(limit)s MB.") % {"limit": settings.EVIDENCE_MAX_BYTES // 1024**2}
            )
        if not head:
            head = bytes(chunk[:HEAD_BYTES])
            check_head(name, head)
        hasher.update(chunk)
        target.write(chunk)
    if not size:
        raise EmptyFile(_("The file holds no bytes."))
    target.flush()
    os.fsync(target.fileno())
    return Received(name, hasher.hexdigest(), size, place)


def _sync_folder(folder: Path) -> None:
    """A rename survives a power cut only when its folder was synced too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _removed(path: Path, until: float) -> bool:
    """Looks again right before: the same bytes may have been uploaded just now, which renews the file."""
    if not _is_older(path, until):
        return False
    path.unlink(missing_ok=True)
    return True


def _is_older(path: Path, until: float) -> bool:
    try:
        return path.stat().st_mtime < until
    except FileNotFoundError:
        return False
