"""The large gate of design's figure: 30 checks, 100 evidences, 50 risks, an open round, read by one who may decide.

DJANGO_SETTINGS_MODULE=benchmarks.settings python -m benchmarks.large_gate
"""

from copy import deepcopy
from datetime import datetime
from typing import Any

import django

django.setup()

from accounts.actor import Actor  # noqa: E402 - the product's modules ask for a Django that stands
from accounts.models import User  # noqa: E402
from benchmarks.paths import LARGE_GATE, PERSON  # noqa: E402
from common import clock, content  # noqa: E402
from lifecycle import services  # noqa: E402
from lifecycle.models import Check, Stage  # noqa: E402
from projects.models import Project  # noqa: E402
from projects.services import add_member  # noqa: E402
from risks.services import create_risk  # noqa: E402

CHECKS, PROOFS, RISKS = 30, 100, 50
SYSTEM = Actor.system("benchmark")


def main() -> None:
    if Project.objects.filter(key=LARGE_GATE).exists():
        return
    now = clock.now()
    services.publish_template(document=_document(), actor=SYSTEM, built_in=False, default=False, now=now)
    owner = Actor.for_user(User.objects.exclude(username=PERSON).filter(username__startswith="vol-").order_by("pk")[0])
    project = services.start_project(
        actor=owner, now=now, key=LARGE_GATE, name="Large gate", objective="Be measured", level="regulated",
        template="large_gate", tags=[],
    )  # fmt: skip
    add_member(project=project, actor=SYSTEM, now=now, username=PERSON, access=["decide"], functions=["sponsor"])
    _fill(project, owner, now)
    stage = Stage.objects.with_process().get(process__project=project, key="initiation")
    services.request_review(stage=stage, actor=owner, despite_blockers=True, now=now)


def _document() -> dict[str, Any]:
    """The eight stages with a first gate of thirty checks."""
    document: dict[str, Any] = deepcopy(content.document("eight-stage"))
    document["key"] = "large_gate"
    items = document["stages"][0]["items"]
    model = next(item for item in items if item["kind"] == "evidence")
    items += [{**deepcopy(model), "key": f"paper_{number}"} for number in range(CHECKS - len(items))]
    return document


def _fill(project: Project, owner: Actor, now: datetime) -> None:
    rows = Check.objects.filter(stage__process__project=project, stage__key="initiation", kind="evidence")
    checks = list(rows.select_related("stage__process__project__subject"))
    for number in range(PROOFS):
        services.attach_link(
            check=checks[number % len(checks)], actor=owner, url=f"https://docs.example.org/{number}",
            title=f"Paper {number}", now=now,
        )  # fmt: skip
    for number in range(RISKS):
        create_risk(
            project=project, actor=owner, title=f"Risk {number}", category="legal", likelihood=number % 5 + 1,
            impact=number % 4 + 1, now=now,
        )  # fmt: skip


if __name__ == "__main__":
    main()
