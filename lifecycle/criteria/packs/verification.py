"""Whether the sections of a pack agree with each other, as only true ones do."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from common.canonical import digest
from lifecycle.criteria.packs.entries import decision_told, request_told, votes_told
from lifecycle.criteria.packs.manifest import Misfit, manifest_flaws
from lifecycle.criteria.packs.recomputed import figures_told, rules_told, word_borne
from lifecycle.criteria.tally import Ballot, Rules, rules_for, tally

Pack = dict[str, Any]
Finder = Callable[[Pack], Iterator[Misfit]]
# As `journal.selectors.HASHED`, which this reader must not need a database for; a test holds them alike.
HASHED = ("seq", "verb", "actor_id", "via", "ip", "request_id", "project_id", "object", "data", "prev_hash")


def verify_pack(pack: Pack) -> list[Misfit]:
    """Everything that does not fit, with its place; empty for a sound pack. `pack` comes from `read_pack`."""
    found = _found("manifest", manifest_flaws, pack)
    for section, finder in FINDERS:
        found += _found(section, finder, pack)
    return list(dict.fromkeys(found))


def _found(section: str, finder: Finder, pack: Pack) -> list[Misfit]:
    """What `finder` says; a section whose form it cannot follow is a flaw, never a crash."""
    found: list[Misfit] = []
    try:
        found.extend(finder(pack))
    except (KeyError, TypeError, AttributeError, ValueError, IndexError, OverflowError, RecursionError) as broken:
        found.append(Misfit(section, f"it cannot be followed ({type(broken).__name__}: {broken})"))
    return found


def _packet(pack: Pack) -> Iterator[Misfit]:
    """The packet is the SHA-256 of the frozen document, which is about this gate and this subject."""
    document, gate = pack["document"], pack["gate"]
    if pack["decision"]["packet"] != digest(document):
        yield Misfit("decision.packet", "it is not the SHA-256 of the frozen document")
    for here, there in (("template", gate["template"]["digest"]), ("level", gate["level"]), ("stage", gate["stage"]),
                        ("iteration", gate["iteration"]), ("subject", pack["subject"])):  # fmt: skip
        if document[here] != there:
            yield Misfit(f"document.{here}", "it is not what the gate says")
    if pack["basis"]["subject"] != pack["subject"]:
        yield Misfit("basis.subject", "it is not the subject of the packet")


def _votes(pack: Pack) -> Iterator[Misfit]:
    """Each standing vote names the packet, nobody votes twice, and whoever asked does not vote."""
    decision, standing = pack["decision"], set()
    asked_at, decided_at = _instant(decision["requested_at"]), _instant(decision["decided_at"])
    for place, vote in enumerate(pack["votes"]):
        voter = vote["voter"]["username"]
        if not asked_at <= _instant(vote["cast_at"]) <= decided_at:
            yield Misfit(f"votes[{place}].cast_at", "it lies outside the round")
        if vote["state"] != "standing":
            continue
        if vote["packet"] != decision["packet"]:
            yield Misfit(f"votes[{place}].packet", "the vote names another packet than the round's")
        if voter in standing:
            yield Misfit(f"votes[{place}].voter", "this person voted before")
        if voter == decision["requested_by"]["username"]:
            yield Misfit(f"votes[{place}].voter", "whoever asked for the gate does not decide it")
        standing.add(voter)


def _decision(pack: Pack) -> Iterator[Misfit]:
    """The standing votes give this decision by the rules that the round copied."""
    decision, standing = pack["decision"], [vote for vote in pack["votes"] if vote["state"] == "standing"]
    decided_on = _instant(decision["decided_at"]).date()
    reached = tally([_ballot(vote, decided_on) for vote in standing], *_rules(decision))
    if reached != decision["decision"]:
        yield Misfit("decision.decision", f"the votes give “{reached or 'no decision'}”")
    joined = [one for vote in standing if vote["decision"] == "conditional_go" for one in vote["conditions"]]
    if pack["conditions"] != (joined if decision["decision"] == "conditional_go" else []):
        yield Misfit("conditions", "they are not those of the votes")
    last = max((_instant(vote["cast_at"]) for vote in standing), default=None)
    if last != _instant(decision["decided_at"]) and not (last and _ended_with_a_vote_less(pack)):
        yield Misfit("decision.decided_at", "it is not the moment of the last vote")


def _ended_with_a_vote_less(pack: Pack) -> bool:
    """Whether the round was decided when somebody took a vote back or stepped back; its last entry says so."""
    last = pack["journal"][-1]
    if last["withheld"]:
        return bool(pack["recusals"]) or any(vote["state"] == "withdrawn" for vote in pack["votes"])
    return last["data"].get("after") in {"review.vote_withdrawn", "review.recused"}


def _ballot(vote: Pack, decided_on: date) -> Ballot:
    """Conditions that were overdue when the round was decided carry nothing."""
    ahead = [one for one in vote["conditions"] if date.fromisoformat(one["due_on"]) >= decided_on]
    return Ballot(vote["decision"], frozenset(vote["roles"]), vote["outside"] is True, len(ahead))


def _rules(decision: Pack) -> list[Rules]:
    """Those of each gate of a joint packet, else the round's."""
    gates = decision.get("gates") or [decision]
    return [
        rules_for(one["quorum"], one["must_include"], one["separation"], one.get("deciders", ["any"])) for one in gates
    ]


def _gates(pack: Pack) -> Iterator[Misfit]:
    """The rules that are told are those of the gates that were decided together."""
    told = [one["stage"] for one in pack["decision"].get("gates") or ()]
    if told and told != [pack["gate"]["stage"], *(one["stage"] for one in pack["gate"]["joint"])]:
        yield Misfit("decision.gates", "they are not the gates of the packet")


def _checks(pack: Pack) -> Iterator[Misfit]:
    """What was shown is what was frozen: key, state, limit, value, waiver and evidence of each check."""
    frozen, shown = pack["document"]["checks"], pack["basis"]["checks"]
    if [row["key"] for row in frozen] != [row["key"] for row in shown]:
        yield Misfit("basis.checks", "they are not the checks of the packet")
        return
    for place, (row, told) in enumerate(zip(frozen, shown, strict=True)):
        value = row["result"]["value"] if row["result"] else None
        mine = (row["required"], row["state"], row["limit"], value, row["signed_by"])
        its = (told["required"], told["state"], told["limit"], told["value"], told.get("signed_by", row["signed_by"]))
        if mine != its:
            yield Misfit(f"basis.checks[{place}]", "it is not what the packet froze")
        if [_hashed(one) for one in row["evidence"]] != [_hashed(one) for one in told["evidence"]]:
            yield Misfit(f"basis.checks[{place}].evidence", "it is not the evidence of the packet")
    waived = {row["key"]: row["waived_until"] for row in frozen if row["waived_until"]}
    if {one["check"]: one["until"] for one in pack["waivers"]} != waived:
        yield Misfit("waivers", "they are not those of the packet")
    limits = {row["key"]: row["limit"] for row in frozen}
    for place, one in enumerate(pack["limits"]):
        if limits.get(one["check"]) != one["threshold"]:
            yield Misfit(f"limits[{place}].threshold", "the packet was decided with another limit")


def _hashed(proof: dict[str, Any]) -> tuple[Any, ...]:
    return proof["id"], proof["sha256"], proof["url"], proof.get("address")


def _evidence(pack: Pack) -> Iterator[Misfit]:
    """Each evidence of the packet is listed with its hash, and an address that is told is the one that was frozen."""
    frozen = [(row["key"], proof) for row in pack["document"]["checks"] for proof in row["evidence"]]
    listed = pack["evidence"]
    if [(key, proof["id"]) for key, proof in frozen] != [(one["check"], one["id"]) for one in listed]:
        yield Misfit("evidence", "it is not the evidence of the packet")
        return
    for place, ((_key, proof), one) in enumerate(zip(frozen, listed, strict=True)):
        if proof["sha256"] != one["sha256"]:
            yield Misfit(f"evidence[{place}].sha256", "it is not the hash of the packet")
        if not _is_address(one["url"], proof):
            yield Misfit(f"evidence[{place}].url", "it is not the address of the packet")


def _is_address(url: str, proof: dict[str, Any]) -> bool:
    if "address" not in proof:
        return bool(url == proof["url"])
    return not url or f"sha256:{hashlib.sha256(url.encode()).hexdigest()}" == proof["address"]


def _risks(pack: Pack) -> Iterator[Misfit]:
    names = ("id", "score", "level", "accepted")
    if [{name: risk[name] for name in names} for risk in pack["risks"]] != pack["document"]["risks"]:
        yield Misfit("risks", "they are not those of the packet")
    for place, risk in enumerate(pack["risks"]):
        if (risk["acceptance"] is not None) != risk["accepted"]:
            yield Misfit(f"risks[{place}].acceptance", "it is not what the packet froze")


def _journal(pack: Pack) -> Iterator[Misfit]:
    """Each entry has its hash, neighbours are chained, and the last one is this decision."""
    entries, before = pack["journal"], None
    for place, entry in enumerate(entries):
        if not entry["withheld"]:
            fields = {name: entry[name] for name in HASHED} | {"at": entry["at"]}
            if digest(fields) != entry["hash"]:
                yield Misfit(f"journal[{place}].hash", "the entry is not what its hash says")
        if before and entry["seq"] <= before["seq"]:
            yield Misfit(f"journal[{place}].seq", "entries are not in order")
        if before and entry["seq"] == before["seq"] + 1 and entry["prev_hash"] != before["hash"]:
            yield Misfit(f"journal[{place}].prev_hash", "it does not follow the entry before it")
        before = entry
    verbs = [entry["verb"] for entry in entries]
    if verbs[:1] != ["review.requested"] or verbs[-1:] != ["review.decided"] or verbs.count("review.decided") != 1:
        yield Misfit("journal", "it does not lead from the request to the decision")
    else:
        yield from _last_entry(len(entries) - 1, pack)


def _last_entry(place: int, pack: Pack) -> Iterator[Misfit]:
    entry, decision = pack["journal"][place], pack["decision"]
    if _instant(entry["at"]) != _instant(decision["decided_at"]):
        yield Misfit(f"journal[{place}].at", "it is not the moment of the decision")
    if entry["withheld"]:
        return
    if entry["object"] != f"review:{pack['gate']['review']}":
        yield Misfit(f"journal[{place}].object", "it tells of another round")
    data = entry["data"]
    if (data["decision"], data["packet"], data["stage"]) != (
        decision["decision"], decision["packet"], pack["gate"]["stage"]
    ):  # fmt: skip
        yield Misfit(f"journal[{place}].data", "it tells of another decision")


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


FINDERS: tuple[tuple[str, Finder], ...] = (
    ("document", _packet),
    ("votes", _votes),
    ("decision", _decision),
    ("decision", _gates),
    ("basis", _checks),
    ("evidence", _evidence),
    ("risks", _risks),
    ("journal", _journal),
    ("document", rules_told),
    ("decision", word_borne),
    ("basis", figures_told),
    ("votes", votes_told),
    ("decision", request_told),
    ("decision", decision_told),
)
