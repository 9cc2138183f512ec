import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from records.models import Blob
from records.services import files_without_row, flaw_of

SECONDS_BETWEEN_LINES = 2.0


class Command(BaseCommand):
    help = (
        "Hash every stored file again. Exit code 0 when all are sound, 1 when one is damaged or missing; each is "
        "named, and so are files without a row, which the sweep deletes once they are a day old."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.told = time.monotonic()
        total, flawed = Blob.objects.count(), 0
        for number, blob in enumerate(Blob.objects.order_by("pk").iterator(), 1):
            if flaw := flaw_of(blob):
                flawed += 1
                self.stderr.write(f"{flaw}: {blob.path} ({self._whose(blob)})")
            self._tell(number, total)
        orphans = 0
        for path in files_without_row():
            orphans += 1
            self.stderr.write(f"orphan: blobs/{path.parent.parent.name}/{path.parent.name}/{path.name}")
        rest = f", {orphans} without a row" if orphans else ""
        if flawed:
            raise CommandError(f"{flawed} of {total} files are not sound{rest}.", returncode=1)
        self.stdout.write(f"{total} files are sound{rest}.")

    @staticmethod
    def _whose(blob: Blob) -> str:
        """Where the loss is felt: the evidence that rests on these bytes."""
        ids = blob.evidence.order_by("pk").values_list("pk", "project__key")[:20]
        return ", ".join(f"evidence {pk} of {key}" for pk, key in ids) or "no evidence rests on it"

    def _tell(self, done: int, total: int) -> None:
        if done < total and time.monotonic() - self.told >= SECONDS_BETWEEN_LINES:
            self.told = time.monotonic()
            self.stdout.write(f"{done} of {total} files")
            self.stdout.flush()
