"""Packs that were changed and sealed anew: what a reader alone can refute, and what only the journal's head can."""

import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from accounts.actor import Actor
from accounts.models import User
from common.canonical import digest
from journal.selectors import HASHED
from lifecycle import services
from lifecycle.criteria.packs import manifest_of, read_pack, said, verify_pack
from lifecycle.criteria.packs.manifest import SECTIONS
from lifecycle.models import GateReview
from projects.models import Project

pytestmark = [pytest.mark.core, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
Pack = dict[str, Any]
# What people and pages are called, and what nothing in a packet or in the journal of a round repeats.
FREE = re.compile(
    r"project\.(name|objective)|gate\.(name|gate|question|joint|change|template\.(key|number))"
    r"|decision\.(word|sentence|note|return_to_name)|checks|recusals"
    r"|evidence\.\d+\.(title|kind|filename|size|confidential|supplied_|effective_at|valid_until)"
    r"|risks\.\d+\.(title|category|acceptance)|(waivers|limits)\.\d+\.(id|reason|granted|opened|set_|agreed|in_force)"
    r"|.*\.name\.(en|zh)|journal\.\d+\.withheld"
)


@pytest.fixture
def pack(
    project: Project, owner: User, holder: Any, check_of: Any, stage_of: Any, meet_all: Any, ask: Any, vote: Any,
    now: datetime, in_days: Any, api: Callable[[User], APIClient],
) -> Pack:  # fmt: skip
    """A conditional go with a file, a waiver by two, a condition for what is open, and two voters."""
    stage = stage_of(project)
    meet_all(stage, by=owner, leave=("charter", "simpler_option"))
    for role in ("sponsor", "risk_officer"):
        given = {"reason": "Signed on paper.", "until": in_days(90), "now": now}
        services.waive_check(check=check_of(project, "charter"), actor=Actor.for_user(holder(project, role)), **given)
    review: GateReview = ask(stage, by=owner, despite_blockers=True)
    condition = {"text": "Look at it.", "owner": owner, "due_on": in_days(20), "check": "simpler_option"}
    vote(review, holder(project, "sponsor"), "conditional_go", conditions=[condition])
    review = vote(review, holder(project, "finance_partner"), "conditional_go")
    return read_pack(api(owner).get(f"/api/v1/reviews/{review.pk}/pack/").content)


def sealed(pack: Pack) -> Pack:
    """With a manifest made anew."""
    sections = {name: pack[name] for name in SECTIONS}
    return {"schema": pack["schema"], **sections, "manifest": manifest_of(sections)}


def resealed(pack: Pack) -> Pack:
    """With all made anew that a forger can: packet, what the votes name, the entries with their chain, the manifest."""
    packet, before = digest(pack["document"]), None
    pack["decision"]["packet"] = packet
    for vote in pack["votes"]:
        vote["packet"] = packet
    cast = iter(pack["votes"])
    for entry in pack["journal"]:
        data = entry["data"] | {"packet": packet}
        data |= {"said": said(next(cast))} if "said" in data else {}
        data |= {"basis": digest(pack["basis"])} if "basis" in data else {}
        entry |= {"data": data, "prev_hash": before["hash"] if before else entry["prev_hash"]}
        entry["hash"] = digest({name: entry[name] for name in HASHED} | {"at": entry["at"]})
        before = entry
    return sealed(pack)


def test_what_is_true_is_still_sound_when_it_is_sealed_anew(pack: Pack) -> None:
    assert [str(one) for one in verify_pack(pack)] == []
    assert [str(one) for one in verify_pack(sealed(deepcopy(pack)))] == []
    assert [str(one) for one in verify_pack(resealed(deepcopy(pack)))] == []


def states(state: str) -> Callable[[Pack], object]:
    """One required check that was met stands otherwise, in the packet and beside it."""

    def forge(pack: Pack) -> None:
        place = next(n for n, row in enumerate(pack["document"]["checks"]) if row["required"] and row["state"] == "met")
        for section in ("document", "basis"):
            pack[section]["checks"][place]["state"] = state

    return forge


def nothing_left(pack: Pack) -> None:
    """A go, where a condition had to name what is open."""
    pack["decision"]["decision"] = pack["journal"][-1]["data"]["decision"] = "go"
    pack["conditions"] = []
    for vote, entry in zip(pack["votes"], pack["journal"][1:], strict=True):
        vote["decision"] = entry["data"]["vote"] = "go"
        vote["conditions"] = []


def nobody_named(pack: Pack) -> None:
    for one in (*pack["conditions"], *(one for vote in pack["votes"] for one in vote["conditions"])):
        one["check"] = None


def laxer(pack: Pack) -> None:
    pack["decision"] |= {"quorum": 1, "must_include": [], "separation": []}


REFUTED: dict[str, tuple[str, Callable[[Pack], object]]] = {
    "another project": ("document.project", lambda pack: pack["project"].update(key="MEDR")),
    "a required check that was not met": ("conditions", states("not_met")),
    "a go in spite of what was open": ("decision.decision", nothing_left),
    "conditions that name nothing": ("conditions", nobody_named),
    "other rules": ("decision.quorum", laxer),
    "other seats": ("decision.gatekeepers", lambda pack: pack["decision"]["gatekeepers"].append("tester")),
    "another voter": ("votes[0].voter", lambda pack: pack["votes"][0]["voter"].update(username="other")),
    "another requester": (
        "decision.requested_by",
        lambda pack: pack["decision"]["requested_by"].update(username="other"),
    ),
    "a vote of another moment": (
        "votes[0].cast_at",
        lambda pack: pack["votes"][0].update(cast_at="2026-03-02T08:00:00Z"),
    ),
    "a vote too many": ("votes", lambda pack: pack["votes"].insert(0, pack["votes"][0] | {"state": "withdrawn"})),
    "another verdict": ("basis.verdict", lambda pack: pack["basis"].update(verdict="pass")),
    "blockers left out": ("basis.blockers", lambda pack: pack["basis"]["blockers"].clear()),
    "more met than was": ("basis.met", lambda pack: pack["basis"].update(met=99)),
    "another round": ("gate.round", lambda pack: pack["gate"].update(round=7)),
}


@pytest.mark.parametrize("name", REFUTED)
def test_what_contradicts_itself_is_refuted_however_it_is_sealed(pack: Pack, name: str) -> None:
    place, forge = REFUTED[name]
    forge(pack)
    one_vote_more = len(pack["votes"]) > 2

    for seal in (sealed,) if one_vote_more else (sealed, resealed):
        found = [str(flaw) for flaw in verify_pack(seal(deepcopy(pack)))]
        assert any(flaw.startswith(place) for flaw in found), (seal.__name__, found)


@pytest.mark.parametrize(
    "change",
    [
        lambda pack: pack["votes"][0].update(rationale="I never said this."),
        lambda pack: pack["basis"]["sentence"].update(en="All is well."),
    ],
)
def test_words_are_those_that_the_journal_keeps_a_fingerprint_of(pack: Pack, change: Callable[[Pack], object]) -> None:
    change(pack)

    assert verify_pack(sealed(deepcopy(pack)))
    # Whoever makes the journal's entries anew as well is found out by its head, or by the digest on paper, alone.
    assert verify_pack(resealed(pack)) == []


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if inner is None:
        yield path
    else:
        for key, item in inner:
            yield from leaves(item, (*path, key))


def other(value: Any) -> Any:
    """Another value of the same kind; a day or a moment a year later."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str) and re.match(r"2026-\d\d-\d\d", value):
        return f"2027{value[4:]}"
    return f"{value or ''}x"


def test_any_single_value_changed_and_sealed_anew_is_refuted(pack: Pack) -> None:
    sections = {name: pack[name] for name in SECTIONS}
    paths = [path for path in leaves(sections) if not FREE.match(".".join(map(str, path)))]
    assert len(paths) > 300

    @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.sampled_from(paths))
    def check(path: tuple[Any, ...]) -> None:
        forged = deepcopy(pack)
        parent = forged
        for key in path[:-1]:
            parent = parent[key]
        parent[path[-1]] = other(parent[path[-1]])
        assert verify_pack(sealed(forged)), path

    check()


@pytest.mark.parametrize("junk", ["1e400", "-1e400", r'"\ud800"', r'{"\udfff": 1}', "[" * 30 + "]" * 30])
def test_what_has_no_canonical_form_is_a_flaw_and_no_crash(pack: Pack, junk: str) -> None:
    was = f'"objective": {json.dumps(pack["project"]["objective"])}'
    text = json.dumps(pack).replace(was, f'"objective": {junk}')
    assert junk in text

    assert verify_pack(read_pack(text.encode()))


def test_a_reader_without_the_journal_still_counts_votes_and_moments(
    pack: Pack, contributor: User, api: Callable[[User], APIClient]
) -> None:
    review = pack["gate"]["review"]
    withheld = read_pack(api(contributor).get(f"/api/v1/reviews/{review}/pack/").content)
    assert verify_pack(withheld) == []

    withheld["votes"].insert(0, withheld["votes"][0] | {"state": "withdrawn"})

    assert any(flaw.place == "votes" for flaw in verify_pack(sealed(withheld)))


def test_a_round_that_a_vote_taken_back_decided_is_sound(
    project: Project, owner: User, contributor: User, holder: Any, add_member: Any, stage_of: Any, meet_all: Any,
    ask: Any, vote: Any, now: datetime, in_days: Any, api: Callable[[User], APIClient],
) -> None:  # fmt: skip
    meet_all(stage_of(project), by=owner)
    review = ask(stage_of(project), by=owner)
    against = add_member(project, "another-sponsor", ["decide"], ["sponsor"], team=False).user
    vote(review, against, "hold", until=in_days(4))
    for role in ("sponsor", "finance_partner"):
        vote(review, holder(project, role), "go")
    services.withdraw_vote(review=review, actor=Actor.for_user(against), now=now)

    packs = [
        read_pack(api(reader).get(f"/api/v1/reviews/{review.pk}/pack/").content) for reader in (owner, contributor)
    ]

    assert [one["decision"]["decision"] for one in packs] == ["go", "go"]
    assert [verify_pack(one) for one in packs] == [[], []]
