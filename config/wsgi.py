"""The web process: what gunicorn loads."""

import importlib
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
# Otherwise the first request of each worker would import the routes, and pay for it.
importlib.import_module("config.urls")
