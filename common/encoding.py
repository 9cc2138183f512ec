"""How values become JSON: the API's answers, and what is compared with them."""

from decimal import Decimal
from typing import Any

import orjson
from django.utils.functional import Promise


def encoded(value: Any) -> bytes:
    """Compact JSON by orjson; times in UTC end with Z, decimals and translations are strings, sets sorted lists."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


def _plain(value: Any) -> Any:
    if isinstance(value, Promise | Decimal):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
