"""`manage.py demo`: the embedded edition with its demo projects under one supervisor."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from common.alive import ANY_ADDRESS, answers
from common.processes import end_with_parent
from overview.management import embedded
from overview.management.supervisor import Supervisor

GIVE_UP_AFTER = 4


class Command(BaseCommand):
    help = "Run Eightgate with its demo projects on HOST:PORT (broker, web, worker, beat) until Ctrl-C."
    requires_system_checks = ()  # each child checks for itself

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--end-with-parent", action="store_true", help="also stop when the starting process dies")

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = embedded.address()
        with embedded.only_one(settings.DATA_DIR), embedded.socket_path(settings.DATA_DIR / "broker") as broker:
            embedded.require_free(host, port)
            if options["end_with_parent"]:
                end_with_parent()
            supervisor = Supervisor(embedded.environment(host, port, broker))
            supervisor.heed_signals()
            try:
                supervisor.start(embedded.broker(broker))
                self._serve(supervisor, host, port)
            finally:
                supervisor.stop()

    def _serve(self, supervisor: Supervisor, host: str, port: int) -> None:
        code = supervisor.run_once(embedded.prepare())
        if supervisor.stopping:
            return
        if code:
            raise CommandError("The demo could not be prepared: see above.")
        for program in embedded.servers():
            supervisor.start(program)
        base = embedded.base_url(host, port)
        supervisor.run(until=lambda: supervisor.falls("web") >= GIVE_UP_AFTER or answers(host, port, base))
        if supervisor.falls("web") >= GIVE_UP_AFTER:
            raise CommandError("Eightgate did not come up: see above.")
        if not supervisor.stopping:
            self._welcome(host, port)
        supervisor.run()

    def _welcome(self, host: str, port: int) -> None:
        if host in ANY_ADDRESS:
            self.stdout.write("Anyone who reaches this machine can sign in: the demo's passwords are public.")
        self.stdout.write(f"Eightgate is ready: {embedded.base_url(host, port)}")
        self.stdout.write("Choose a card to sign in, or be data-lead with the password eightgate-demo. Ctrl-C ends it.")
        sys.stdout.flush()
