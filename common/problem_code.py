"""What a code of a problem document says."""

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class ProblemCode:
    """Its title, and what to do about it."""

    title: str | Promise
    explanation: str | Promise
