from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.http import PageRequest
from accounts.selectors import last_change
from common import clock
from common.errors import DomainError, VersionMismatch
from common.forms import refuse
from lifecycle import services
from lifecycle.forms import ExtensionForm, StepForm
from lifecycle.models import Condition, ConditionState
from lifecycle.views.gates import newest_gate, render_gate


def condition_seen(request: PageRequest, pk: int) -> Condition:
    rows = Condition.objects.visible_to(request.actor).select_related(
        "action__owner", "review__stage__process__project"
    )
    return get_object_or_404(rows, pk=pk)


@login_required
@require_POST
def propose_condition(request: PageRequest, pk: int) -> HttpResponse:
    return _step(request, pk, services.propose_condition, StepForm(request.POST), {"state": ConditionState.PROPOSED})


@login_required
@require_POST
def close_condition(request: PageRequest, pk: int) -> HttpResponse:
    return _step(request, pk, services.close_condition, StepForm(request.POST), {"state": ConditionState.MET})


@login_required
@require_POST
def extend_condition(request: PageRequest, pk: int) -> HttpResponse:
    mine = {"until": request.POST.get("until", ""), "reason": request.POST.get("reason", "")}
    return _step(request, pk, services.extend_condition, ExtensionForm(request.POST, auto_id=f"extend-{pk}-%s"), mine)


def _step(
    request: PageRequest, pk: int, act: Callable[..., Condition], form: forms.Form, mine: dict[str, str]
) -> HttpResponse:
    """`mine` is what the reader meant to write; beside what stands there now when somebody was faster."""
    condition = condition_seen(request, pk)
    gate, typed = newest_gate(condition.review.stage), {f"extend-{pk}": form}
    if not form.is_valid():
        if "version" in form.errors:
            return render_gate(request, gate, status=422, banner=_("Open the page anew and try again."))
        return render_gate(request, gate, status=422, typed=typed)
    try:
        act(condition=condition, actor=request.actor, now=clock.now(), **form.cleaned_data)
    except VersionMismatch as error:
        lost = _lost(request.path, condition_seen(request, pk), mine, error.current)
        return render_gate(request, newest_gate(condition.review.stage), status=error.status, lost=lost)
    except DomainError as error:
        refuse(form, error)
        return render_gate(request, newest_gate(condition.review.stage), status=error.status, typed=typed)
    return redirect(gate)


def _lost(keep_url: str, condition: Condition, mine: dict[str, str], version: int) -> dict[str, Any]:
    """What `components/_lost_update.html` shows: what the reader meant, and what stands there now."""
    theirs = {
        "state": condition.get_state_display(),
        "until": condition.action.due_on.isoformat(),
        "reason": "",
    }
    labels = {"state": _("State"), "until": _("Until"), "reason": _("Why")}
    change = last_change(f"condition:{condition.pk}") or {"at": None, "by": ""}
    words = {name: str(ConditionState(value).label) if name == "state" else value for name, value in mine.items()}
    return {
        "fields": [
            {"name": name, "label": labels[name], "mine": word, "theirs": theirs[name]} for name, word in words.items()
        ],
        "who": change["by"],
        "when": change["at"],
        "version": version,
        "keep_url": keep_url,
        "take_url": f"{newest_gate(condition.review.stage).get_absolute_url()}#condition-{condition.pk}",
    }
