from typing import Any

from django.db import transaction

from common import content
from library.models import Case


@transaction.atomic
def load_cases() -> int:
    """Bring the built-in cases up to date; returns how many there are."""
    fields = (
        "outcome",
        "industry",
        "application",
        "title",
        "background",
        "approach",
        "result",
        "factors",
        "lessons",
        "caution",
        "stages",
        "risks",
    )
    for key, case in content.keyed("cases", "cases").items():
        values = {field: case[field] for field in fields if field in case}
        Case.objects.update_or_create(key=key, defaults=values | {"built_in": True, "published": True})
    return len(content.keyed("cases", "cases"))


def draft_case(*, facts: dict[str, Any]) -> Case:
    """An unpublished case from a project that ended: what it was, where it ended, and why.

    Called within another service.
    """
    key = f"{facts['key'].lower()}_{facts['stage']}"
    number = Case.objects.filter(key__startswith=key).count()
    return Case.objects.create(
        key=f"{key}_{number + 1}" if number else key,
        outcome="failure",
        industry=facts["industry"],
        application=facts["application"],
        title={"en": facts["name"]},
        background={"en": facts["objective"]},
        result={"en": f"Ended at {facts['stage']} on {facts['day']}."},
        factors=[{"en": facts["why"]}] if facts["why"] else [],
        stages=[facts["stage"]],
        project_id=facts["project_id"],
    )
