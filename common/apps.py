import importlib

from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "common"

    def ready(self) -> None:
        # Importing is what registers its system checks.
        importlib.import_module("common.checks")
