"""A gate's history: every round, then and now through all decisions, iterations side by side, what loops cost."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from accounts.http import PageRequest
from common import clock
from common.days import between
from common.errors import NotFound
from common.texts import localised
from lifecycle import selectors
from lifecycle.criteria import Readiness
from lifecycle.criteria.wording.shapes import role_name
from lifecycle.models import GateReview, RecycleReason, ReviewState, Stage
from lifecycle.selectors import history
from lifecycle.views import shown
from lifecycle.views.gates import stage_seen
from lifecycle.views.marks import DECISIONS, number
from projects.permissions import Action, may

CARRIED = {"keep": gettext_lazy("kept"), "reverify": gettext_lazy("to be confirmed"), "redo": gettext_lazy("anew")}
STATES = {ReviewState.OPEN: gettext_lazy("Open"), ReviewState.WITHDRAWN: gettext_lazy("Withdrawn")}


@login_required
@require_GET
def gate_history(request: PageRequest, key: str, stage: str) -> HttpResponse:
    """`?then=` is the decision on the left, `?now=` a later one on the right, or without it today."""
    found, today = stage_seen(request, key, stage), clock.now().date()
    rounds, answer = selectors.rounds_of_gate(found), selectors.readiness(found, today=today)
    decided = [one for one in rounds if one.decision]
    then = _chosen(request, "then", decided) or (decided[0] if decided else None)
    later = [one for one in decided if then and one.pk > then.pk]
    now = _chosen(request, "now", later)
    loops = history.loops(found, today=today)
    columns, cells = history.iterations(found, rounds, answer)
    context = {
        "project": found.project,
        "stage": found,
        "gate_name": localised(found.definition.gate_name),
        "today": today,
        "title": _headline(rounds, loops),
        "rounds": [_round(one) for one in rounds],
        "decisions": [_option(one) for one in decided],
        "later": [_option(one) for one in later],
        "then": then,
        "now": now,
        "tn": _then_now(then, now, answer),
        "columns": [_column(one) for one in columns],
        "rows": _rows(found, cells),
        "loops": _loops(loops, found),
        "days": sum(one.days for one in loops),
        "may_export": may(request.actor, Action.EXPORT, found.project),
        "tab": "stages",
    }
    return render(request, "lifecycle/history.html", context)


def _chosen(request: PageRequest, name: str, offered: Sequence[GateReview]) -> GateReview | None:
    asked = request.GET.get(name, "")
    if not asked:
        return None
    found = next((one for one in offered if str(one.pk) == asked), None)
    if found is None:
        raise NotFound(_("This gate has no such decision."))
    return found


def _headline(rounds: Sequence[GateReview], loops: Sequence[history.Loop]) -> str:
    if not rounds:
        return _("Nobody has asked for this gate yet.")
    decided = sum(1 for one in rounds if one.decision)
    asked = ngettext("Asked for once", "Asked for %(n)s times", len(rounds)) % {"n": len(rounds)}
    told = ngettext("decided once", "decided %(n)s times", decided) % {"n": decided}
    days = sum(one.days for one in loops)
    went = ngettext("%(n)s loop back", "%(n)s loops back", len(loops)) % {"n": len(loops)}
    spent = ngettext("%(n)s day of rework", "%(n)s days of rework", days) % {"n": days}
    return _("%(asked)s, %(told)s; %(went)s, %(spent)s.") % {"asked": asked, "told": told, "went": went, "spent": spent}


def _option(review: GateReview) -> dict[str, Any]:
    day = review.decided_at.date() if review.decided_at else None
    place = _("iteration %(iteration)s, round %(round)s") % {
        "iteration": review.stage.iteration,
        "round": review.round,
    }
    return {"pk": review.pk, "word": DECISIONS[review.decision], "day": day, "place": place}


def _round(review: GateReview) -> dict[str, Any]:
    ended = review.decided_at
    return {
        "review": review,
        "word": DECISIONS[review.decision] if review.decision else STATES[ReviewState(review.state)],
        "days": between(review.requested_at, ended) if ended else None,
        "reason": RecycleReason(review.reason).label if review.reason else "",
        "votes": [
            {
                "who": vote.user.display_name,
                "roles": [role_name(role) for role in vote.roles],
                "decision": vote.decision,
                "word": DECISIONS[vote.decision],
                "rationale": vote.rationale,
                "gone": vote.state != "standing",
                "state": vote.get_state_display(),
            }
            for vote in review.votes.all()
        ],
    }


def _then_now(then: GateReview | None, now: GateReview | None, answer: Readiness) -> dict[str, Any]:
    if then is None:
        return {}
    if now is None:
        return shown.then_now(then, selectors.differences(then, answer), answer)
    return shown.then_later(then, now, history.between(then, now), answer.facts.today)


def _column(one: history.Iteration) -> dict[str, Any]:
    return {"number": one.number, "decision": one.decision, "day": one.decided_on, "word": DECISIONS.get(one.decision)}


def _rows(stage: Stage, cells: dict[str, list[history.Cell | None]]) -> list[dict[str, Any]]:
    """A check a row; only what differs from the iteration before carries colour."""
    items, rows = history.items_of(stage.template), []
    for key, line in cells.items():
        text = localised(items[key].text) if key in items else key
        pairs = list(zip([None, *line], line, strict=False))
        rows.append({"text": text, "cells": [_cell(before, cell) for before, cell in pairs]})
    return rows


def _cell(before: history.Cell | None, cell: history.Cell | None) -> dict[str, Any] | None:
    if cell is None:
        return None
    return {
        "state": cell.state,
        "value": number(cell.value) if cell.value is not None else "",
        "carried": CARRIED.get(cell.carried, ""),
        "changed": before is not None and (before.state, before.value) != (cell.state, cell.value),
    }


def _loops(loops: Sequence[history.Loop], stage: Stage) -> list[dict[str, Any]]:
    names = history.stage_names(stage.template.stages)
    return [
        {
            "from": names.get(one.from_stage, one.from_stage),
            "to": names.get(one.to_stage, one.to_stage),
            "reason": RecycleReason(one.reason).label,
            "why": one.why,
            "started_on": one.started_on,
            "ended_on": one.ended_on,
            "days": one.days,
        }
        for one in loops
    ]
