"""Evidence as rows of pages: what kind it is, where it opens, and whether it still holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from django.urls import reverse

from common.texts import as_read
from records.models import Evidence, Link
from records.selectors.previews import preview_of

# Icons of the sprite; other links are a chain, files a sheet.
ICONS = {
    "github": "github",
    "gitlab": "gitlab",
    "jira": "jira",
    "confluence": "book",
    "mlflow": "flask",
    "huggingface": "smile",
    "feishu": "doc",
    "lark": "doc",
}


@dataclass(frozen=True, slots=True)
class ProofRow:
    """`url` opens the proof itself, `preview` shows it here; both are "" where the reader may not, or there is none."""

    id: int
    title: str
    page: str
    url: str
    preview: str
    is_file: bool
    label: str
    icon: str
    host: str
    filename: str
    size: int | None
    sha256: str
    confidential: bool
    supplied_by: str
    supplied_at: datetime
    effective_at: datetime
    valid_until: date | None
    expired: bool
    revision: int
    withdrawn_at: datetime | None
    withdrawn_by: str
    reason: str
    version: int


def proof_row(row: Evidence, *, confidential: bool, today: date) -> ProofRow:
    """Its `supplied_by` and `withdrawn_by` should be joined. `confidential`: whether the reader sees such proof."""
    told = confidential or not row.confidential
    link = row.link if told else Link()
    previewed = told and row.is_file and preview_of(row.filename)
    return ProofRow(
        id=row.pk,
        title=as_read(row.title),
        page=row.get_absolute_url(),
        url="" if not told else row.url or reverse("evidence-download", args=[row.pk]),
        preview=reverse("preview-evidence", args=[row.pk]) if previewed else "",
        is_file=row.is_file,
        label=link.label,
        icon=proof_icon(link, is_file=row.is_file),
        host=urlsplit(row.url).hostname or "" if told else "",
        filename=row.filename,
        size=row.size,
        sha256=row.sha256,
        confidential=row.confidential,
        supplied_by=row.supplied_by.display_name,
        supplied_at=row.supplied_at,
        effective_at=row.effective_at,
        valid_until=row.valid_until,
        expired=row.valid_until is not None and row.valid_until < today,
        revision=row.revision,
        withdrawn_at=row.withdrawn_at,
        withdrawn_by=row.withdrawn_by.display_name if row.withdrawn_by else "",
        reason=row.withdrawn_reason,
        version=row.version,
    )


def proof_icon(link: Link, *, is_file: bool) -> str:
    return "doc" if is_file else ICONS.get(link.kind, "link")


def proof_rows(rows: Iterable[Evidence], *, confidential: bool, today: date) -> list[ProofRow]:
    return [proof_row(row, confidential=confidential, today=today) for row in rows]
