"""What a pack says of its decision, found again from what it froze: the rules, the checks, the figures beside them."""

from collections.abc import Iterator
from typing import Any

from lifecycle.criteria.findings import WEIGHTS, CheckState, Weight
from lifecycle.criteria.packs.manifest import Misfit
from lifecycle.criteria.readiness import SETTLED

Pack = dict[str, Any]
# Of nobody's check: what stands in the way besides.
BESIDES = frozenset({"condition_overdue", "project_not_active"})
# What these weigh depends on facts that no packet holds.
EITHER = frozenset({"metric_missing", "assessment_not_approved"})


def rules_told(pack: Pack) -> Iterator[Misfit]:
    """Project, rules and seats are those of the packet. Packets of the first format do not name them."""
    document, decision = pack["document"], pack["decision"]
    if "format" not in document:
        return
    if document["project"] != pack["project"]["key"]:
        yield Misfit("document.project", "it is not the project of the pack")
    rules = document["rules"]
    for name in ("quorum", "gatekeepers", "must_include", "separation", "gates"):
        if rules[name] != decision[name]:
            yield Misfit(f"decision.{name}", "it is not what the packet froze")
    joint = [{"stage": one["stage"], "iteration": one["iteration"]} for one in pack["gate"]["joint"]]
    if pack["gate"]["change"] is None and any(one not in joint for one in document["joint"]):
        yield Misfit("document.joint", "they are not the stages of the gate")


def word_borne(pack: Pack) -> Iterator[Misfit]:
    """A go needs every required check settled and nothing in the way; a conditional go conditions for the rest."""
    word, basis = pack["decision"]["decision"], pack["basis"]
    rest = _open_ones(pack) | {blocker["check"] for blocker in basis["blockers"]}
    if word == "go" and (rest or basis["blockers"]):
        yield Misfit("decision.decision", "no go while something required is open")
    named = {one["check"] for one in pack["conditions"]} - {None}
    if word == "conditional_go" and not rest <= named:
        yield Misfit("conditions", "they do not name all that is open")


def figures_told(pack: Pack) -> Iterator[Misfit]:
    """How many checks are required and met, what stands in the way, and the verdict follow from the packet."""
    basis, rows = pack["basis"], pack["document"]["checks"]
    required = [row["state"] for row in rows if row["required"] and row["state"] != CheckState.NOT_APPLICABLE]
    met = sum(1 for state in required if state in SETTLED)
    for name, figure in (("required", len(required)), ("met", met)):
        if basis[name] != figure:
            yield Misfit(f"basis.{name}", f"the packet gives {figure}")
    blockers = basis["blockers"]
    late = {one["check"] for one in blockers if one["code"] == "condition_overdue"}
    told = {one["check"] for one in blockers if one["code"] not in BESIDES}
    if told != _open_ones(pack) - late:
        yield Misfit("basis.blockers", "they are not the open checks of the packet")
    if basis["verdict"] not in verdicts(blockers):
        yield Misfit("basis.verdict", "it is not what stands in the way")


def verdicts(blockers: list[Pack]) -> set[str]:
    """What blockers can amount to: the first of fail, stale, waiting that one of them weighs; pass without any."""
    if not blockers:
        return {"pass"}
    may_be = [_weights(one["code"]) for one in blockers]
    found = set()
    for weight in (Weight.FAIL, Weight.STALE, Weight.WAITING):
        if any(weight in one for one in may_be):
            found.add(weight.value)
        if any(one == {weight} for one in may_be):
            break
    return found


def _weights(code: str) -> set[Weight]:
    return {Weight.FAIL, Weight.WAITING} if code in EITHER else {WEIGHTS[code]}


def _open_ones(pack: Pack) -> set[str]:
    return {row["key"] for row in pack["document"]["checks"] if row["required"] and row["state"] not in SETTLED}
