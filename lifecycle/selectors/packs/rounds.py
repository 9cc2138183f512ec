"""The round itself, as a pack tells it: which gate, what was decided, who voted and why, on which conditions."""

from typing import Any

from common.texts import in_each, localised
from lifecycle.criteria.packs import said
from lifecycle.models import Decision, GateReview, Stage, Vote
from lifecycle.selectors.answers import sentence_then
from lifecycle.selectors.packs.people import People

Section = dict[str, Any]


def gate(review: GateReview) -> Section:
    stage, definition = review.stage, review.definition
    template = review.template_version or stage.ended_version or stage.process.template_version
    return {
        "stage": stage.key,
        "name": in_each(lambda: localised(definition.name)),
        "gate": in_each(lambda: localised(definition.gate_name)),
        "question": in_each(lambda: localised(definition.question)),
        "template": {"key": template.template.key, "number": template.number, "digest": template.digest},
        "level": review.level or stage.level,
        "joint": [_joint(one, review) for one in sorted(review.joint.all(), key=lambda one: one.position)],
        "iteration": stage.iteration,
        "round": review.round,
        "review": review.pk,
        "extraordinary": review.extraordinary,
        "despite_blockers": review.despite_blockers,
        "change": {"text": review.change.text, "moved": review.change.moved} if review.change else None,
    }


def _joint(stage: Stage, review: GateReview) -> Section:
    name = review.template.by_key[stage.key].name
    return {"stage": stage.key, "iteration": stage.iteration, "name": in_each(lambda: localised(name))}


def project(review: GateReview) -> Section:
    found = review.stage.project
    return {
        "key": found.key,
        "name": in_each(lambda: found.display_name),
        "objective": found.objective,
    }


def decision(review: GateReview, people: People) -> Section:
    """The word, the rules it was found by, and what was said of it."""
    back = review.template.by_key.get(review.return_to)
    renamed = review.definition.decision_names.get(review.decision)
    return {
        "decision": review.decision,
        "word": in_each(lambda: localised(renamed) if renamed else Decision(review.decision).label),
        "sentence": in_each(lambda: sentence_then(review)),
        "reason": review.reason,
        "return_to": review.return_to,
        "return_to_name": in_each(lambda: localised(back.name)) if back else None,
        "until": review.until,
        "requested_by": people.named(review.requested_by_id),
        "requested_at": review.requested_at,
        "note": review.note,
        "decided_at": review.decided_at,
        "packet": review.packet,
        "quorum": review.quorum,
        "gatekeepers": review.deciders,
        "must_include": review.must_include,
        "separation": review.separation,
        "gates": review.gates,
    }


def checks(review: GateReview) -> list[Section]:
    """The words of every check of the packet, as the template version of the round has them."""
    items = {item.key: (stage.key, item) for stage in review.template.stages for item in stage.items}
    rows = []
    for row in review.document.get("checks", []):
        if row["key"] not in items:
            continue
        stage, item = items[row["key"]]
        rows.append({
            "key": item.key,
            "stage": stage,
            "kind": item.kind,
            "text": in_each(lambda: localised(item.text)),  # noqa: B023 - said at once
            "criterion": item.criterion,
        })  # fmt: skip
    return rows


def votes(review: GateReview, people: People) -> list[Section]:
    """Every vote of the round, those too that were void or withdrawn; `standing` ones made the decision."""
    return [_vote(vote, people) for vote in review.votes.all()]


def _vote(vote: Vote, people: People) -> Section:
    return {
        "voter": people.named(vote.user_id),
        "roles": vote.roles,
        "on_behalf_of": [people.named(one) for one in vote.on_behalf_of],
        "outside": vote.outside,
        "decision": vote.decision,
        "rationale": vote.rationale,
        "reason": vote.reason,
        "return_to": vote.return_to,
        "until": vote.until,
        "conditions": [_condition(one, people) for one in vote.conditions],
        "packet": vote.packet,
        "state": vote.state,
        "cast_at": vote.cast_at,
    }


def said_by(vote: Vote) -> str:
    """The fingerprint of what a vote says, for the journal: a pack must say the same of it."""
    return said(_vote(vote, People.of_votes([vote])))


def conditions(review: GateReview, people: People) -> list[Section]:
    """What the conditional votes asked for, together; as decided, whatever became of it."""
    if review.decision != Decision.CONDITIONAL_GO:
        return []
    standing = [vote for vote in review.votes.all() if vote.state == "standing" and vote.decision == review.decision]
    return [_condition(one, people) for vote in standing for one in vote.conditions]


def _condition(condition: dict[str, Any], people: People) -> Section:
    return {
        "text": condition["text"],
        "owner": people.named(condition["owner"]),
        "due_on": condition["due_on"],
        "check": condition.get("check") or None,
    }


def recusals(review: GateReview, people: People) -> list[Section]:
    return [{"who": people.named(one.user_id), "reason": one.reason, "at": one.at} for one in review.recusals.all()]
