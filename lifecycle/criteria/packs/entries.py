"""Whether a pack says what the journal's entries in it say: who asked, who voted what and when, what was decided."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from common.canonical import digest
from lifecycle.criteria.packs.manifest import Misfit
from lifecycle.criteria.packs.said import said

Pack = dict[str, Any]
# What goes with a word, as the entry of the decision tells it.
ENDS = {"hold": ("until",), "recycle": ("return_to", "reason")}


def votes_told(pack: Pack) -> Iterator[Misfit]:
    """Every vote has its entry and every entry its vote: moment, word, packet; since format 2 voter and words too."""
    entries = [(place, one) for place, one in enumerate(pack["journal"]) if _may_be_vote(one)]
    votes = pack["votes"]
    if len(entries) == len(votes) + 1 and entries[-1][1]["withheld"]:
        # A round can also end with a vote less; what its last entry says is withheld.
        entries.pop()
    if len(entries) != len(votes):
        yield Misfit("votes", "they are not as many as the journal tells of")
        return
    for place, (vote, (at, entry)) in enumerate(zip(votes, entries, strict=True)):
        if _instant(entry["at"]) != _instant(vote["cast_at"]):
            yield Misfit(f"votes[{place}].cast_at", "it is not the moment that the journal tells")
        if not entry["withheld"]:
            yield from _vote_told(place, vote, at, entry, strict="format" in pack["document"])


def _may_be_vote(entry: Pack) -> bool:
    if entry["verb"] == "review.decided":
        return bool(entry["withheld"] or entry["data"].get("vote"))
    return bool(entry["verb"] == "review.voted")


def _vote_told(place: int, vote: Pack, at: int, entry: Pack, *, strict: bool) -> Iterator[Misfit]:
    data = entry["data"]
    if (data["vote"], data["packet"]) != (vote["decision"], vote["packet"]):
        yield Misfit(f"votes[{place}]", f"journal[{at}] tells of another word or packet")
    if strict and data["voter"] != vote["voter"]["username"]:
        yield Misfit(f"votes[{place}].voter", f"journal[{at}] tells of another person")
    if strict and data["said"] != said(vote):
        yield Misfit(f"votes[{place}]", f"journal[{at}] tells of other words")


def request_told(pack: Pack) -> Iterator[Misfit]:
    """Who asked, when, and for what: as the first entry says."""
    entry, gate, decision = pack["journal"][0], pack["gate"], pack["decision"]
    if _instant(entry["at"]) != _instant(decision["requested_at"]):
        yield Misfit("decision.requested_at", "it is not the moment that the journal tells")
    if entry["withheld"]:
        return
    data = entry["data"]
    same = ("stage", "iteration", "round", "despite_blockers", "extraordinary")
    for name in same:
        if name in data and data[name] != gate[name]:
            yield Misfit(f"gate.{name}", "it is not what the journal tells")
    if data.get("joint", []) != [one["stage"] for one in gate["joint"]]:
        yield Misfit("gate.joint", "they are not those that the journal tells")
    if "format" in pack["document"] and data["requester"] != decision["requested_by"]["username"]:
        yield Misfit("decision.requested_by", "the journal tells of another person")


def decision_told(pack: Pack) -> Iterator[Misfit]:
    """What was decided on and for how long: as the last entry says."""
    entry, decision = pack["journal"][-1], pack["decision"]
    own = ENDS.get(decision["decision"], ())
    for name in ("until", "return_to", "reason"):
        if name not in own and decision[name]:
            yield Misfit(f"decision.{name}", "this decision has none")
    if entry["withheld"]:
        return
    data = entry["data"]
    for name in own:
        if data[name] != decision[name]:
            yield Misfit(f"decision.{name}", "it is not what the journal tells")
    if "format" in pack["document"] and data["basis"] != digest(pack["basis"]):
        yield Misfit("basis", "it is not what the journal tells")


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
