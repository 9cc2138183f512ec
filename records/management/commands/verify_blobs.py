from typing import Any

from django.core.management.base import BaseCommand, CommandError

from records.models import Blob
from records.services import is_sound


class Command(BaseCommand):
    help = "Hash every stored file again: exit code 0 when all are sound, 1 when one is damaged or gone."

    def handle(self, *args: Any, **options: Any) -> None:
        damaged, seen = [], 0
        for blob in Blob.objects.order_by("pk").iterator():
            seen += 1
            if not is_sound(blob):
                damaged.append(blob.sha256)
                self.stderr.write(f"damaged: {blob.path}")
        if damaged:
            raise CommandError(f"{len(damaged)} of {seen} files are damaged.", returncode=1)
        self.stdout.write(f"{seen} files are sound.")
