"""`manage.py load_demo`: three projects with half a year of work, replayed by the services. Idempotent."""

from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from common import clock
from lifecycle.models import TemplateVersion
from overview.management.commands.prepare import one_at_a_time
from overview.services import demo
from overview.services.demo.scene import Event
from overview.services.reminders import tick

REFUSED = 2
# Where this project is, the demo is taken to be.
FIRST = "RECO"
# The demo's people look as if they had been away for a week: what came due is waiting for them.
CATCH_UP = timedelta(days=7)
# Whoever loads or removes the demo holds it; any number that nothing else takes.
LOCK = 0x8648
# A line of progress for so many events.
STEP = 60


class Command(BaseCommand):
    help = "Load the demo: people, the portfolio Demo Group, the projects RECO, MEDR and CARE. Idempotent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--anyway", action="store_true", help="also on a public server, where anyone could sign in as admin"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.HTTPS and not options["anyway"]:
            line = "The demo's passwords are public: not loaded on a server with an https address (--anyway does)."
            raise CommandError(line, returncode=REFUSED)
        now = clock.now()
        with one_at_a_time(LOCK, "load-demo.lock"), translation.override("en"):
            if self._is_there(now):
                return
            if not TemplateVersion.objects.exists():
                call_command("load_content", stdout=self.stdout)
            self._load(now)

    def _is_there(self, now: datetime) -> bool:
        """Whether nothing is to be done; what an interrupted load left behind is cleared away."""
        if demo.is_half_loaded():
            self.stdout.write("demo: clearing what an interrupted load left")
            demo.unload_demo(now=now)
            return False
        taken = demo.taken_keys()
        if demo.is_loaded() or FIRST in taken:
            self.stdout.write("demo: already there")
            return True
        if taken:
            line = f"These projects exist, so the demo has no room: {', '.join(taken)}."
            raise CommandError(line, returncode=REFUSED)
        return False

    def _load(self, now: datetime) -> None:
        count = demo.load_demo(now=now, tell=self._tell)
        reminders = tick(now, start_from=now - CATCH_UP)
        self.stdout.write(f"demo: {count} events, {reminders} reminders; people sign in with {demo.PASSWORD}")

    def _tell(self, number: int, total: int, event: Event) -> None:
        if number % STEP == 0:
            self.stdout.write(f"demo: {100 * number // total:3} %, {event.at:%Y-%m-%d} {event.what}")
            self.stdout.flush()
