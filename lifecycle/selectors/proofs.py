"""Which checks a proof serves, in which iterations, and whether it counts there."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from common.texts import localised
from lifecycle.models import Check, CheckEvidence, Stage
from records.models import Evidence


@dataclass(frozen=True, slots=True)
class Served:
    """One check that a proof serves, or served until a later revision took its place."""

    check: int
    key: str
    text: str
    stage: str
    stage_name: str
    iteration: int
    url: str
    counts: bool
    replaced: bool
    over: bool


def revisions_of(evidence: Evidence) -> list[Evidence]:
    """All revisions of a proof, itself among them, the latest first."""
    rows = Evidence.objects.revisions_of(evidence).newest_first()
    return list(rows.select_related("supplied_by", "withdrawn_by"))


def live_stages(evidence: Evidence) -> list[Stage]:
    """The stages still worked on in which a proof serves a check, with their process."""
    serving = CheckEvidence.objects.filter(evidence=evidence, replaced=False, check_row__dropped=False)
    stages = Stage.objects.newest().with_process().filter(ended_at=None)
    return list(stages.filter(pk__in=serving.values("check_row__stage")))


def served_by(evidence: Sequence[Evidence]) -> dict[int, list[Served]]:
    """By id of the proof, in the order of the stages: one query."""
    links = (
        CheckEvidence.objects.with_standing()
        .filter(evidence__in=evidence)
        .select_related("evidence", "check_row__stage__process__project")
    )
    ordered = links.order_by("check_row__stage__position", "check_row__stage__iteration", "check_row__position")
    found: dict[int, list[Served]] = defaultdict(list)
    for link in ordered:
        found[link.evidence_id].append(_served(link))
    return found


def _served(link: CheckEvidence) -> Served:
    check, stage = link.check_row, link.check_row.stage
    text, stage_name = _words(check, stage)
    over = stage.superseded or stage.ended_at is not None
    return Served(
        check=check.pk,
        key=check.key,
        text=text,
        stage=stage.key,
        stage_name=stage_name,
        iteration=stage.iteration,
        url=f"/projects/{stage.project.key}/stages/{stage.key}/#check-{check.key}",
        counts=link.stands,  # type: ignore[attr-defined]  # annotated by with_standing
        replaced=link.replaced,
        over=over,
    )


def _words(check: Check, stage: Stage) -> tuple[str, str]:
    """The check's text and the stage's name; their keys where the template has them no longer."""
    definition = stage.template.by_key.get(stage.key)
    item = definition.by_key.get(check.key) if definition else None
    return localised(item.text) if item else check.key, localised(definition.name) if definition else stage.key


def served_document(served: Served) -> dict[str, Any]:
    return {
        "id": served.check,
        "key": served.key,
        "stage": served.stage,
        "iteration": served.iteration,
        "counts": served.counts,
        "replaced": served.replaced,
        "over": served.over,
    }
