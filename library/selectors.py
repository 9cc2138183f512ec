"""Cases that fit a project."""

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
