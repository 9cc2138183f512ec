"""Logs as JSON lines that name the request and the person, never a secret."""

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")
task_id: ContextVar[str] = ContextVar("task_id", default="")
actor_id: ContextVar[str] = ContextVar("actor_id", default="")

SECRETS = re.compile(
    r"(egt_[A-Za-z0-9]+_|whsec_)[A-Za-z0-9+/=_-]+"
    r"|\begt_[A-Za-z0-9_]+"
    r"|((?:password\w*|secret|token|authorization|cookie|csrfmiddlewaretoken)[\"']?\s*[=:]\s*[\"']?)(?:bearer\s+)?[^\s&\"',;)}]+",
    re.IGNORECASE,
)


def mask(text: str) -> str:
    """`text` with tokens, webhook secrets and passwords blotted out."""
    return SECRETS.sub(lambda match: f"{match[1] or match[2] or 'egt_'}***", text)


class MaskSecrets(logging.Filter):
    """Blots secrets out of every message, also those of libraries."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = mask(record.getMessage()), None
        return True


class JsonLines(logging.Formatter):
    """One JSON object per line: when, how grave, where, what, and for whom."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name, variable in (("request_id", request_id), ("task_id", task_id), ("actor_id", actor_id)):
            if value := variable.get():
                line[name] = value
        if record.exc_info:
            line["exception"] = mask(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
