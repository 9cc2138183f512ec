"""What votes speak about and what decisions rest on: the packet with its fingerprint, and its basis beside today."""

import hashlib
from typing import Any

from common.canonical import digest, storable
from common.texts import in_each
from lifecycle.criteria import Assessed, Blocker, CheckFacts, GateFacts, Proof, Readiness, Result, wording
from lifecycle.criteria.kinds import change_of, deciding_assessment, risks_read
from lifecycle.models import GateReview
from lifecycle.models.definition import GateRules
from lifecycle.models.templates import definition_of, digest_of

# How packets are made since. A round that is open keeps the format of its own, or an upgrade would void its votes.
FORMAT = 2
Document = dict[str, Any]


def packet(answer: Readiness, rules: Document | None = None, *, form: int = FORMAT) -> Document:
    """Everything the decision rests on; no clock, no names, no notes, no secret address.

    `rules` are those of the round; without one, those of the gate. Packets of format 1 say neither project nor rules,
    nor what a comparison, an interval, an assessment and a waiver rest on.
    """
    facts = answer.facts
    joint = {check.stage: check.iteration for check in facts.checks if check.stage != facts.stage}
    document = {
        "template": digest_of(facts.version_id),
        "level": facts.level,
        "stage": facts.stage,
        "iteration": facts.iteration,
        "subject": facts.subject,
        "checks": [_frozen_check(one, facts, form) for one in answer.checks],
        "risks": [
            {"id": risk.id, "score": risk.score, "level": risk.level, "accepted": risk.accepted}
            for risk in risks_read(facts)
        ],
        "conditions": sorted(condition.id for condition in facts.conditions),
    }
    if form == 1:
        return document | ({"joint": list(joint)} if joint else {})
    return document | {
        "format": form,
        "project": facts.project_key,
        "rules": rules or rules_document(_rules_of(facts)),
        "joint": [{"stage": stage, "iteration": iteration} for stage, iteration in joint.items()],
    }


def round_packet(review: GateReview, answer: Readiness, *, form: int | None = None) -> Document:
    """The packet of a round as the facts are now, in the format that its votes spoke about."""
    rules = GateRules(review.quorum, tuple(review.deciders), tuple(review.must_include), tuple(review.separation))
    return packet(answer, rules_document(rules, review.gates), form=form or review.document.get("format", 1))


def rules_document(rules: GateRules, gates: list[Document] | None = None) -> Document:
    """Who may decide and what it takes; `gates` are the rules of each where several go together."""
    return {
        "quorum": rules.quorum,
        "gatekeepers": list(rules.deciders),
        "must_include": list(rules.must_include),
        "separation": list(rules.separation),
        "gates": gates or [],
    }


def _rules_of(facts: GateFacts) -> GateRules:
    return definition_of(facts.version_id).by_key[facts.stage].rules[facts.level]


def _frozen_check(one: Assessed, facts: GateFacts, form: int) -> Document:
    check = one.check
    row = {
        "key": check.key,
        "required": check.required,
        "state": one.state.value,
        "limit": storable(check.limit) if check.kind == "metric" else None,
        "result": _frozen_result(check.result),
        "evidence": [_frozen_proof(proof) for proof in check.proofs],
        "signed_by": signed_by(check),
        "waived_until": check.waived_until.isoformat() if check.waived_until else None,
    }
    return row if form == 1 else row | _frozen_besides(check, facts)


def _frozen_besides(check: CheckFacts, facts: GateFacts) -> Document:
    """What the state rests on besides: the worse end of an interval, the baseline, the assessment, the waiver."""
    end = "low" if check.item.criterion.get("operator") == ">=" else "high"
    worse = getattr(check.result, end, None)
    return {
        "worst": storable(worse) if check.kind == "metric" else None,
        "baseline": _frozen_result(check.baseline) if change_of(check) else None,
        "assessment": _frozen_assessment(check, facts),
        "waiver": check.waiver if check.waived_until else None,
    }


def _frozen_result(result: Result | None) -> Document | None:
    if result is None:
        return None
    return {"run_id": result.run_id, "value": storable(result.value), "slice": result.slice, "n": result.n}


def _frozen_assessment(check: CheckFacts, facts: GateFacts) -> Document | None:
    """The approved attempt that counts: who signed it as what, until when, and for which parts that matter here."""
    found = deciding_assessment(check, facts)
    if found is None or found.state != "approved":
        return None
    return {
        "id": found.id,
        "signed": [{"role": role, "by": user} for role, user in found.signers],
        "until": found.expires_on.isoformat() if found.expires_on else None,
        "subject": {part: found.subject[part] for part in check.item.depends_on if found.subject.get(part)},
    }


def _frozen_proof(proof: Proof) -> dict[str, Any]:
    """Of a confidential link the fingerprint of its address: packs travel further than those who may see it."""
    row = {"id": proof.id, "sha256": proof.sha256, "url": proof.url}
    return row | {"url": "", "address": address_digest(proof.url)} if proof.confidential and proof.url else row


def address_digest(url: str) -> str:
    """What a packet holds instead of the address of a confidential link."""
    return f"sha256:{hashlib.sha256(url.encode()).hexdigest()}"


def signed_by(check: CheckFacts) -> int | None:
    return check.answered_by if check.kind == "approval" and check.answer == "met" else None


def packet_digest(document: dict[str, Any]) -> str:
    return digest(document)


def fingerprint(answer: Readiness) -> str:
    """The digest of what a round would rest on now."""
    return packet_digest(packet(answer))


def round_fingerprint(review: GateReview, answer: Readiness) -> str:
    """The digest of what an open round rests on as the facts are now: its packet, while nothing has moved."""
    return packet_digest(round_packet(review, answer))


def basis(answer: Readiness) -> dict[str, Any]:
    """What a decision rests on, as the gate page shows it later beside today.

    A row a check, with its words' figures; what was said of each blocker, and the gate's sentence, in both languages.
    """
    rested: dict[str, Any] = {
        "sentence": in_each(lambda: wording.sentence(answer)),
        "verdict": answer.verdict.value,
        "required": answer.required,
        "met": answer.met,
        "subject": answer.facts.subject,
        "checks": [_basis_row(one) for one in answer.checks],
        "risks": [
            {"id": risk.id, "title": risk.title, "score": risk.score, "level": risk.level, "accepted": risk.accepted}
            for risk in answer.facts.risks
        ],
        "conditions": [
            {
                "id": condition.id,
                "check": condition.check,
                "text": condition.text,
                "due_on": condition.due_on.isoformat(),
            }
            for condition in answer.facts.conditions
        ],
        "blockers": [_basis_blocker(blocker) for blocker in answer.blockers],
    }
    frozen: dict[str, Any] = storable(rested)
    return frozen


def _basis_blocker(blocker: Blocker) -> dict[str, Any]:
    return {
        "check": blocker.check,
        "code": blocker.code,
        "since": blocker.since.isoformat(),
        "who": list(blocker.who),
        "detail": in_each(lambda: wording.detail(blocker)),
    }


def _basis_row(one: Assessed) -> dict[str, Any]:
    check, result = one.check, one.check.result
    return {
        "key": check.key,
        "kind": check.kind,
        "required": check.required,
        "state": one.state.value,
        "limit": check.limit if check.kind == "metric" else None,
        "value": result.value if result else None,
        "by": check.answered_by_name
        or (check.proofs[0].supplied_by_name if check.proofs else "")
        or (result.recorded_by_name if result else ""),
        "signed_by": signed_by(check),
        "evidence": [{"title": proof.title} | _frozen_proof(proof) for proof in check.proofs],
    }
