"""Settings with which a server must not start: `check`, every command and the web process refuse them."""

import os
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

KEY_LENGTH, KEY_CHARACTERS = 32, 8
EXAMPLES = ("django-insecure-", "change", "secret", "example", "replace", "default")


def refuse_to_start() -> None:
    """Raise ImproperlyConfigured with all that is wrong; for processes that run no system checks, such as gunicorn."""
    if found := production_settings():
        raise ImproperlyConfigured(" ".join(str(error.msg) for error in found))


@register
def production_settings(app_configs: Any = None, **_: Any) -> Sequence[CheckMessage]:
    """Errors for settings that are fine on one's own machine and dangerous anywhere else."""
    seen, bound = urlsplit(settings.BASE_URL).hostname or "", os.environ.get("HOST") or "127.0.0.1"
    found = []
    if not settings.EMBEDDED and (line := key_fault(settings.SECRET_KEY)):
        found.append(Error(f"SECRET_KEY {line}", id="eightgate.E001"))
    if is_loopback(seen) and is_loopback(bound):
        return found
    if settings.DEBUG:
        found.append(Error("DEBUG is on: it shows settings and code to whoever finds an error.", id="eightgate.E002"))
    if "*" in settings.ALLOWED_HOSTS:
        found.append(Error("ALLOWED_HOSTS is *: name the hosts that people use.", id="eightgate.E003"))
    if not (settings.HTTPS or settings.DEMO or is_loopback(seen)):
        found.append(
            Error("BASE_URL is http: passwords and sessions would cross the network openly.", id="eightgate.E004")
        )
    return found


def key_fault(key: str) -> str:
    """What is wrong with a secret key, or nothing."""
    if len(key) < KEY_LENGTH or len(set(key)) < KEY_CHARACTERS:
        return f"is too short or too simple: use {KEY_LENGTH} random characters or more."
    if key.lower().startswith(EXAMPLES):
        return "is the one of an example: make one of your own."
    return ""


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
