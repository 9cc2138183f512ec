"""The product's settings with a table of contents that has the floor's views besides; nothing else differs."""

from config.settings import *  # noqa: F403 - the same settings, all of them

ROOT_URLCONF = "benchmarks.urls"
