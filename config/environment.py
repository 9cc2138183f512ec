"""Reading settings from environment variables, with one clear line when a value is wrong."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool = False) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if name not in os.environ:
        return default
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} is {value!r}: use true or false.")
    return value in TRUE


def number(name: str, default: int) -> int:
    value = text(name)
    if value and not value.isdecimal():
        raise ImproperlyConfigured(f"{name} is {value!r}: use a whole number of 0 or more.")
    return int(value) if value else default


def words(name: str, default: str = "") -> list[str]:
    """A list written with commas, without empty entries."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def database(url: str, data: Path) -> dict[str, Any]:
    """The DATABASES entry for `url`, or the embedded SQLite file in `data` when it is empty."""
    if not url:
        return sqlite(data / "eightgate.sqlite3")
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return sqlite(Path(unquote(parts.path)))
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"DATABASE_URL starts with {parts.scheme!r}: use postgres:// or sqlite:///.")
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            # Statements of common.questions are planned once a connection. Off for a pooler that shuffles transactions.
            "prepare_threshold": 2 if flag("DATABASE_PREPARE", default=True) else None,
            "pool": {"min_size": 1, "max_size": number("DATABASE_POOL", 8), "timeout": 5},
            # PostgreSQL compiled the figures of a whole portfolio anew each time: 308 ms instead of 86.
            "options": "-c lock_timeout=3000 -c idle_in_transaction_session_timeout=30000 -c jit=off "
            f"-c statement_timeout={number('STATEMENT_TIMEOUT_MS', 5000)}",
            **query,
        },
    }


def sqlite(path: Path) -> dict[str, Any]:
    """Measured: without IMMEDIATE a third of parallel transactions end as "database is locked"."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
            "PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON;",
        },
    }
