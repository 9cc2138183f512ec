"""Checks as rows to work on: what this person can do with each, on the row itself."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actor import Actor
from common.texts import localised
from lifecycle.criteria import SETTLED, Assessed, GateFacts, Readiness
from lifecycle.criteria.wording import detail
from lifecycle.criteria.wording.shapes import role_name
from lifecycle.forms import WaiverForm
from lifecycle.models import Check, Stage
from lifecycle.views.marks import ORDER
from lifecycle.views.shown import check_row
from projects.models import Project
from projects.permissions import Action, may, roles_of


def work_groups(answer: Readiness, actor: Actor, stage: Stage, *, frozen: dict[str, str]) -> list[dict[str, Any]]:
    """Rows by state, open ones first; a stage that is over shows what was decided and offers nothing.

    Except on a check that a standing condition still asks for.
    """
    rights, over = rights_of(actor, stage.project), stage.ended_at is not None
    owed = {condition.check for condition in answer.facts.conditions}
    rows = [
        work_row(
            one, answer.facts, rights, over=over and one.check.key not in owed, frozen=frozen.get(one.check.key)
        )
        for one in answer.checks
    ]
    groups = [{"state": state, "checks": [row for row in rows if row["state"] == state]} for state in ORDER]
    return [group for group in groups if group["checks"]]


def one_row(check: Check, answer: Readiness, actor: Actor) -> dict[str, Any]:
    """The row of one check after it changed."""
    return work_row(answer.of(check.key), answer.facts, rights_of(actor, check.stage.project), over=False)


def rights_of(actor: Actor, project: Project) -> dict[str, Any]:
    return {
        "work": may(actor, Action.WORK, project),
        "sign": may(actor, Action.SIGN, project),
        "waive": may(actor, Action.WAIVE, project),
        "roles": roles_of(actor.person, project),
    }


def work_row(
    one: Assessed, facts: GateFacts, rights: dict[str, Any], *, over: bool, frozen: str | None = None
) -> dict[str, Any]:
    """`check_row` with the guidance, what blocks it, and the forms that this person may use."""
    check = one.check
    row = check_row(one, facts, frozen or one.state.value)
    row |= {
        "pk": check.id,
        "key": check.key,
        "kind": check.kind,
        "guidance": localised(check.item.guidance),
        "refs": ", ".join(check.item.refs),
        "note": check.note,
        "assignee": check.assignee_name,
        "due": check.due_on,
        "late": bool(check.due_on and check.due_on < facts.today and one.state not in SETTLED),
        "says": detail(one.finding.blocker) if one.finding.blocker and not frozen else "",
        "who_may": ", ".join(role_name(role) for role in one.finding.blocker.who) if one.finding.blocker else "",
        "version": check.version,
    }
    return row if over else row | _offers(one, facts, rights)


def _offers(one: Assessed, facts: GateFacts, rights: dict[str, Any]) -> dict[str, Any]:
    check, settled = one.check, one.state in SETTLED
    offers: dict[str, Any] = {"answer_url": reverse("answer-check", args=[check.id])}
    if rights["work"] and check.kind == "evidence" and one.state != "not_applicable":
        proof_url = reverse("attach-proof", args=[check.id])
        offers["drop"] = {"url": proof_url, "target": f"#check-{check.key}", "max_bytes": settings.EVIDENCE_MAX_BYTES}
    if tick := _tick(one, rights):
        offers["tick"] = dict(zip(("state", "label"), tick, strict=True))
    if path := _elsewhere(one):
        offers["open"] = {"url": f"/projects/{facts.project_key}/{path}", "label": _("Open")}
    if rights["waive"] and not settled:
        form = WaiverForm(auto_id=f"waive-{check.id}-%s")
        offers["waive"] = {"url": reverse("waive-check", args=[check.id]), "form": form}
    offers["confirm_na"] = rights["waive"] and check.answer == "not_applicable" and not check.confirmed
    return offers


def _tick(one: Assessed, rights: dict[str, Any]) -> tuple[str, str] | None:
    """The one click on this check: the state it sets, and its label."""
    check = one.check
    met = check.answer == "met"
    if check.kind == "manual" and rights["work"]:
        return ("open", _("Undo")) if met else ("met", _("Done"))
    if check.kind == "approval" and rights["sign"] and check.item.criterion["role"] in rights["roles"]:
        return ("open", _("Take the signature back")) if met else ("met", _("Sign"))
    if check.kind == "evidence" and rights["work"] and check.carried == "reverify" and check.proofs and not met:
        return ("met", _("The proof still holds"))
    return None


def _elsewhere(one: Assessed) -> str:
    """Where a check is worked on that has no answer of its own."""
    if one.check.kind == "assessment":
        return f"assessments/{one.check.item.criterion['assessment']}/"
    return {"risk": "risks/", "metric": "records/"}.get(one.check.kind, "")
