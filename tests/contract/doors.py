"""Requests whose effects are undone, and bodies without what differs from request to request."""

import json
import re
from typing import Any

from django.db import transaction
from django.test import Client


def send(client: Client, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """One request whose effects are undone, a sign-out's too."""
    cookies = client.cookies.copy()
    with transaction.atomic():
        if path.startswith("/api/v1/"):
            response = client.generic(method, path, json.dumps(body or {}), content_type="application/json")
        elif method == "POST":
            response = client.post(path, body or {})
        else:
            response = client.generic(method, path)
        _ = response.getvalue() if response.streaming else response.content
        transaction.set_rollback(True)
    client.cookies = cookies
    return response


def plain(response: Any) -> str:
    """A body without what differs from request to request: its id, its CSRF mark, its own path."""
    text = response.content.decode()
    text = re.sub(r'"request_id":"\w+"|csrf\w*" value="\w+"|[0-9a-f]{32}', "", text)
    return text.replace(response.request["PATH_INFO"], "PATH")
