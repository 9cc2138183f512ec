"""Reads of the risk pages across nouns: the heat map, a score's history, how the questionnaires stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count

from accounts.models import User
from common import content
from common.drawing import level_of
from common.texts import localised
from common.versions import subject
from journal.models import Entry
from projects.models import Project
from risks import criteria
from risks.models import Assessment, Risk, RiskQuerySet

CELL = 34
HISTORY_AT_MOST = 100


@dataclass(frozen=True, slots=True)
class HeatCell:
    """How many risks have this likelihood (up) and impact (right); `level` 1 to 4, low to critical."""

    likelihood: int
    impact: int
    level: int
    count: int
    x: int
    y: int


def heat(rows: RiskQuerySet) -> list[HeatCell]:
    """The 5 × 5 cells of the current scores, row by row from the most likely; one query."""
    scored = rows.order_by().values_list("current_likelihood", "current_impact").annotate(Count("pk"))
    counts = {(likelihood, impact): count for likelihood, impact, count in scored}
    return [
        HeatCell(
            likelihood=likelihood,
            impact=impact,
            level=level_of(likelihood * impact),
            count=counts.get((likelihood, impact), 0),
            x=(impact - 1) * CELL,
            y=(5 - likelihood) * CELL,
        )
        for likelihood in range(5, 0, -1)
        for impact in range(1, 6)
    ]


@dataclass(frozen=True, slots=True)
class RiskEvent:
    """One entry of a risk's journal in words: who, when, and the score if it was set."""

    at: datetime
    who: str
    verb: str
    score: int | None
    level: str
    note: str


def history(risk: Risk) -> list[RiskEvent]:
    """What the journal tells of a risk, latest first; two queries."""
    entries = list(Entry.objects.filter(object=subject(Risk, risk.pk)).newest_first()[:HISTORY_AT_MOST])
    names = {user.pk: user.display_name for user in User.objects.filter(pk__in={entry.actor_id for entry in entries})}
    return [_event(entry, names) for entry in entries]


def _event(entry: Entry, names: Mapping[int, str]) -> RiskEvent:
    current: dict[str, Any] = (entry.data.get("after") or {}).get("current") or {}
    score = current.get("score", entry.data.get("score"))
    return RiskEvent(
        at=entry.at,
        who=names.get(entry.actor_id or 0, ""),
        verb=entry.verb,
        score=score,
        level=("", "low", "medium", "high", "critical")[level_of(score)] if score else "",
        note=entry.data.get("plan", ""),
    )


@dataclass(frozen=True, slots=True)
class QuestionnaireState:
    """Where the project stands with one questionnaire: its latest attempt, if any, and the roles still to sign."""

    key: str
    name: str
    assessment: Assessment | None
    missing: list[str]
    expired: bool


def questionnaire_states(project: Project, questionnaires: Mapping[str, Any], today: date) -> list[QuestionnaireState]:
    """The questionnaires in the order of the content; two queries."""
    rows = Assessment.objects.newest().filter(project=project).prefetch_related("signatures")
    latest = {row.key: row for row in rows}
    return [_state(key, found, latest.get(key), today) for key, found in questionnaires.items()]


def _state(key: str, questionnaire: Mapping[str, Any], row: Assessment | None, today: date) -> QuestionnaireState:
    signed = {signature.role for signature in row.signatures.all()} if row else set()
    missing = [role_name(role) for role in questionnaire["approves"] if role not in signed]
    expired = row is not None and row.expires_on is not None and row.expires_on < today
    return QuestionnaireState(key, localised(questionnaire["name"]), row, missing, expired)


def role_name(role: str) -> str:
    known = content.roles().get(role)
    return localised(known["name"]) if known else role


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Why answers do not pass, in the questionnaire's own words."""

    questions: list[str]
    dimensions: list[str]
    open_questions: int


def shortfall(questionnaire: Mapping[str, Any], answers: Mapping[str, str]) -> Shortfall:
    found = criteria.score(questionnaire, answers)
    texts = {question["key"]: question["text"] for question in questionnaire["questions"]}
    names = {row["key"]: row["name"] for row in questionnaire.get("dimensions", [])}
    return Shortfall(_words(found.failing, texts), _words(found.weak, names), len(found.missing))


def _words(keys: Sequence[str], texts: Mapping[str, Any]) -> list[str]:
    return [localised(texts[key]) for key in keys]
