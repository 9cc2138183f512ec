from django.apps import AppConfig
from django.db.models.signals import post_migrate


class JournalConfig(AppConfig):
    name = "journal"

    def ready(self) -> None:
        from journal.triggers import install  # noqa: PLC0415 - models must be loaded first

        # Django's own hook: SQLite loses triggers whenever a migration rebuilds the table.
        post_migrate.connect(install, sender=self)
