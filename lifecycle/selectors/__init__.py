from lifecycle.selectors.facts import gather, subject_of
from lifecycle.selectors.gates import (
    authors,
    basis,
    blocker_document,
    last_decision,
    packet,
    packet_digest,
    readiness,
    readiness_of,
)

__all__ = [
    "authors",
    "basis",
    "blocker_document",
    "gather",
    "last_decision",
    "packet",
    "packet_digest",
    "readiness",
    "readiness_of",
    "subject_of",
]
