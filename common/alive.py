"""Asks the web process whether it lives: `python -m common.alive`, a container's health check, and the demo's wait."""

import http.client
import os
import sys
from urllib.parse import urlsplit

ANY_ADDRESS = {"", "0.0.0.0", "::"}  # noqa: S104 - compared with, not bound to


def answers(host: str, port: int, base_url: str) -> bool:
    """Whether `/livez` on `host` and `port` answers 200 to the name that `base_url` gives."""
    connection = http.client.HTTPConnection("127.0.0.1" if host in ANY_ADDRESS else host, port, timeout=3)
    try:
        # The name decides: any other than that of BASE_URL may be refused by ALLOWED_HOSTS.
        connection.request("GET", "/livez", headers={"Host": urlsplit(base_url).netloc})
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    _host, _port = os.environ.get("HOST") or "127.0.0.1", int(os.environ.get("PORT") or 8000)
    sys.exit(not answers(_host, _port, os.environ.get("BASE_URL") or f"http://127.0.0.1:{_port}"))
