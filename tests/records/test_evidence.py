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
from journal.models import Entry
from projects.errors import ProjectArchived
from projects.models import Project
from projects.services import archive_project
from records import services
from records.errors import EvidenceAlreadyWithdrawn
from records.models import Blob, Evidence
from records.services import evidence as evidence_services
from tests.fixtures.rooms import AddFile

pytestmark = pytest.mark.core


def stored_files() -> list[Path]:
    return [path for path in Path(product.MEDIA_ROOT).rglob("*") if path.is_file()]


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
    add_file(project, contributor, "a.txt")

    with pytest.raises(RateLimited):
        add_file(project, contributor, "b.txt")


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


def test_damaged_files_are_found(
    project: Project, contributor: User, add_file: AddFile, capsys: pytest.CaptureFixture[str]
) -> None:
    row = add_file(project, contributor)
    call_command("verify_blobs")
    assert row.blob is not None
    services.path_of(row.blob).write_bytes(b"b plan")

    with pytest.raises(CommandError) as failure:
        call_command("verify_blobs")

    assert failure.value.returncode == 1
    assert row.sha256 in capsys.readouterr().err


def test_of_a_damaged_file_the_last_piece_never_arrives(project: Project, contributor: User, add_file: AddFile) -> None:
    row = add_file(project, contributor)
    assert row.blob is not None
    services.path_of(row.blob).write_bytes(b"b plan")

    with pytest.raises(DomainError):
        next(services.opened(row.blob))


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
