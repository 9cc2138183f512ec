"""The way out of the house: one SMTP connection for many mails, and what the answers of a mail server mean."""

import smtplib
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend

READY, CLOSING = 354, 421


class Unreachable(Exception):
    """The mail server is away or hung up before it took a mail: nobody's mail goes out now."""


class Later(Exception):
    """The server asks to come again (4xx), or does not like the sender."""


class Refused(Exception):
    """The server will not take this mail for this person (5xx)."""


class Unsure(Exception):
    """The mail was on its way when the line broke. It may have arrived: another try carries the same Message-ID."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One mail to one person, with its bytes already made: nothing can go wrong with its words any more."""

    sender: str
    recipient: str
    content: bytes
    message: EmailMessage


class Post(Protocol):
    def ready(self) -> None:
        """Be able to send. Raises Unreachable."""

    def send(self, envelope: Envelope) -> None:
        """Hand it over. Raises Unreachable, Later, Refused, Unsure."""

    def close(self) -> None: ...


@contextmanager
def post() -> Iterator[Post]:
    """The way that the settings name, for one sweep."""
    backend = get_connection()
    with closing(Smtp(backend) if isinstance(backend, EmailBackend) else Folder()) as way:
        yield way


class Folder:
    """The demo's mailbox, or whatever else Django sends through: a mail at a time."""

    def ready(self) -> None:
        pass

    def send(self, envelope: Envelope) -> None:
        try:
            # A connection each, because the file backend keeps a file for each connection.
            get_connection().send_messages([envelope.message])
        except OSError as error:
            raise Unreachable(str(error)) from error

    def close(self) -> None:
        pass


class Smtp:
    """Speaks SMTP step by step, so that it is known how far a mail had come; each mail has 20 seconds in all."""

    def __init__(self, backend: EmailBackend) -> None:
        self._backend = backend

    def ready(self) -> None:
        if self._backend.connection is not None:
            return
        try:
            self._backend.open()
            if self._backend.connection is not None:
                self._backend.connection.ehlo_or_helo_if_needed()
        except OSError as error:
            self._drop()
            raise Unreachable(str(error)) from error

    def send(self, envelope: Envelope) -> None:
        try:
            self._dialogue(envelope)
        except Unreachable:
            # Servers hang up after so many mails, or after a while: that is no fault yet.
            self._drop()
            self.ready()
            self._dialogue(envelope)

    def close(self) -> None:
        with suppress(OSError):
            self._backend.close()

    def _dialogue(self, envelope: Envelope) -> None:
        self.ready()
        until = time.monotonic() + settings.EMAIL_TIMEOUT
        try:
            self._step(until, "mail", envelope.sender, final=Later)
            self._step(until, "rcpt", envelope.recipient, final=Refused)
        except OSError as error:
            raise Unreachable(str(error)) from error
        self._deliver(until, envelope.content)

    def _deliver(self, until: float, content: bytes) -> None:
        try:
            self._step(until, "data", content, final=Refused)
        except OSError as error:
            self._drop()
            raise Unsure(str(error)) from error

    def _step(self, until: float, command: str, argument: Any, *, final: type[Exception]) -> None:
        client = self._backend.connection
        if client is None:
            raise Unreachable("not connected")
        if client.sock is not None:
            client.sock.settimeout(max(until - time.monotonic(), 0.1))
        try:
            code, said = getattr(client, command)(argument)
        except smtplib.SMTPDataError as error:
            code, said = error.smtp_code, error.smtp_error
        if code < 300:
            return
        text = f"{code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"
        if code == CLOSING:
            self._drop()
            raise (Later if command == "data" else Unreachable)(text)
        with suppress(OSError):
            client.rset()
        raise (final if code >= 500 else Later)(text)

    def _drop(self) -> None:
        client, self._backend.connection = self._backend.connection, None
        if client is not None:
            with suppress(OSError):
                client.close()
