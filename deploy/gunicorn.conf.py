"""gunicorn for `config.wsgi`, in the demo and on a server."""

import gc
import os
from pathlib import Path
from typing import Any

wsgi_app = "config.wsgi"
bind = [f"{os.environ.get('HOST') or '127.0.0.1'}:{os.environ.get('PORT') or '8000'}"]
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS") or 2)
threads = int(os.environ.get("WEB_THREADS") or 4)
# Imported once, shared by the workers: they start in milliseconds after one was killed.
preload_app = True
timeout = 60
graceful_timeout = 30
keepalive = 75
# Heartbeat files on a disk that stalls would look like a hung worker.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - gunicorn opens it unlinked
loglevel = os.environ.get("GUNICORN_LOG_LEVEL") or "info"
# Who may set X-Forwarded-*: the settings decide by TRUSTED_PROXIES, gunicorn believes nobody before them.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
limit_request_line = 8190
limit_request_fields = 100


def post_fork(server: Any, worker: Any) -> None:
    """Keep what was loaded before the fork out of the garbage collector: its passes were the tail of p95."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
