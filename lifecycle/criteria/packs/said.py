"""What one vote says, as one fingerprint: the journal keeps it, so that a pack cannot put other words in a mouth."""

from collections.abc import Mapping
from typing import Any

from common.canonical import digest

WORDS = ("decision", "rationale", "reason", "return_to", "until", "roles", "outside", "packet")


def said(vote: Mapping[str, Any]) -> str:
    """The digest of a vote as a pack shows it, without its moment and state; of people their user names alone."""
    conditions = [{**one, "owner": one["owner"]["username"]} for one in vote["conditions"]]
    behalf = [person["username"] for person in vote["on_behalf_of"]]
    return digest({name: vote[name] for name in WORDS} | {"on_behalf_of": behalf, "conditions": conditions})
