from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from common.canonical import encode
from common.errors import PermissionDenied
from common.pdf import ORIGIN, render_pdf
from journal.services import record
from lifecycle.errors import ReviewNotDecided
from lifecycle.models import GateReview, ReviewState
from lifecycle.selectors.packs import holds_addresses, pack_of, packable, printed
from projects.permissions import Action, may, require

FORMATS = {"json": "application/json", "pdf": "application/pdf"}


@dataclass(frozen=True, slots=True)
class Export:
    """A pack as a file."""

    filename: str
    content_type: str
    content: bytes
    digest: str


def read_pack(*, review: GateReview, actor: Actor) -> dict[str, Any]:
    """The pack of a decided round, as far as this reader may see it.

    Raises PermissionDenied, ReviewNotDecided.
    """
    project = review.stage.project
    require(actor, Action.EXPORT, project)
    if review.state != ReviewState.DECIDED:
        raise ReviewNotDecided(
            _("A pack tells of a decision. This round is still open.")
            if review.is_open
            else _("A pack tells of a decision. This round was withdrawn without one.")
        )
    whole, confidential = packable(review.pk), may(actor, Action.SEE_CONFIDENTIAL, project)
    if not confidential and holds_addresses(whole):
        # Blanked, their packet could not be verified; those of today hold the fingerprint of such an address.
        raise PermissionDenied(
            _("The packet of this round holds addresses of confidential links."), missing=Action.SEE_CONFIDENTIAL.value
        )
    return pack_of(whole, confidential=confidential, read_journal=may(actor, Action.READ_PROJECT_JOURNAL, project))


def export_pack(*, review: GateReview, actor: Actor, format: str, now: datetime) -> Export:  # noqa: A002 - as in ?format=
    """The pack as a JSON or PDF file, journalled.

    Not one transaction: nothing but the journal is written, and a PDF takes a second or two.
    Raises PermissionDenied, ReviewNotDecided, PdfNotAvailable.
    """
    pack = read_pack(review=review, actor=actor)
    digest, stage, project = pack["manifest"]["digest"], review.stage, review.stage.project
    content = encode(pack) + b"\n" if format == "json" else _paper(pack)
    name = f"{project.key}-{stage.key}-{stage.iteration}-{review.round}.pack.{format}"
    record(
        "pack.exported",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"review:{review.pk}",
        stage=stage.key,
        format=format,
        digest=digest,
    )
    return Export(name, FORMATS[format], content, digest)


def _paper(pack: dict[str, Any]) -> bytes:
    shown = {"pack": printed(pack), "stylesheet": f"{ORIGIN}pack.css"}
    return render_pdf(render_to_string("lifecycle/pack_print.html", shown))
