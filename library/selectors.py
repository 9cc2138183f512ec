"""Cases: those that fit a project, and each as its readers see it."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common import content
from common.texts import localised
from library.models import Case
from projects.models import Project


def lessons_for(project: Project, stage: str, *, limit: int = 3) -> list[Case]:
    """The cases closest to this project and stage, failures first, with one success among them where there is one.

    A case scores for the same application (3), the same industry (2) and the same stage (1).
    """
    cases = Case.objects.filter(published=True)
    ranked = sorted(
        ((_closeness(case, project, stage), case) for case in cases), key=lambda pair: (-pair[0], pair[1].key)
    )
    near = [case for score, case in ranked if score]
    failures = [case for case in near if case.outcome == "failure"]
    successes = [case for case in near if case.outcome == "success"]
    return [*failures[: limit - 1], *successes[:1]][:limit]


def _closeness(case: Case, project: Project, stage: str) -> int:
    same_use = 3 * bool(case.application and case.application == project.application)
    same_field = 2 * bool(case.industry and case.industry == project.industry)
    return same_use + same_field + (stage in case.stages)


OUTCOMES: dict[str, str | Promise] = {"success": _("Success"), "failure": _("Failure"), "mixed": _("Mixed")}


@dataclass(frozen=True, slots=True)
class Named:
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A case with its keys in words."""

    key: str
    title: str
    outcome: str
    industry: str
    stages: tuple[Named, ...]
    risks: tuple[Named, ...]
    case: Case


def shown(case: Case) -> Shown:
    risks, stages = content.library_risks(), content.stage_names()
    industry = content.keyed("catalog", "industries").get(case.industry)
    return Shown(
        key=case.key,
        title=localised(case.title),
        outcome=str(OUTCOMES[case.outcome]),
        industry=localised(industry["name"]) if industry else case.industry,
        stages=tuple(Named(key, localised(stages.get(key)) or key) for key in case.stages),
        risks=tuple(Named(key, localised(risks[key]["name"]) if key in risks else key) for key in case.risks),
        case=case,
    )


def document(case: Case) -> dict[str, Any]:
    """A case as the API shows it, its texts in the caller's language."""
    return {
        "key": case.key,
        "title": localised(case.title),
        "outcome": case.outcome,
        "industry": case.industry,
        "application": case.application,
        "background": localised(case.background),
        "approach": localised(case.approach),
        "result": localised(case.result),
        "factors": [localised(one) for one in case.factors],
        "lessons": [localised(one) for one in case.lessons],
        "caution": localised(case.caution),
        "stages": case.stages,
        "risks": case.risks,
        "built_in": case.built_in,
    }
