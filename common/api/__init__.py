"""The strict JSON door: parsing, answers, lists with declared filters, preconditions."""

from common.api.lists import ListQuery, Page
from common.api.negotiation import ContentNegotiation, JSONRenderer
from common.api.parsers import StrictJSONParser, StrictMultiPartParser, StrictYAMLParser
from common.api.preconditions import expected_version, read, sent_version, tagged

__all__ = [
    "ContentNegotiation",
    "JSONRenderer",
    "ListQuery",
    "Page",
    "StrictJSONParser",
    "StrictMultiPartParser",
    "StrictYAMLParser",
    "expected_version",
    "read",
    "sent_version",
    "tagged",
]
