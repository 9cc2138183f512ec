from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from common import clock
from overview.services.outlooks import refresh_outlooks
from projects.models import Project

BATCH = 500


class Command(BaseCommand):
    help = "Ask the current gates anew whose remembered answer no longer holds."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=BATCH, help="gates asked at once")

    def handle(self, *args: Any, **options: Any) -> None:
        total = 0
        while done := refresh_outlooks(projects=Project.objects.all(), now=clock.now(), limit=options["batch"]):
            total += done
            self.stdout.write(f"gates asked: {total}")
        self.stdout.write(f"done, {total} asked anew")
