"""`manage.py journal verify`: is the chain of the journal whole? Exit 0 when it is, 1 when not."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from journal.selectors import verify_chain


class Command(BaseCommand):
    help = "Verify the journal: numbers without gaps, every hash that of its row and of the row before it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["verify"])

    def handle(self, *args: Any, **options: Any) -> None:
        report = verify_chain()
        if report.bad_seq is not None:
            raise CommandError(f"The journal is broken at entry {report.bad_seq}: {report.flaw}.", returncode=1)
        self.stdout.write(f"The journal is whole: {report.checked} entries, head {report.head or '-'}")
