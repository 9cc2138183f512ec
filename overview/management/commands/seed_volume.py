"""`manage.py seed_volume --projects N`: projects by the thousand, for measuring. Idempotent."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common import clock
from lifecycle.models import TemplateVersion
from overview.management.commands.prepare import one_at_a_time
from overview.services.outlooks import refresh_outlooks
from overview.services.volume import PREFIX, seed_volume
from projects.models import Project

REFUSED = 2
# Any number that nothing else takes.
LOCK = 0x8649
MOST = 99_999
ASKED_AT_ONCE = 500


class Command(BaseCommand):
    help = "Fill the database with N projects (keys VOL00001 …) in the proportions of the design's figures. Idempotent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--projects", type=int, required=True, metavar="N", help=f"from 1 to {MOST:,}")

    def handle(self, *args: Any, **options: Any) -> None:
        count: int = options["projects"]
        if not 1 <= count <= MOST:
            raise CommandError(f"--projects takes 1 to {MOST:,}.", returncode=REFUSED)
        self.began = time.monotonic()
        with one_at_a_time(LOCK, "seed-volume.lock"):
            try:
                made = seed_volume(projects=count, now=clock.now(), tell=self._tell)
            except TemplateVersion.DoesNotExist:
                raise CommandError("Load the content first: manage.py load_content.", returncode=REFUSED) from None
            asked = self._ask_gates()
        self.stdout.write(f"volume: {made} projects made, {asked} gates asked, {self._seconds()} s")

    def _tell(self, done: int, total: int) -> None:
        self.stdout.write(f"volume: {done} of {total} projects, {self._seconds()} s")
        self.stdout.flush()

    def _ask_gates(self) -> int:
        """The memos of the portfolio, so that its first reader does not wait for them."""
        projects, total = Project.objects.filter(key__startswith=PREFIX), 0
        while asked := refresh_outlooks(projects=projects, now=clock.now(), limit=ASKED_AT_ONCE):
            total += asked
            self.stdout.write(f"volume: {total} gates asked, {self._seconds()} s")
            self.stdout.flush()
        return total

    def _seconds(self) -> int:
        return round(time.monotonic() - self.began)
