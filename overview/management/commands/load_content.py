"""`manage.py load_content`: the built-in templates, metrics and cases, brought up to date. Idempotent."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.actor import Actor
from common import clock, content
from common.canonical import digest
from library.services import load_cases
from lifecycle.services import publish_template
from records.services import load_metric_definitions

TEMPLATES = (("eight-stage", True), ("six-step", False))


class Command(BaseCommand):
    help = "Load the built-in content: process templates, metrics, cases. Idempotent."

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        for name, default in TEMPLATES:
            document = content.document(name)
            version = publish_template(document=document, actor=Actor.system(), built_in=True, default=default, now=now)
            checks = sum(len(stage.items) for stage in version.definition.stages)
            self.stdout.write(f"template {version}: {len(version.definition.stages)} stages, {checks} checks")
            if version.digest != digest(document):
                self.stdout.write(f"  {version} was published here; the built-in text of this release is not taken.")
        self.stdout.write(f"metrics: {load_metric_definitions()}")
        self.stdout.write(f"cases: {load_cases()}")
