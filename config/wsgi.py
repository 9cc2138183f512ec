"""The web process: what gunicorn loads."""

import importlib
import os

from django.core.wsgi import get_wsgi_application

from common.checks import refuse_to_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
refuse_to_start()
# Otherwise the first request of each worker would import the routes, and pay for it.
importlib.import_module("config.urls")
