"""The demo's mail: without a mail server, what would have been sent lies in a folder, a file a mail."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings

from accounts.actor import Actor

SHOWN = 200
# As Django's file backend names its files.
NAME = re.compile(r"\d{8}-\d{6}-\d+")
BETWEEN = b"\n" + b"-" * 79 + b"\n"


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as its reader sees it."""

    name: str
    to: str
    subject: str
    at: datetime | None
    text: str


def mails_for(actor: Actor) -> list[Mail]:
    """The latest mails to this person, newest first; to everybody for an admin."""
    return [mail for path in _files()[: SHOWN * 10] for mail in _read(path) if _may_read(actor, mail)][:SHOWN]


def mail_for(actor: Actor, name: str) -> Mail | None:
    """The mail of this name, if it is this person's."""
    path = Path(settings.EMAIL_FILE_PATH) / f"{name}.log"
    if not NAME.fullmatch(name) or not path.is_file():
        return None
    return next((mail for mail in _read(path) if _may_read(actor, mail)), None)


def _may_read(actor: Actor, mail: Mail) -> bool:
    return actor.is_admin or mail.to.casefold() == actor.person.email.casefold()


def _files() -> list[Path]:
    folder = Path(settings.EMAIL_FILE_PATH)
    return sorted(folder.glob("*.log"), reverse=True) if folder.is_dir() else []


def _read(path: Path) -> Iterator[Mail]:
    content = path.read_bytes().partition(BETWEEN)[0]
    message = message_from_bytes(content, policy=policy.default)
    if not isinstance(message, EmailMessage):
        return
    body = message.get_body(("plain",))
    yield Mail(
        name=path.stem,
        to=str(message["To"] or "").strip(),
        subject=str(message["Subject"] or "").strip(),
        at=_date(message),
        text=str(body.get_content()) if body is not None else "",
    )


def _date(message: EmailMessage) -> datetime | None:
    try:
        return parsedate_to_datetime(str(message["Date"]))
    except (TypeError, ValueError):
        return None
