"""The gate pack: everything a decided round rests on, as one document that is checked without us (`verify_pack`)."""

import json
from typing import Any

from common.canonical import encode
from lifecycle.criteria.packs import SCHEMA, manifest_of
from lifecycle.models import GateReview
from lifecycle.selectors.packs import journal, proof, rounds
from lifecycle.selectors.packs.people import People
from lifecycle.selectors.packs.printed import printed
from lifecycle.selectors.packs.proof import holds_addresses
from lifecycle.selectors.packs.rounds import said_by


def packable(review_id: int) -> GateReview:
    """The round with all that its pack tells, in a fixed number of queries."""
    rows = GateReview.objects.select_related(
        "stage__process__project", "stage__process__template_version__template", "stage__ended_version__template",
        "template_version__template", "requested_by", "change",
    )  # fmt: skip
    return rows.prefetch_related("joint", "seats", "votes__user", "recusals__user").get(pk=review_id)


def pack_of(review: GateReview, *, confidential: bool, read_journal: bool) -> dict[str, Any]:
    """The pack of a decided round from `packable`: sections, then the manifest with the SHA-256 of each.

    The same round gives the same pack, apart from people's names, which are those of today. `confidential`: to who may
    see where such proof lies; `read_journal`: to who may read the project's journal, others get its chain alone.
    """
    entries = journal.entries_of(review)
    people, at = People.of(review), review.decided_at
    if at is None:
        raise ValueError("an open round has no pack")
    sections = {
        "gate": rounds.gate(review),
        "project": rounds.project(review),
        "decision": rounds.decision(review, people),
        "subject": review.basis.get("subject", {}),
        "document": review.document,
        "basis": review.basis,
        "checks": rounds.checks(review),
        "votes": rounds.votes(review, people),
        "conditions": rounds.conditions(review, people),
        "recusals": rounds.recusals(review, people),
        "waivers": proof.waivers(review, people, at),
        "limits": proof.limits(review, people, at),
        "evidence": proof.evidence(review, people, confidential=confidential),
        "risks": proof.risks(review, people, at),
        "journal": journal.shown(entries, whole=read_journal),
    }
    plain: dict[str, Any] = json.loads(encode(sections))
    return {"schema": SCHEMA, **plain, "manifest": manifest_of(plain)}


__all__ = ["holds_addresses", "pack_of", "packable", "printed", "said_by"]
