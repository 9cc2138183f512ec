"""The web process: what gunicorn loads."""

import importlib
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
# The routes are otherwise imported by the first request, which would pay for it, and once per worker instead of before the fork.
importlib.import_module("config.urls")
