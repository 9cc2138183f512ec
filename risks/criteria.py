"""When a questionnaire passes: a pure reading of its answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common import content

Questionnaire = Mapping[str, Any]
NOT_APPLICABLE = "na"


@dataclass(frozen=True, slots=True)
class Score:
    """How answers do. Percents are of the weighted points that could be had; `failing` and `missing` are question keys.

    `weak` names the dimensions below their minimum. `percent` is None while nothing counts.
    """

    percent: float | None
    failing: tuple[str, ...]
    weak: tuple[str, ...]
    missing: tuple[str, ...]
    passes: bool


def options(questionnaire: Questionnaire) -> list[dict[str, Any]]:
    """The answers a question of this questionnaire may get, best first."""
    scales = {scale["key"]: scale["options"] for scale in content.document("assessments")["scales"]}
    found: list[dict[str, Any]] = scales[questionnaire["scale"]]
    return found


def score(questionnaire: Questionnaire, answers: Mapping[str, str]) -> Score:
    """Percent of weighted points at least `min_percent`, each `min_score` met, each dimension above its own minimum.

    A question answered "na" is left out. One without an answer stands in `missing`, and then nothing passes.
    """
    points = {option["key"]: option["points"] for option in options(questionnaire)}
    asked = {question["key"]: question for question in questionnaire["questions"]}
    counted = {key: points[answers[key]] for key in asked if key in answers and points[answers[key]] is not None}
    had, possible = _sums(asked, counted, max(value for value in points.values() if value is not None))
    total, full = sum(had.values()), sum(possible.values())
    rule = questionnaire["pass"]
    least = rule.get("min_percent_per_dimension", 0)
    failing = tuple(key for key, value in counted.items() if value < asked[key].get("min_score", 0))
    weak = tuple(name for name in had if name and 100 * had[name] < least * possible[name])
    missing = tuple(key for key in asked if key not in answers)
    enough = full > 0 and 100 * total >= rule["min_percent"] * full
    percent = round(100 * total / full, 1) if full else None
    return Score(percent, failing, weak, missing, enough and not (failing or weak or missing))


def _sums(
    asked: Mapping[str, Mapping[str, Any]], counted: Mapping[str, int], top: int
) -> tuple[dict[str, int], dict[str, int]]:
    """Points had and points possible, weighted, by dimension ("" where the questionnaire has none)."""
    had: dict[str, int] = {}
    possible: dict[str, int] = {}
    for key, value in counted.items():
        name = asked[key].get("dimension", "")
        had[name] = had.get(name, 0) + value * asked[key]["weight"]
        possible[name] = possible.get(name, 0) + top * asked[key]["weight"]
    return had, possible
