"""`manage.py prepare`: bring the database and the content to this release; safe to run twice and by several at once."""

import fcntl
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

# Any number, as long as nothing else of ours takes it.
LOCK = 0x8647
WAIT_SECONDS = 300


class Command(BaseCommand):
    help = "Migrate and load the content; one at a time, others wait."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--demo", action="store_true", help="load the demo projects too")

    def handle(self, *args: Any, **options: Any) -> None:
        with one_at_a_time():
            call_command("migrate", interactive=False, verbosity=min(options["verbosity"], 1) - 1)
            call_command("load_content", verbosity=options["verbosity"])
            if options["demo"]:
                call_command("load_demo", verbosity=options["verbosity"])


@contextmanager
def one_at_a_time(lock: int = LOCK, file_name: str = "prepare.lock") -> Iterator[None]:
    """Hold the right to change this database's schema, or to do what another lock is for.

    Raises CommandError after five minutes of waiting.
    """
    if settings.EMBEDDED:
        with (settings.DATA_DIR / file_name).open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        return
    with connection.cursor() as cursor:
        # A migration may take longer than a page; but whoever waits for its locks must not wait long.
        cursor.execute("SET statement_timeout = 0; SET lock_timeout = '2s'")
        # Asked for again and again, because lock_timeout would cut one long wait.
        for _ in range(WAIT_SECONDS * 2):
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [lock])
            if cursor.fetchone() == (True,):
                break
            time.sleep(0.5)
        else:
            raise CommandError("Another process has been preparing this database for five minutes.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [lock])
