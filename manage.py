#!/usr/bin/env python
"""The command line of Eightgate's server."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1:2] == ["demo"]:
        os.environ["EIGHTGATE_DEMO"] = "1"
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        # A wrong setting is told in one line, not as a traceback.
        sys.stderr.write(f"eightgate: {error}\n")
        sys.exit(2)
