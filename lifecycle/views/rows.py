"""Checks as rows to work on: what this person can do with each, on the row itself."""

from typing import Any

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
from projects.permissions import Action, may, roles_of
from projects.models import Project


def work_groups(answer: Readiness, actor: Actor, stage: Stage, *, frozen: dict[str, str]) -> list[dict[str, Any]]:
    """Rows by state, open ones first; a stage that is over shows what was decided and offers nothing."""
    rights = rights_of(actor, stage.project)
    rows = [
        work_row(one, answer.facts, rights, over=stage.ended_at is not None, frozen=frozen.get(one.check.key))
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
    answer_url, proof_url = reverse("answer-check", args=[check.id]), reverse("attach-proof", args=[check.id])
    offers: dict[str, Any] = {"answer_url": answer_url}
    if rights["work"] and check.kind == "evidence" and one.state != "not_applicable":
        offers["drop"] = {"url": proof_url, "target": f"#check-{check.key}", "max_bytes": 25 * 1024 * 1024}
        if not settled and check.carried == "reverify" and check.proofs:
            offers["tick"] = {"state": "met", "label": _("The proof still holds")}
    if rights["work"] and check.kind == "manual":
        offers["tick"] = (
            {"state": "open", "label": _("Undo")} if check.answer == "met" else {"state": "met", "label": _("Done")}
        )
    if rights["sign"] and check.kind == "approval" and check.item.criterion["role"] in rights["roles"]:
        offers["tick"] = (
            {"state": "open", "label": _("Take the signature back")}
            if check.answer == "met"
            else {"state": "met", "label": _("Sign")}
        )
    if check.kind == "assessment":
        offers["open"] = {
            "url": f"/projects/{facts.project_key}/assessments/{check.item.criterion['assessment']}/",
            "label": _("Open"),
        }
    if check.kind == "risk":
        offers["open"] = {"url": f"/projects/{facts.project_key}/risks/", "label": _("Open the register")}
    if rights["waive"] and not settled:
        offers["waive"] = {
            "url": reverse("waive-check", args=[check.id]),
            "form": WaiverForm(auto_id=f"waive-{check.id}-%s"),
        }
    if rights["waive"] and check.answer == "not_applicable" and not check.confirmed:
        offers["confirm_na"] = True
    return offers
