"""A pack in words, for the page and for paper: made of the pack alone, so that neither says more than it holds."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import segno
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.texts import as_read, listed, localised
from lifecycle.criteria.wording.shapes import role_name
from lifecycle.models import Decision, RecycleReason, VoteState

Pack = Mapping[str, Any]
SEPARATION = {
    "submitter_cannot_decide": gettext_lazy("who asks for the gate does not vote"),
    "one_person_one_vote": gettext_lazy("one person, one vote"),
    "owner_cannot_decide": gettext_lazy("owners do not vote"),
    "author_cannot_decide": gettext_lazy("who supplied proof of the packet does not vote"),
    "author_cannot_approve": gettext_lazy("nobody signs what rests on their own proof"),
    "outside_vote_needed": gettext_lazy("a vote from outside the team is needed"),
    "evaluator_not_trainer": gettext_lazy("who evaluates did not train"),
}
PARTS = {
    "model": gettext_lazy("Model"),
    "dataset": gettext_lazy("Training data"),
    "prompt": gettext_lazy("Prompt"),
    "code": gettext_lazy("Code"),
}


def printed(pack: Pack) -> dict[str, Any]:
    """What `_pack.html` shows, in the reader's language."""
    gate, decision, seal = pack["gate"], pack["decision"], pack["manifest"]["digest"]
    texts = {row["key"]: localised(row["text"]) for row in pack["checks"]}
    return {
        "gate": localised(gate["gate"]),
        "project": localised(pack["project"]["name"]),
        "key": pack["project"]["key"],
        "review": gate["review"],
        "stage": gate["stage"],
        "decision": decision["decision"],
        "word": localised(decision["word"]),
        "sentence": localised(decision["sentence"]),
        "before": localised(pack["basis"].get("sentence")),
        "facts": _facts(pack),
        "votes": [_vote(vote, texts) for vote in pack["votes"]],
        "conditions": [_condition(one, texts) for one in pack["conditions"]],
        "blockers": [_blocker(one, texts) for one in pack["basis"].get("blockers", [])],
        "checks": _checks(pack, texts),
        "risks": [_risk(risk) for risk in pack["risks"]],
        "waivers": [_waiver(one, texts) for one in pack["waivers"]],
        "limits": [_limit(one, texts) for one in pack["limits"]],
        "recusals": [{**one, "who": _name(one["who"]), "at": _moment(one["at"])} for one in pack["recusals"]],
        "rules": [str(SEPARATION.get(rule, rule)) for rule in decision["separation"]],
        "journal": [{**entry, "at": _moment(entry["at"])} for entry in pack["journal"]],
        "sections": [(name, told["sha256"]) for name, told in pack["manifest"]["sections"].items()],
        "packet": decision["packet"],
        "digest": seal,
        "short": f"{seal[:15]}…{seal[-8:]}",
        "qr": _qr(seal),
    }


def _facts(pack: Pack) -> list[tuple[str, str]]:
    gate, decision = pack["gate"], pack["decision"]
    template = gate["template"]
    rows = [
        (_("Stage"), listed([localised(gate["name"]), *(localised(one["name"]) for one in gate["joint"])])),
        (_("Round"), _("iteration %(iteration)s, round %(round)s") % gate),
        (_("Asked for"), f"{_name(decision['requested_by'])}, {_moment_text(decision['requested_at'])}"),
        (_("Decided"), _moment_text(decision["decided_at"])),
        (_("Template"), _("%(key)s, version %(number)s, level %(level)s") % {**template, "level": gate["level"]}),
        (_("Quorum"), _("%(quorum)s votes") % decision),
    ]
    if decision["must_include"]:
        rows.append((_("Must be in favour"), listed(role_name(role) for role in decision["must_include"])))
    if decision["reason"]:
        rows.append((_("Reason"), str(RecycleReason(decision["reason"]).label)))
    if decision["return_to"]:
        rows.append((_("Back to"), localised(decision["return_to_name"]) or decision["return_to"]))
    if decision["until"]:
        rows.append((_("On hold until"), decision["until"]))
    if gate["change"]:
        rows.append((_("Change"), gate["change"]["text"]))
    rows += [(str(PARTS.get(part, part)), value) for part, value in pack["subject"].items() if value]
    return rows


def _vote(vote: Pack, texts: Mapping[str, str]) -> dict[str, Any]:
    return {
        **vote,
        "who": _name(vote["voter"]),
        "username": vote["voter"]["username"],
        "capacity": listed(role_name(role) for role in vote["roles"]),
        "behalf": listed(_name(one) for one in vote["on_behalf_of"]),
        "word": str(Decision(vote["decision"]).label),
        "at": _moment(vote["cast_at"]),
        "counted": vote["state"] == VoteState.STANDING,
        "state": str(VoteState(vote["state"]).label),
        "conditions": [_condition(one, texts) for one in vote["conditions"]],
    }


def _condition(one: Pack, texts: Mapping[str, str]) -> dict[str, Any]:
    return {**one, "owner": _name(one["owner"]), "due": _day(one["due_on"]), "check": texts.get(one["check"] or "", "")}


def _blocker(one: Pack, texts: Mapping[str, str]) -> dict[str, Any]:
    """Rounds of former releases froze which check stood in the way, not the words."""
    since = one.get("since")
    return {
        "what": texts.get(one["check"] or "", "") or localised(one.get("detail")),
        "detail": localised(one.get("detail")) or one["code"],
        "since": _moment(since) if since else None,
        "who": listed(role_name(role) for role in one.get("who", [])),
    }


def _checks(pack: Pack, texts: Mapping[str, str]) -> list[dict[str, Any]]:
    by_check: dict[str, list[dict[str, Any]]] = {}
    for one in pack["evidence"]:
        row = {
            **one,
            "title": as_read(one["title"]),
            "who": _name(one["supplied_by"]),
            "at": _moment(one["supplied_at"]),
        }
        by_check.setdefault(one["check"], []).append(row)
    signs = {row["key"]: row["criterion"].get("operator") for row in pack["checks"]}
    return [
        {
            **row,
            "text": texts.get(row["key"], row["key"]),
            "value": row["result"]["value"] if row["result"] else None,
            "sign": "≥" if signs.get(row["key"]) == ">=" else "≤",
            "evidence": by_check.get(row["key"], []),
            "until": _day(row["waived_until"]) if row["waived_until"] else None,
        }
        for row in pack["document"].get("checks", [])
    ]


def _risk(risk: Pack) -> dict[str, Any]:
    taken = risk["acceptance"]
    if taken is None:
        return {**risk, "by": "", "until": None, "plan": ""}
    signed = [f"{_name(taken['by'])} ({role_name(taken['as'])})"]
    if taken["second_by"]:
        signed.append(f"{_name(taken['second_by'])} ({role_name(taken['second_as'])})")
    return {**risk, "by": listed(signed), "until": _day(taken["until"]), "plan": taken["plan"]}


def _waiver(one: Pack, texts: Mapping[str, str]) -> dict[str, Any]:
    people = dict.fromkeys([_name(one["opened_by"]), _name(one["granted_by"])])
    return {**one, "what": texts.get(one["check"], one["check"]), "who": listed(people), "until": _day(one["until"])}


def _limit(one: Pack, texts: Mapping[str, str]) -> dict[str, Any]:
    return {
        **one,
        "what": texts.get(one["check"], one["check"]),
        "who": _name(one["set_by"]),
        "agreed": _name(one["agreed_by"]) if one["agreed_by"] else "",
    }


def _name(person: Pack) -> str:
    return localised(person["name"])


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _moment_text(text: str) -> str:
    return f"{_moment(text).astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _qr(text: str) -> dict[str, Any]:
    """The fingerprint to compare with a telephone: the dark modules as one path, with four light ones around."""
    rows = segno.make(text, error="m").matrix
    dark = [(x + 4, y + 4) for y, row in enumerate(rows) for x, module in enumerate(row) if module]
    return {"size": len(rows) + 8, "path": "".join(f"M{x} {y}h1v1h-1z" for x, y in dark)}
