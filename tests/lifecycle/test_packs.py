"""The gate pack: what it holds, who gets it, and that it can be checked without us."""

import hashlib
import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from accounts.actor import Actor
from accounts.models import User
from common.canonical import digest
from common.pdf import ORIGIN, _own
from journal.models import Entry
from journal.selectors import HASHED
from lifecycle import services
from lifecycle.criteria.packs import Unreadable, manifest_of, read_pack, verify_pack
from lifecycle.criteria.packs.manifest import SECTIONS
from lifecycle.criteria.packs.verification import HASHED as KNOWN_HASHED
from lifecycle.models import GateReview
from projects.models import Project

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
FILE = b"what the customer signed"
SECRET = "https://vault.example/contract"
Api = Callable[[User], APIClient]


@pytest.fixture
def decided(
    project: Project, owner: User, holder: Any, check_of: Any, stage_of: Any, meet_all: Any, ask: Any, vote: Any,
    now: datetime, in_days: Any,
) -> GateReview:  # fmt: skip
    """A conditional go with a confidential link, a file, a waiver and two voters."""
    stage = stage_of(project)
    meet_all(stage, by=owner, leave=("charter", "simpler_option"))
    charter, actor = check_of(project, "charter"), Actor.for_user(owner)
    services.attach_link(check=charter, actor=actor, url=SECRET, title="Contract", confidential=True, now=now)
    file = SimpleUploadedFile("proof.txt", FILE)
    services.attach_file(check=charter, actor=actor, file=file, title="Proof", now=now)
    review = ask(stage, by=owner, despite_blockers=True)
    condition = {"text": "Look at it.", "owner": owner, "due_on": in_days(20), "check": "simpler_option"}
    vote(review, holder(project, "sponsor"), "conditional_go", conditions=[condition])
    return vote(review, holder(project, "finance_partner"), "conditional_go")


@pytest.fixture
def pack(decided: GateReview, owner: User, api: Api) -> dict[str, Any]:
    return read_pack(api(owner).get(f"/api/v1/reviews/{decided.pk}/pack/").content)


def test_a_pack_is_sound_and_says_what_was_decided(pack: dict[str, Any], decided: GateReview) -> None:
    assert verify_pack(pack) == []
    assert pack["decision"]["packet"] == decided.packet == digest(pack["document"])
    assert pack["decision"]["sentence"]["en"].startswith("Conditional go. ")
    assert pack["decision"]["sentence"]["zh"].endswith("由2票决定。")
    assert [vote["voter"]["username"] for vote in pack["votes"]] == ["sponsor", "finance-partner"]
    assert [one["text"] for one in pack["conditions"]] == ["Look at it."]
    assert [entry["verb"] for entry in pack["journal"]] == ["review.requested", "review.voted", "review.decided"]


def places_of(pack: dict[str, Any]) -> list[str]:
    return sorted({str(flaw).partition(":")[0] for flaw in verify_pack(pack)})


def sealed(pack: dict[str, Any]) -> dict[str, Any]:
    """The pack with a manifest made anew, as a forger would."""
    sections = {name: pack[name] for name in SECTIONS}
    return {"schema": pack["schema"], **sections, "manifest": manifest_of(sections)}


def test_the_reader_knows_what_the_journal_hashes() -> None:
    assert KNOWN_HASHED == HASHED


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_that_lacks_is_named(pack: dict[str, Any], section: str) -> None:
    del pack[section]

    assert section in places_of(pack)


@pytest.mark.parametrize("section", ["checks", "votes", "conditions", "evidence", "journal"])
@pytest.mark.parametrize("change", ["flipped", "deleted", "inserted"])
def test_a_row_flipped_deleted_or_inserted_is_named_by_its_place(
    pack: dict[str, Any], section: str, change: str
) -> None:
    rows = pack[section]
    if change == "flipped":
        rows[0] = {**rows[0], "text": "another"}
    elif change == "deleted":
        rows.pop()
    else:
        rows.append(deepcopy(rows[0]))

    place = {"flipped": 0, "deleted": len(rows), "inserted": len(rows) - 1}[change]
    assert f"{section}[{place}]" in places_of(pack)


FORGERIES: dict[str, tuple[str, Callable[[dict[str, Any]], object]]] = {
    "another decision": ("decision.decision", lambda pack: pack["decision"].update(decision="go")),
    "a laxer quorum": ("decision.decision", lambda pack: pack["decision"].update(quorum=3)),
    "a vote dropped": ("decision.decision", lambda pack: pack["votes"].pop()),
    "a vote twice": ("votes[2].voter", lambda pack: pack["votes"].append(deepcopy(pack["votes"][0]))),
    "the submitter votes": ("votes[0].voter", lambda pack: pack["votes"][0]["voter"].update(username="owner")),
    "a vote on another packet": ("votes[1].packet", lambda pack: pack["votes"][1].update(packet="sha256:0")),
    "a late vote": ("votes[1].cast_at", lambda pack: pack["votes"][1].update(cast_at="2031-01-01T00:00:00Z")),
    "a condition dropped": ("conditions", lambda pack: pack["conditions"].clear()),
    "another document": ("decision.packet", lambda pack: pack["document"].update(level="lean")),
    "another template": ("document.template", lambda pack: pack["gate"]["template"].update(digest="sha256:0")),
    "another subject": ("document.subject", lambda pack: pack["subject"].update(model="m2")),
    "a check that was met": ("basis.checks[0]", lambda pack: pack["basis"]["checks"][0].update(state="waived")),
    "another hash in the basis": (
        "basis.checks[0].evidence",
        lambda pack: next(row for row in pack["basis"]["checks"] if row["evidence"])["evidence"][0].update(id=0),
    ),
    "another file": ("evidence[0].sha256", lambda pack: pack["evidence"][0].update(sha256="0" * 64)),
    "another address": ("evidence[1].url", lambda pack: pack["evidence"][1].update(url="https://elsewhere.example")),
    "evidence dropped": ("evidence", lambda pack: pack["evidence"].pop()),
    "a risk invented": ("risks", lambda pack: pack["risks"].append({**RISK})),
    "a waiver invented": ("waivers", lambda pack: pack["waivers"].append({"check": "charter", "until": "2030-01-01"})),
    "another limit": ("limits[0].threshold", lambda pack: pack["limits"].append({"check": "x", "threshold": 1})),
    "an entry rewritten": ("journal[1].hash", lambda pack: pack["journal"][1]["data"].update(vote="go")),
    "an entry dropped": ("journal", lambda pack: pack["journal"].pop(0)),
    "an entry rewritten with its hash": ("journal[1].prev_hash", lambda pack: _rehash(pack["journal"][0])),
    "a decision of another day": ("journal[2].at", lambda pack: pack["journal"][2].update(at="2030-01-01T00:00:00Z")),
}
RISK = {"id": 1, "score": 25, "level": "critical", "accepted": False, "acceptance": None}


def _rehash(entry: dict[str, Any]) -> None:
    entry["data"]["despite_blockers"] = False
    entry["hash"] = digest({name: entry[name] for name in HASHED} | {"at": entry["at"]})


@pytest.mark.parametrize("name", FORGERIES)
def test_what_is_forged_with_a_new_manifest_contradicts_itself(pack: dict[str, Any], name: str) -> None:
    place, forge = FORGERIES[name]
    forge(pack)

    assert any(found.startswith(place) for found in places_of(sealed(pack))), places_of(sealed(pack))


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from leaves(item, (*path, key))


def mutated(pack: dict[str, Any], path: tuple[Any, ...], how: int) -> dict[str, Any]:
    """One change at `path`: another value, taken out, or something beside it."""
    changed = deepcopy(pack)
    parent = changed
    for key in path[:-1]:
        parent = parent[key]
    if how == 0:
        parent[path[-1]] = {"other": 1} if parent[path[-1]] in ([], {}, None, "") else None
    elif how == 1:
        del parent[path[-1]]
    elif isinstance(parent, dict):
        parent["inserted"] = 1
    else:
        parent.insert(path[-1], {"inserted": 1})
    return changed


def test_any_single_change_is_found(pack: dict[str, Any]) -> None:
    paths = [path for path in leaves(pack) if path]

    @settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.sampled_from(paths), st.integers(0, 2))
    def check(path: tuple[Any, ...], how: int) -> None:
        if path == ("schema",) and how != 2:
            return  # another schema, or none, is refused before
        assert verify_pack(mutated(pack, path, how)), (path, how)

    check()


def run(*arguments: object) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("verify_pack", *map(str, arguments), stdout=out)
    except CommandError as refusal:
        return refusal.returncode, f"{out.getvalue()}{refusal}"
    return 0, out.getvalue()


def test_the_command_tells_sound_from_forged_from_unreadable(pack: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "reco.pack.json"

    file.write_text(json.dumps(pack))
    assert run(file)[0] == 0
    pack["votes"][0]["rationale"] = "I never read it."
    file.write_text(json.dumps(pack))
    code, said = run(file)
    assert (code, "votes[0]: it was changed" in said) == (1, True)
    for broken in ("", "[]", '{"schema": "eightgate/pack@2"}', '{"schema": "eightgate/pack@1", "schema": 1}', "NaN"):
        file.write_text(broken)
        assert run(file)[0] == 2, broken
    assert run(tmp_path / "nowhere.json")[0] == 2


def test_the_command_asks_no_database(pack: dict[str, Any], tmp_path: Path, django_assert_num_queries: Any) -> None:
    file = tmp_path / "reco.pack.json"
    file.write_text(json.dumps(pack))

    with django_assert_num_queries(0):
        assert run(file)[0] == 0


def test_files_beside_the_pack_are_compared(pack: dict[str, Any], tmp_path: Path) -> None:
    file, folder = tmp_path / "reco.pack.json", tmp_path / "files"
    file.write_text(json.dumps(pack))
    folder.mkdir()

    (folder / "whatever.bin").write_bytes(FILE)
    assert run(file, "--files", folder) == (0, run(file)[1] + "1 of 1 evidence files lie there unchanged\n")
    (folder / "whatever.bin").rename(folder / "proof.txt")
    (folder / "proof.txt").write_bytes(FILE + b"!")
    code, said = run(file, "--files", folder)
    assert (code, "the file proof.txt has another SHA-256" in said) == (1, True)


def test_a_packet_holds_no_address_of_a_confidential_link(pack: dict[str, Any], decided: GateReview) -> None:
    frozen = json.dumps([decided.document, decided.basis])
    link = next(one for one in pack["evidence"] if one["title"] == "Contract")

    assert SECRET not in frozen
    assert f"sha256:{hashlib.sha256(SECRET.encode()).hexdigest()}" in frozen
    assert link["url"] == SECRET  # its reader may see it
    link["url"] = ""
    assert verify_pack(sealed(pack)) == []


def test_only_those_who_may_export_get_it(
    decided: GateReview, owner: User, contributor: User, viewer: User, auditor: User, stranger: User, admin: User,
    client: Client,
) -> None:  # fmt: skip
    for user, status in (
        (owner, 200),
        (contributor, 200),
        (auditor, 200),
        (viewer, 403),
        (stranger, 403),
        (admin, 403),
    ):
        client.force_login(user)
        for place in (f"/api/v1/reviews/{decided.pk}/pack/", f"/reviews/{decided.pk}/pack/"):
            assert (user.username, place, client.get(place).status_code) == (user.username, place, status)


def test_who_may_not_read_the_journal_gets_its_chain_alone(
    decided: GateReview, contributor: User, api: Api, tmp_path: Path
) -> None:
    content = api(contributor).get(f"/api/v1/reviews/{decided.pk}/pack/").content
    (tmp_path / "pack.json").write_bytes(content)

    pack = read_pack(content)
    assert all(entry["withheld"] and "ip" not in entry and "data" not in entry for entry in pack["journal"])
    assert run(tmp_path / "pack.json")[0] == 0
    assert "3 journal entries come without their fields" in run(tmp_path / "pack.json")[1]


def test_an_open_or_withdrawn_round_has_no_pack(ready: GateReview, owner: User, api: Api, now: datetime) -> None:
    place = f"/api/v1/reviews/{ready.pk}/pack/"

    still = api(owner).get(place)
    services.withdraw_review(review=ready, actor=Actor.for_user(owner), now=now)
    gone = api(owner).get(place)

    assert [(one.status_code, one.json()["code"]) for one in (still, gone)] == [(409, "review_not_decided")] * 2
    assert "withdrawn" in gone.json()["detail"]


def test_the_same_round_gives_the_same_bytes_and_each_export_is_journalled(
    decided: GateReview, owner: User, api: Api
) -> None:
    place = f"/api/v1/reviews/{decided.pk}/pack/"

    first = api(owner).get(f"{place}?format=json", headers={"accept": "text/html"})
    second = api(owner).get(place)

    assert first.content == second.content
    assert first["Content-Disposition"] == 'attachment; filename="RECO-initiation-1-1.pack.json"'
    exported = Entry.objects.filter(verb="pack.exported", object=f"review:{decided.pk}")
    assert [entry.data["digest"] for entry in exported] == [read_pack(first.content)["manifest"]["digest"]] * 2
    assert api(owner).get(f"{place}?format=xml").json()["code"] == "not_acceptable"


@pytest.mark.parametrize("tongue", ["en", "zh-hans"])
def test_paper_is_a_pdf_with_embedded_fonts(decided: GateReview, owner: User, client: Client, tongue: str) -> None:
    client.force_login(owner)
    answer = client.get(f"/api/v1/reviews/{decided.pk}/pack/?format=pdf", headers={"accept-language": tongue})

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    assert len(answer.content) > 15_000
    assert Entry.objects.get(verb="pack.exported").data["format"] == "pdf"


def test_paper_fetches_nothing_from_elsewhere() -> None:
    for address in (
        "http://127.0.0.1/x.png",
        "file:///etc/passwd",
        f"{ORIGIN}../manage.py",
        f"{ORIGIN}/etc/passwd",
        "data:,x",
    ):
        with pytest.raises(ValueError, match="nothing is fetched"):
            _own(address)
    assert _own(f"{ORIGIN}pack.css").is_file()


def test_a_key_twice_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        read_pack(b'{"schema": "eightgate/pack@1", "votes": [], "votes": []}')
