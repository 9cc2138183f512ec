"""Proof: which files are taken, where they lie, who may take them back."""

import hashlib
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as product
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.actor import Actor
from accounts.models import User
from common.errors import DomainError, PermissionDenied, RateLimited, ValidationFailed, VersionMismatch
from journal.models import Entry, Notice
from projects.errors import ProjectArchived
from projects.models import Project
from projects.services import archive_project
from records import services
from records.errors import EvidenceAlreadyWithdrawn, EvidenceRevised, FileDamaged
from records.management.commands import verify_evidence
from records.models import Blob, Evidence
from records.services import evidence as evidence_services
from records.services.blobs import CHUNK
from tests.fixtures.rooms import AddFile

pytestmark = pytest.mark.core


def stored_files() -> list[Path]:
    return [path for path in Path(product.MEDIA_ROOT).rglob("*") if path.is_file()]


def place(row: Evidence) -> Path:
    assert row.blob is not None
    return services.path_of(row.blob)


def test_a_file_lies_under_its_hash(project: Project, contributor: User, add_file: AddFile) -> None:
    row = add_file(project, contributor, "plan.txt", b"a plan")

    sha256 = hashlib.sha256(b"a plan").hexdigest()
    assert (row.sha256, row.size, row.filename, row.content_type) == (sha256, 6, "plan.txt", "text/plain")
    assert stored_files() == [Path(product.MEDIA_ROOT) / f"blobs/{sha256[:2]}/{sha256[2:4]}/{sha256}"]


def test_the_same_bytes_are_kept_once(project: Project, contributor: User, add_file: AddFile) -> None:
    add_file(project, contributor, "one.txt")
    add_file(project, contributor, "two.txt")

    assert (Blob.objects.count(), Evidence.objects.count(), len(stored_files())) == (1, 2, 1)


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("x.svg", b"<svg onload='alert(1)'/>", "file_type_not_allowed"),
        ("x.html", b"<p>", "file_type_not_allowed"),
        ("x.exe", b"MZ", "file_type_not_allowed"),
        ("report.pdf", b"<html><script>alert(1)</script>", "content_mismatch"),
        ("photo.png", b"\xff\xd8\xff", "content_mismatch"),
        ("notes.txt", b"\xef\xbb\xbf <!DOCTYPE html><p>", "content_mismatch"),
        ("notes.txt", b"text\x00", "content_mismatch"),
        ("film.webp", b"RIFF\x00\x00\x00\x00AVI LIST", "content_mismatch"),
        ("weights.pt", b"MZ\x90\x00", "content_mismatch"),
        ("drawing.md", b"<?xml version='1.0'?><!-- x --><svg>", "content_mismatch"),
        ("empty.txt", b"", "empty_file"),
        ("noending", b"x", "invalid_filename"),
        ("a\u202etxt.pdf", b"%PDF-", "invalid_filename"),
        ("密" * 90 + ".txt", b"x", "invalid_filename"),
    ],
)
def test_files_that_are_not_what_they_say_are_refused(
    project: Project, contributor: User, add_file: AddFile, name: str, data: bytes, code: str
) -> None:
    with pytest.raises(DomainError) as refusal:
        add_file(project, contributor, name, data)

    assert refusal.value.code == code
    assert stored_files() == []
    assert not Evidence.objects.exists()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("plan.pdf", b"%PDF-1.7\n"),
        ("photo.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 "),
        ("数据.csv", "列,值\n".encode("gb18030")),
        ("sheet.xlsx", b"PK\x03\x04rest"),
        ("weights.safetensors", b"\x08\x00\x00\x00\x00\x00\x00\x00{}"),
        ("REPORT.MD", b"# Report"),
        ("wide.txt", "wide".encode("utf-16")),
    ],
)
def test_ordinary_files_are_taken(
    project: Project, contributor: User, add_file: AddFile, name: str, data: bytes
) -> None:
    assert add_file(project, contributor, name, data).size == len(data)


def test_only_the_last_part_of_a_name_is_kept(project: Project, contributor: User, add_file: AddFile) -> None:
    assert add_file(project, contributor, "..\\..\\etc\\x.txt").filename == "x.txt"


def test_a_file_above_the_limit_leaves_nothing(
    project: Project, contributor: User, add_file: AddFile, settings: Settings
) -> None:
    settings.EVIDENCE_MAX_BYTES = 10

    with pytest.raises(DomainError) as refusal:
        add_file(project, contributor, "big.txt", b"x" * 11)

    assert (refusal.value.status, refusal.value.code) == (413, "file_too_large")
    assert stored_files() == []


def test_a_project_has_room_for_so_much(
    project: Project, contributor: User, add_file: AddFile, settings: Settings
) -> None:
    settings.EVIDENCE_MAX_PROJECT_BYTES = 15
    add_file(project, contributor, "a.txt", b"x" * 10)

    with pytest.raises(DomainError) as refusal:
        add_file(project, contributor, "b.txt", b"y" * 10)

    assert (refusal.value.status, refusal.value.code) == (413, "project_quota_exceeded")
    assert len(stored_files()) == 1


def test_a_person_uploads_so_many_files_an_hour(
    project: Project, contributor: User, add_file: AddFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_services, "UPLOADS_PER_HOUR", 1)
    first = add_file(project, contributor, "a.txt")

    for facts in ({}, {"revises": first}):
        with pytest.raises(RateLimited):
            add_file(project, contributor, "b.txt", **facts)


def test_an_announced_hash_is_compared(project: Project, contributor: User, add_file: AddFile) -> None:
    right = hashlib.sha256(b"a plan").hexdigest()
    assert add_file(project, contributor, declared_sha256=right.upper()).sha256 == right

    with pytest.raises(DomainError) as refusal:
        add_file(project, contributor, declared_sha256="0" * 64)

    assert refusal.value.code == "digest_mismatch"
    assert len(stored_files()) == 1


def test_a_link_is_of_the_web(project: Project, contributor: User, now: datetime) -> None:
    actor = Actor.for_user(contributor)
    services.set_subject(project=project, actor=actor, parts={"model": "reco 1.0"}, now=now)

    row = services.add_link(project=project, actor=actor, url="https://wiki.example/plan", title="Plan", now=now)

    assert (row.url, row.effective_at, row.subject) == ("https://wiki.example/plan", now, {"model": "reco 1.0"})
    for url in ("javascript:alert(1)", "ftp://x.example/", "https://", "https://user:pw@x.example/", "/plan"):
        with pytest.raises(ValidationFailed):
            services.add_link(project=project, actor=actor, url=url, title="Plan", now=now)


def test_proof_does_not_end_before_it_begins(project: Project, contributor: User, add_file: AddFile) -> None:
    with pytest.raises(ValidationFailed):
        add_file(project, contributor, valid_until=datetime(2026, 3, 1).date())  # noqa: DTZ001 - a day


def test_a_viewer_adds_nothing(project: Project, viewer: User, add_file: AddFile) -> None:
    with pytest.raises(PermissionDenied):
        add_file(project, viewer)


def test_proof_is_withdrawn_with_a_reason(
    project: Project, contributor: User, add_file: AddFile, now: datetime
) -> None:
    row = add_file(project, contributor)

    row = services.withdraw_evidence(
        evidence=row, actor=Actor.for_user(contributor), reason="wrong file", version=1, now=now
    )

    assert (row.withdrawn_by, row.withdrawn_reason, row.version) == (contributor, "wrong file", 2)
    assert not Evidence.objects.standing().exists()
    assert Entry.objects.newest_first()[0].verb == "evidence.withdrawn"
    with pytest.raises(EvidenceAlreadyWithdrawn):
        services.withdraw_evidence(evidence=row, actor=Actor.for_user(contributor), reason="again", version=2, now=now)


def test_proof_of_an_archived_project_stays_as_it_is(
    project: Project, owner: User, add_file: AddFile, now: datetime
) -> None:
    row, actor = add_file(project, owner), Actor.for_user(owner)
    archive_project(project=project, actor=actor, now=now)

    with pytest.raises(ProjectArchived):
        services.withdraw_evidence(evidence=row, actor=actor, reason="wrong file", version=1, now=now)


def test_others_withdraw_only_what_they_made(
    project: Project, owner: User, contributor: User, gatekeeper: User, add_file: AddFile, now: datetime
) -> None:
    row = add_file(project, contributor)

    def withdraw(person: User, version: int = 1) -> Evidence:
        actor = Actor.for_user(person)
        return services.withdraw_evidence(evidence=row, actor=actor, reason="wrong", version=version, now=now)

    with pytest.raises(PermissionDenied):
        withdraw(gatekeeper)
    with pytest.raises(VersionMismatch):
        withdraw(owner, version=7)
    assert withdraw(owner).withdrawn_at == now


def verify(capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Exit code, what is said, and what is complained of."""
    try:
        call_command("verify_evidence")
        code = 0
    except CommandError as failure:
        code = failure.returncode
    said = capsys.readouterr()
    return code, said.out, said.err


def test_sound_files_are_found_sound(
    project: Project, contributor: User, add_file: AddFile, capsys: pytest.CaptureFixture[str]
) -> None:
    add_file(project, contributor)

    assert verify(capsys) == (0, "1 files are sound.\n", "")


def test_damaged_and_missing_files_are_named_with_what_rests_on_them(
    project: Project, contributor: User, add_file: AddFile, capsys: pytest.CaptureFixture[str]
) -> None:
    bad, gone, sound = (
        add_file(project, contributor, f"{name}.txt", name.encode()) for name in ("bad", "gone", "sound")
    )
    place(bad).write_bytes(b"dab")
    place(gone).unlink()

    code, _said, complained = verify(capsys)

    assert code == 1
    assert f"damaged: {bad.blob.path} (evidence {bad.pk} of RECO)" in complained  # type: ignore[union-attr]
    assert f"missing: {gone.blob.path} (evidence {gone.pk} of RECO)" in complained  # type: ignore[union-attr]
    assert sound.sha256 not in complained


def test_files_without_a_row_are_named_and_no_failure(
    project: Project, contributor: User, add_file: AddFile, capsys: pytest.CaptureFixture[str]
) -> None:
    orphan = place(add_file(project, contributor)).with_name("a" * 64)
    orphan.write_bytes(b"x")

    code, said, complained = verify(capsys)

    assert (code, said) == (0, "1 files are sound, 1 without a row.\n")
    assert complained.startswith("orphan: blobs/")
    assert complained.endswith(f"/{'a' * 64}\n")


def test_progress_is_shown_while_many_files_are_hashed(
    project: Project,
    contributor: User,
    add_file: AddFile,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(verify_evidence, "SECONDS_BETWEEN_LINES", 0)
    for number in range(3):
        add_file(project, contributor, data=b"x" * (number + 1))

    assert verify(capsys)[1] == "1 of 3 files\n2 of 3 files\n3 files are sound.\n"


@pytest.mark.parametrize(
    "harm", [lambda path: path.write_bytes(b"b plan"), lambda path: path.write_bytes(b"longer plan")]
)
def test_of_a_damaged_file_not_one_byte_leaves(
    project: Project,
    contributor: User,
    add_file: AddFile,
    harm: Callable[[Path], int],
    caplog: pytest.LogCaptureFixture,
) -> None:
    row = add_file(project, contributor)
    assert row.blob is not None
    harm(place(row))

    with pytest.raises(FileDamaged):
        services.opened(row.blob)

    assert row.sha256 in caplog.text


def test_of_a_missing_file_nothing_is_opened(project: Project, contributor: User, add_file: AddFile) -> None:
    row = add_file(project, contributor)
    assert row.blob is not None
    place(row).unlink()

    with pytest.raises(FileDamaged):
        services.opened(row.blob)


def test_of_a_file_that_changes_while_it_is_sent_the_last_piece_never_arrives(
    project: Project, contributor: User, add_file: AddFile
) -> None:
    row = add_file(project, contributor, "w.pt", b"x" * (CHUNK * 3))
    assert row.blob is not None
    pieces = services.opened(row.blob)
    sent = len(next(pieces))
    with place(row).open("r+b") as file:
        file.seek(CHUNK * 2)
        file.write(b"y")

    rest: list[bytes] = []
    with pytest.raises(FileDamaged):
        rest.extend(pieces)

    assert sent + sum(map(len, rest)) < CHUNK * 3


def test_damage_is_told_to_the_journal_and_the_owners_once_a_day(
    project: Project, contributor: User, add_file: AddFile, now: datetime
) -> None:
    row, actor = add_file(project, contributor), Actor.for_user(contributor)

    for hours in (0, 1, 25):
        services.report_damage(evidence=row, actor=actor, now=now + timedelta(hours=hours))

    assert Entry.objects.filter(verb="evidence.damaged", object=f"evidence:{row.pk}").count() == 2
    assert Notice.objects.filter(
        kind="evidence.damaged", recipient_id=project.memberships.get(owner=True).user_id
    ).exists()


def test_a_revision_follows_the_one_before_it(
    project: Project, contributor: User, owner: User, add_file: AddFile, now: datetime
) -> None:
    first = add_file(project, contributor, title="Test plan", confidential=True)
    second = add_file(project, owner, "plan2.txt", b"another plan", revises=first)
    third = services.add_link(
        project=project, actor=Actor.for_user(owner), url="https://x.example/3", title="Plan 3", revises=second, now=now
    )

    assert [(row.revision, row.title, row.first_id) for row in (first, second, third)] == [
        (1, "Test plan", None),
        (2, "Test plan", first.pk),
        (3, "Plan 3", first.pk),
    ]
    assert second.confidential
    assert third.confidential
    assert (second.supplied_by, second.sha256 != first.sha256) == (owner, True)
    assert list(Evidence.objects.revisions_of(second).newest_first()) == [third, second, first]
    assert list(Evidence.objects.newest()) == [third]


def test_only_the_latest_revision_is_revised(project: Project, contributor: User, add_file: AddFile) -> None:
    first = add_file(project, contributor)
    second = add_file(project, contributor, data=b"2", revises=first)

    with pytest.raises(EvidenceRevised) as refusal:
        services.check_newest(first)

    assert refusal.value.extra == {"newest": second.pk}
    services.check_newest(second)


def test_a_link_that_is_recognised_names_itself(project: Project, contributor: User, now: datetime) -> None:
    actor, url = Actor.for_user(contributor), "https://git.example.org/ml/reco/-/merge_requests/4"

    row = services.add_link(project=project, actor=actor, url=url, now=now)
    named = services.add_link(project=project, actor=actor, url=url, title="My own words", now=now)
    plain = services.add_link(project=project, actor=actor, url="https://docs.example.org/x", now=now)

    assert (row.title, named.title, plain.title) == ("ml/reco!4", "My own words", "https://docs.example.org/x")


def test_a_file_comes_in_pieces(
    project: Project, contributor: User, now: datetime, make_user: Callable[..., User]
) -> None:
    data = bytes(range(1, 256)) * 5000
    with services.received(file=SimpleUploadedFile("w.pt", data)) as taken:
        blob = services.keep_blob(taken, now=now)

    assert b"".join(services.opened(blob)) == data


def age(path: Path, now: datetime, hours: int) -> Path:
    moment = (now - timedelta(hours=hours)).timestamp()
    os.utime(path, (moment, moment))
    return path


def test_files_that_no_row_names_go_after_a_day(
    project: Project, contributor: User, add_file: AddFile, now: datetime
) -> None:
    named = age(services.path_of(add_file(project, contributor).blob), now, 48)
    unnamed, young = (named.with_name(digit * 64) for digit in "ab")
    cut = Path(product.MEDIA_ROOT) / "incoming" / "blob-cut"
    for path, hours in ((unnamed, 25), (young, 23), (cut, 25)):
        path.write_bytes(b"x")
        age(path, now, hours)

    assert services.sweep_blobs(now=now) == 2
    assert set(stored_files()) == {named, young}


def test_the_sweep_asks_for_many_files_at_once(
    project: Project, contributor: User, add_file: AddFile, now: datetime, django_assert_num_queries: Any
) -> None:
    for number in range(5):
        age(services.path_of(add_file(project, contributor, data=b"x" * (number + 1)).blob), now, 48)

    with django_assert_num_queries(1):
        assert services.sweep_blobs(now=now) == 0
