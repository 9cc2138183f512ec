"""`manage.py unload_demo`: take the demo's projects and people away again; what the journal was told stays."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common import clock
from overview.errors import DemoInUse
from overview.management.commands.load_demo import LOCK, REFUSED
from overview.management.commands.prepare import one_at_a_time
from overview.services import demo


class Command(BaseCommand):
    help = "Remove the demo. Refused (exit 2) when its people did work elsewhere."

    def handle(self, *args: Any, **options: Any) -> None:
        with one_at_a_time(LOCK, "load-demo.lock"):
            if not demo.is_loaded():
                self.stdout.write("demo: not there")
                return
            try:
                projects, people = demo.unload_demo(now=clock.now())
            except DemoInUse as error:
                raise CommandError(str(error), returncode=REFUSED) from None
        self.stdout.write(f"demo: removed {projects} projects and {people} people")
