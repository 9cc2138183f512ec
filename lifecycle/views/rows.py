"""Checks as rows to work on: what this person can do with each, on the row itself."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actor import Actor
from common.forms import first_error
from common.texts import as_read, localised
from lifecycle.criteria import SETTLED, Assessed, CheckFacts, CheckState, GateFacts, Readiness
from lifecycle.criteria.wording import detail
from lifecycle.criteria.wording.shapes import role_name
from lifecycle.forms import AnswerForm, WaiverForm
from lifecycle.models import Check, Stage, StageState, Waiver
from lifecycle.selectors.changes import Standing, named_by_changes
from lifecycle.selectors.seats import cost_words, upload_cost
from lifecycle.views.marks import ORDER
from lifecycle.views.shown import check_row
from projects.models import Membership
from projects.permissions import Action, rights

# What the row's own form asks for.
PLANNED = ("note", "due_on")
RUNNING = (StageState.PENDING, StageState.ACTIVE, StageState.IN_REVIEW)


def work_groups(answer: Readiness, actor: Actor, stage: Stage, *, frozen: dict[str, str]) -> list[dict[str, Any]]:
    """Rows by state, open ones first; a stage that is over shows what was decided and offers nothing.

    Except on a check that a standing condition or a running change still asks for.
    """
    rights, over = rights_of(actor, stage, answer), stage.ended_at is not None
    owed = {condition.check for condition in answer.facts.conditions}
    owed |= named_by_changes(stage.process_id) if over and not stage.superseded else set()
    waivers = _waivers(answer)
    rows = [
        work_row(
            one,
            answer.facts,
            rights,
            over=over and one.check.key not in owed,
            frozen=frozen.get(one.check.key),
            waivers=waivers.get(one.check.id, ()),
        )
        for one in answer.checks
    ]
    groups = [{"state": state, "checks": [row for row in rows if row["state"] == state]} for state in ORDER]
    return [group for group in groups if group["checks"]]


def change_rows(standing: Standing, actor: Actor) -> list[dict[str, Any]]:
    """The checks that a running change names, wherever they stand: rows to work on."""
    stages = {named.stage.pk: named for named in standing.checks}
    may_do = {pk: rights_of(actor, named.stage, named.answer) for pk, named in stages.items()}
    return [
        work_row(named.one, named.answer.facts, may_do[named.stage.pk], over=False)
        | {"where": localised(named.stage.definition.name)}
        for named in standing.checks
    ]


def one_row(check: Check, answer: Readiness, actor: Actor) -> dict[str, Any]:
    """The row of one check after it changed."""
    rights, waivers = rights_of(actor, check.stage, answer), _waivers(answer).get(check.pk, ())
    return work_row(answer.of(check.key), answer.facts, rights, over=False, waivers=waivers)


def filled_in(row: dict[str, Any], form: AnswerForm | WaiverForm, refused: str, *, overtaken: bool) -> str:
    """Put what somebody typed where the row has its place; what is left to be said above is returned.

    `overtaken`: somebody was faster, so that both texts are shown.
    """
    if isinstance(form, WaiverForm):
        place = row.get("waive") or {}
        if "form" not in place:
            return refused or first_error(form)
        place["form"], row["typed"] = form, True
        return refused
    typed = any(name in form.data for name in PLANNED)
    if not row.get("plan") or not typed:
        return refused or first_error(form)
    row["form"], row["typed"] = form, True
    row["lost"] = _lost(row, form) if overtaken else []
    hidden = [error for name, errors in form.errors.items() if name not in PLANNED for error in errors]
    return refused or " ".join(map(str, hidden))


def _lost(row: dict[str, Any], form: AnswerForm) -> list[dict[str, str]]:
    """The fields in which what was typed differs from what stands there."""
    pairs = (
        (str(form.fields["note"].label), form.cleaned_data["note"], row["note"]),
        (str(form.fields["due_on"].label), form.cleaned_data["due_on"], row["due"]),
    )
    return [
        {"label": name, "mine": mine or "", "theirs": theirs or ""} for name, mine, theirs in pairs if mine != theirs
    ]


def _waivers(answer: Readiness) -> dict[int, list[Waiver]]:
    """The waivers of each check, past and present, the latest first."""
    found: dict[int, list[Waiver]] = {}
    rows = Waiver.objects.filter(check_row__in=[one.check.id for one in answer.checks]).order_by("-pk")
    for waiver in rows.select_related("opened_by", "granted_by"):
        found.setdefault(waiver.check_row_id, []).append(waiver)
    return found


def rights_of(actor: Actor, stage: Stage, answer: Readiness) -> dict[str, Any]:
    """What this person may do on the rows, and what attaching proof would cost them."""
    project = stage.project
    access, roles = own = Membership.objects.ties(project.pk, actor.person.pk)
    allowed = rights(actor, project, own=own)
    owner, decides = "owner" in access, Action.VOTE in allowed
    cost = upload_cost(stage, answer, actor.user_id, owner=owner, decides=decides, roles=roles)
    return {
        "user": actor.user_id,
        "work": Action.WORK in allowed,
        "confidential": Action.SEE_CONFIDENTIAL in allowed,
        "sign": Action.SIGN in allowed,
        "waive": Action.WAIVE in allowed,
        "withdraw": Action.WITHDRAW_EVIDENCE in allowed,
        "withdraw_own": Action.WITHDRAW_EVIDENCE in rights(actor, project, own=own, mine=True),
        "roles": roles,
        "cost": cost_words(cost),
    }


def work_row(
    one: Assessed,
    facts: GateFacts,
    rights: dict[str, Any],
    *,
    over: bool,
    frozen: str | None = None,
    waivers: Sequence[Waiver] = (),
) -> dict[str, Any]:
    """`check_row` with the guidance, what blocks it, and the forms that this person may use."""
    check = one.check
    waiver = next((asked for asked in waivers if not asked.is_over(facts.today)), None)
    row = check_row(one, facts, frozen or one.state.value, confidential=rights["confidential"])
    row |= {
        "pk": check.id,
        "key": check.key,
        "kind": check.kind,
        "guidance": check.item.guidance,
        "refs": ", ".join(check.item.refs),
        "note": check.note,
        "assignee": check.assignee_name,
        "due": check.due_on,
        "late": bool(check.due_on and check.due_on < facts.today and one.state not in SETTLED),
        "says": detail(one.finding.blocker) if one.finding.blocker and not frozen else "",
        "who_may": ", ".join(role_name(role) for role in one.finding.blocker.who) if one.finding.blocker else "",
        "version": check.version,
        "waiver": waiver,
        "waivers": [past for past in waivers if past is not waiver],
    }
    return row if over else row | _offers(one, facts, rights, waiver)


def _offers(one: Assessed, facts: GateFacts, rights: dict[str, Any], waiver: Waiver | None) -> dict[str, Any]:
    check = one.check
    offers: dict[str, Any] = {"answer_url": reverse("answer-check", args=[check.id]), "plan": rights["work"]}
    if rights["work"]:
        starts = {"note": check.note, "due_on": check.due_on, "version": check.version}
        offers["form"] = AnswerForm(initial=starts, auto_id=f"answer-{check.id}-%s")
    if rights["work"] and check.kind == "evidence" and one.state != "not_applicable":
        proof_url = reverse("attach-proof", args=[check.id])
        limit = settings.EVIDENCE_MAX_BYTES
        target = f"#check-{check.key}"
        offers["proof_url"] = reverse("check-proof", args=[check.id])
        offers["drop"] = {"url": proof_url, "target": target, "max_bytes": limit, "cost": rights["cost"]}
    offers["withdraw"] = _withdrawable(check, rights)
    if tick := _tick(one, rights):
        offers["tick"] = dict(zip(("state", "label"), tick, strict=True))
    if path := _elsewhere(one):
        offers["open"] = {"url": f"/projects/{facts.project_key}/{path}", "label": _("Open it")}
    if rights["waive"] and one.state not in SETTLED and facts.stage_state in RUNNING:
        offers["waive"] = _waive(one, facts, rights, waiver)
    offers["confirm_na"] = rights["waive"] and check.answer == "not_applicable" and not check.confirmed
    return offers


def _withdrawable(check: CheckFacts, rights: dict[str, Any]) -> list[dict[str, Any]]:
    """The proofs on this row that the reader may take back: any, or those that they brought themself."""
    return [
        {
            "evidence": proof.id,
            "title": as_read(proof.title),
            "version": proof.version,
            "url": reverse("withdraw-proof", args=[check.id]),
        }
        for proof in check.proofs
        if rights["withdraw"] or (rights["withdraw_own"] and proof.supplied_by == rights["user"])
    ]


def _waive(one: Assessed, facts: GateFacts, rights: dict[str, Any], asked: Waiver | None) -> dict[str, Any] | None:
    """The form that asks for a waiver, or the button that grants the one asked for; nobody grants their own."""
    if asked is not None and asked.opened_by_id == rights["user"]:
        return None
    url = reverse("waive-check", args=[one.check.id])
    if asked is not None:
        return {"url": url, "asked": asked, "label": _("Grant the waiver")}
    alone = not one.check.required or facts.level == "lean"
    form = WaiverForm(auto_id=f"waive-{one.check.id}-%s")
    return {"url": url, "form": form, "label": _("Waive the check") if alone else _("Ask to waive the check")}


def _tick(one: Assessed, rights: dict[str, Any]) -> tuple[str, str] | None:
    """The one click on this check: the state it sets, and its label."""
    check = one.check
    met = check.answer == "met"
    if one.state == CheckState.STALE:
        # Said for what was current then; said again, it is for what is current now.
        met = False
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
