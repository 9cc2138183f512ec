"""A real SMTP server on loopback that keeps what it accepts and can be told to misbehave."""

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.plugins.environment import free_port

# The library tells every command of every dialogue.
logging.getLogger("mail.log").setLevel(logging.WARNING)


@dataclass
class SmtpServer:
    """What arrived, in order; `delay` and `answers` are for faults."""

    host: str
    port: int
    messages: list[EmailMessage] = field(default_factory=list)
    # Seconds between the end of a mail's data and the answer to it.
    delay: float = 0.0
    # An SMTP answer per recipient instead of "250 OK", e.g. {"gone@example.org": "550 No such user"}.
    answers: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """The variables that make a process of the product send its mail here."""
        return {"SMTP_HOST": self.host, "SMTP_PORT": str(self.port)}

    def to(self, address: str) -> list[EmailMessage]:
        """The messages accepted for `address`."""
        return [message for message in self.messages if message["X-Recipient"] == address]

    def wait_for(self, count: int, *, seconds: float = 20) -> list[EmailMessage]:
        """Wait until `count` messages are there; all that are there then, or AssertionError after `seconds`."""
        deadline = time.monotonic() + seconds
        while len(self.messages) < count:
            assert time.monotonic() < deadline, f"{len(self.messages)} of {count} messages after {seconds} s"
            time.sleep(0.05)
        return self.messages

    async def handle_RCPT(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        for recipient in envelope.rcpt_tos:
            message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
            message["X-Recipient"] = recipient
            self.messages.append(message)
        await asyncio.sleep(self.delay)
        return "250 OK"


@contextmanager
def listening(server: SmtpServer) -> Iterator[None]:
    controller = Controller(server, hostname=server.host, port=server.port)
    controller.start()
    try:
        yield
    finally:
        controller.stop()


@pytest.fixture
def smtp_server() -> Iterator[SmtpServer]:
    """Listens on a free port of 127.0.0.1; pass `smtp_server.environment` to the processes that shall send to it."""
    server = SmtpServer("127.0.0.1", free_port())
    with listening(server):
        yield server
