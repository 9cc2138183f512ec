"""Keys of the embedded edition: made on first start, kept beside its data, readable by its user only."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def secret(name: str, data: Path, *, embedded: bool) -> str:
    """The value of the variable `name`, or in the embedded edition the one kept in the data folder."""
    if value := os.environ.get(name, "").strip():
        return value
    if not embedded:
        raise ImproperlyConfigured(f"{name} is not set: a server with DATABASE_URL needs it.")
    path = data / "keys" / name.lower()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        # O_EXCL: two processes of the first start must agree on one key.
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text() or secret(name, data, embedded=embedded)
