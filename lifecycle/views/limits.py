"""The page of one limit: the template's, the project's own with all that came before, its legal source."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.http import PageRequest
from common import clock
from common.errors import DomainError
from common.forms import refuse
from common.texts import localised
from lifecycle import selectors, services
from lifecycle.criteria.wording import metric_name
from lifecycle.forms import BaselineForm, LimitForm, SourceForm
from lifecycle.models import Item, Process
from projects.permissions import Action, may, roles_of

NOTHING_TYPED: Mapping[str, forms.Form] = MappingProxyType({})


def process_seen(request: PageRequest, key: str) -> Process:
    rows = Process.objects.visible_to(request.actor).select_related("project")
    return get_object_or_404(rows, project__key=key)


@login_required
@require_GET
def limit(request: PageRequest, key: str, check_key: str) -> HttpResponse:
    return render_limit(request, process_seen(request, key), check_key)


@login_required
@require_POST
def set_limit(request: PageRequest, key: str, check_key: str) -> HttpResponse:
    process, form = process_seen(request, key), LimitForm(request.POST)
    return _took(request, process, check_key, "limit_form", form, lambda said: services.set_limit(**said))


@login_required
@require_POST
def decide_limit(request: PageRequest, key: str, check_key: str) -> HttpResponse:
    """Agree to the proposed limit (`agree` is 1) or decline it."""
    process = process_seen(request, key)
    agree = request.POST.get("agree") == "1"
    try:
        services.decide_limit(process=process, check_key=check_key, agree=agree, actor=request.actor, now=clock.now())
    except DomainError as error:
        return render_limit(request, process, check_key, status=error.status, banner=str(error))
    return redirect("limit", key, check_key)


@login_required
@require_POST
def confirm_source(request: PageRequest, key: str, check_key: str) -> HttpResponse:
    process, form = process_seen(request, key), SourceForm(request.POST)
    return _took(request, process, check_key, "source_form", form, lambda said: services.confirm_source(**said))


@login_required
@require_POST
def set_baseline(request: PageRequest, key: str, check_key: str) -> HttpResponse:
    """The project's baseline model, named from the page of a limit that compares with it."""
    process, form = process_seen(request, key), BaselineForm(request.POST)

    def act(said: dict[str, Any]) -> None:
        del said["check_key"]
        services.set_baseline(**said)

    return _took(request, process, check_key, "baseline_form", form, act)


def render_limit(
    request: PageRequest,
    process: Process,
    check_key: str,
    *,
    status: int = 200,
    banner: str = "",
    filled: Mapping[str, forms.Form] = NOTHING_TYPED,
) -> HttpResponse:
    item, stage_key = _metric_item(process, check_key)
    found, project = selectors.limit_of(process, item), process.project
    roles = roles_of(request.actor.person, project)
    context = {
        "project": project,
        "tab": "stages",
        "stage_key": stage_key,
        "limit": found,
        "answer": selectors.limit_answer(found),
        "text": localised(item.text),
        "metric": metric_name(item.criterion["key"]),
        "bound": _("at least") if item.criterion["operator"] == ">=" else _("at most"),
        "banner": banner,
        "may_set": may(request.actor, Action.OVERRIDE_LIMIT, project),
        "may_consent": found.proposed is not None
        and "risk_officer" in roles
        and found.proposed.set_by_id != request.actor.user_id,
        "may_confirm": "legal_counsel" in roles and found.source_state == "unconfirmed",
        "today": clock.now().date(),
        "limit_form": LimitForm(initial={"threshold": found.threshold}),
        "source_form": SourceForm(),
        "baseline_form": BaselineForm(initial={"model": process.baseline_model}),
        **filled,
    }
    return render(request, "lifecycle/limit.html", context, status=status)


def _metric_item(process: Process, check_key: str) -> tuple[Item, str]:
    found = process.definition.find(check_key)
    if found is None or found[1].kind != "metric":
        raise Http404
    return found[1], found[0].key


def _took(
    request: PageRequest,
    process: Process,
    check_key: str,
    name: str,
    form: forms.Form,
    act: Callable[[dict[str, Any]], object],
) -> HttpResponse:
    """Run one service with what the form says; a refusal shows the form again with what was typed."""
    if not form.is_valid():
        return render_limit(request, process, check_key, status=422, filled={name: form})
    said = {"process": process, "check_key": check_key, "actor": request.actor, "now": clock.now()}
    try:
        act(said | form.cleaned_data)
    except DomainError as error:
        refuse(form, error)
        return render_limit(request, process, check_key, status=error.status, filled={name: form})
    return redirect("limit", process.project.key, check_key)
