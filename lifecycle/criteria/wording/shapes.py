"""What a sentence is made of, so that a page can set its facts in semibold and a script can read it plain."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from common import content
from common.texts import localised
from lifecycle.criteria.findings import Blocker

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Clause:
    """One `blocker` within the sentence: `before`, the fact in semibold, `after`."""

    before: str
    fact: str
    after: str
    blocker: Blocker | None = None

    def __str__(self) -> str:
        return f"{self.before}{self.fact}{self.after}"


@dataclass(frozen=True, slots=True)
class Sentence:
    """`word` carries the verdict's tone; `joints` stand between the clauses and after the last one."""

    word: str
    lead: str
    clauses: tuple[Clause, ...] = ()
    joints: tuple[str, ...] = ()

    def __str__(self) -> str:
        tail = "".join(f"{clause}{joint}" for clause, joint in zip(self.clauses, self.joints, strict=True))
        return f"{self.word}{self.lead}{tail}"


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as the top line tells it; `changed` counts what differs today, None: as it was told then."""

    decision: str
    name: Mapping[str, str] | None
    gate: Mapping[str, str]
    day: date
    votes: int
    changed: int | None


def role_name(key: str) -> str:
    role = content.roles().get(key)
    return localised(role["name"]) if role else key.replace("_", " ")


def metric_name(key: str) -> str:
    metric = content.metrics().get(key)
    return localised(metric["name"]) if metric else key


def assessment_name(key: str) -> str:
    return localised(content.questionnaires()[key]["name"])


def figure(about: Mapping[str, Any], name: str) -> str:
    """A figure of a metric blocker; a change from the baseline carries its sign, a relative one its percent."""
    value, change = about[name], about.get("change")
    if not change:
        return number(value)
    return f"{value:+.6g}" + (" %" if change == "relative" else "")


def number(value: float) -> str:
    """At most six significant digits and no trailing zeros: 9.4, 1420, 0.04."""
    return f"{value:.6g}"
