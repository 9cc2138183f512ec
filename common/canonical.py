"""One spelling per value: canonical JSON and its fingerprint, the same on every machine and in every release."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from django.utils.functional import Promise

# Floats from here on are written with an exponent.
EXACT = 1e16


def storable(value: Any) -> Any:
    """Numbers as the database gives them back, or a hash would not fit: PostgreSQL's JSON has no -0.0, no 1e+22."""
    if isinstance(value, Mapping):
        return {key: storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    if isinstance(value, float):
        return 0.0 if value == 0 else value if abs(value) < EXACT else repr(value)
    return value


def number(value: Any) -> Any:
    """What `storable` may have written as text, as a number again: to compare and to draw."""
    return float(value) if isinstance(value, str) else value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        # 0.50 and 0.5 are one value; normalize() alone would write 1E+2.
        return format(value.normalize(), "f")
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, Promise):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no canonical form")


def encode(value: Any) -> bytes:
    """UTF-8 JSON, keys sorted by code point, no spaces, no NaN. Raises TypeError or ValueError for what has no form."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain)
    return text.encode()


def digest(value: Any) -> str:
    """The fingerprint of `value`: `sha256:` and 64 hexadecimal digits over its canonical JSON."""
    return f"sha256:{hashlib.sha256(encode(value)).hexdigest()}"
