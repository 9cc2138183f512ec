from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.actor import Actor
from lifecycle.models import TemplateVersion
from lifecycle.models.definition import parse
from lifecycle.models.format import Document
from lifecycle.selectors.templates.differences import Change, changes_between
from lifecycle.selectors.templates.impact import Impact, impact_of
from lifecycle.selectors.templates.phrases import names_in, said


@dataclass(frozen=True, slots=True)
class Plan:
    """What publishing a document would change: against the newest version, and for the projects that run."""

    key: str
    before: TemplateVersion | None
    names: dict[str, Any]
    changes: tuple[Change, ...]
    impact: Impact

    def as_dict(self) -> dict[str, Any]:
        return {
            "template": self.key,
            "from_version": self.before.number if self.before else None,
            "changes": [{**change.as_dict(), "detail": said(change, self.names)} for change in self.changes],
            "impact": self.impact.as_dict(),
        }


def plan_of(document: Document, *, actor: Actor, today: date) -> Plan:
    """`document` is one that could be published; nothing is written."""
    before = TemplateVersion.objects.published().filter(template__key=document["key"]).order_by("-number").first()
    old = before.document if before else None
    return Plan(
        key=document["key"],
        before=before,
        names=names_in(old, document),
        changes=tuple(changes_between(old, document)),
        impact=impact_of(parse(document), actor=actor, today=today),
    )
