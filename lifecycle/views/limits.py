"""The page of one limit: the template's, the project's own with all that came before, its legal source."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, cast

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.http import PageRequest
from common import clock
from common.errors import DomainError, VersionMismatch
from common.forms import refuse
from common.texts import localised
from lifecycle import selectors, services
from lifecycle.criteria.wording import metric_name
from lifecycle.forms import BaselineForm, ConsentForm, LimitForm, SourceForm
from lifecycle.models import Baseline, Item, LimitOverride, Process
from lifecycle.selectors.limits import Limit
from projects.permissions import Action, may, roles_of

NOTHING_TYPED: Mapping[str, Any] = MappingProxyType({})


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
    process, form = process_seen(request, key), LimitForm(request.POST, auto_id="limit-%s")
    return _took(request, process, check_key, "limit_form", form, lambda said: services.set_limit(**said))


@login_required
@require_POST
def decide_limit(request: PageRequest, key: str, check_key: str) -> HttpResponse:
    """Agree to the proposed limit that was looked at (`agree` is 1) or decline it (0)."""
    process = process_seen(request, key)
    return _decided(request, process, check_key, lambda said: services.decide_limit(check_key=check_key, **said))


@login_required
@require_POST
def decide_baseline(request: PageRequest, key: str, check_key: str) -> HttpResponse:
    """The same for the model to compare with."""
    process = process_seen(request, key)
    return _decided(request, process, check_key, lambda said: services.decide_baseline(**said))


@login_required
@require_POST
def confirm_source(request: PageRequest, key: str, check_key: str) -> HttpResponse:
    process, form = process_seen(request, key), SourceForm(request.POST, auto_id="source-%s")
    return _took(request, process, check_key, "source_form", form, lambda said: services.confirm_source(**said))


@login_required
@require_POST
def set_baseline(request: PageRequest, key: str, check_key: str) -> HttpResponse:
    """The project's baseline model, named from the page of a limit that compares with it."""
    process, form = process_seen(request, key), BaselineForm(request.POST, auto_id="baseline-%s")

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
    filled: Mapping[str, Any] = NOTHING_TYPED,
) -> HttpResponse:
    item, stage_key = _metric_item(process, check_key)
    found, project = selectors.limit_of(process, item), process.project
    roles = roles_of(request.actor.person, project)
    context = {
        "project": project,
        "tab": "stages",
        "stage_key": stage_key,
        "limit": found,
        "lost": (),
        "answer": selectors.limit_answer(found),
        "text": localised(item.text),
        "metric": metric_name(item.criterion["key"]),
        "bound": _("at least") if item.criterion["operator"] == ">=" else _("at most"),
        "banner": banner,
        "may_set": may(request.actor, Action.OVERRIDE_LIMIT, project),
        "may_consent": "risk_officer" in roles and _of_another(found.proposed, request),
        "may_consent_to_baseline": "risk_officer" in roles and _of_another(found.proposed_baseline, request),
        "may_confirm": "legal_counsel" in roles and found.source_state == "unconfirmed",
        "today": clock.now().date(),
        "limit_form": LimitForm(initial={"threshold": found.threshold, "version": found.version}, auto_id="limit-%s"),
        "source_form": SourceForm(auto_id="source-%s"),
        "baseline_form": BaselineForm(
            initial={"model": process.baseline_model, "version": found.baseline_version}, auto_id="baseline-%s"
        ),
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
    except VersionMismatch as error:
        return _overtaken(request, process, check_key, name, form, error)
    except DomainError as error:
        refuse(form, error)
        return render_limit(request, process, check_key, status=error.status, filled={name: form})
    return redirect("limit", process.project.key, check_key)


def _overtaken(
    request: PageRequest, process: Process, check_key: str, name: str, form: forms.Form, error: VersionMismatch
) -> HttpResponse:
    """The form keeps what was typed and takes the newer version, so that saving once more is a decision."""
    process = process_seen(request, process.project.key)
    found = selectors.limit_of(process, _metric_item(process, check_key)[0])
    theirs = _newest(found)[name]
    given = cast("QueryDict", form.data).copy()
    given["version"] = str(error.current)
    form.data = given
    rows = [
        {"label": str(form.fields[field].label), "mine": form.cleaned_data[field], "theirs": value}
        for field, value in theirs.items()
        if form.cleaned_data[field] != value
    ]
    return render_limit(request, process, check_key, status=error.status, filled={name: form, "lost": rows})


def _newest(found: Limit) -> dict[str, dict[str, Any]]:
    """What was set last, by the form that sets it."""
    limit = found.proposed or found.standing
    model = found.baselines[-1] if found.baselines else None
    threshold, reason = (limit.threshold, limit.reason) if limit else (found.threshold, "")
    return {
        "limit_form": {"threshold": threshold, "reason": reason},
        "baseline_form": {"model": model.model if model else "", "reason": model.reason if model else ""},
    }


def _of_another(waiting: LimitOverride | Baseline | None, request: PageRequest) -> bool:
    return waiting is not None and waiting.set_by_id != request.actor.user_id


def _decided(
    request: PageRequest, process: Process, check_key: str, act: Callable[[dict[str, Any]], object]
) -> HttpResponse:
    """Of what was looked at; the page shows what waits now where that is something else."""
    form = ConsentForm(request.POST)
    if not form.is_valid():
        return render_limit(request, process, check_key, status=422, banner=_("Open the page anew and try again."))
    try:
        act({"process": process, "actor": request.actor, "now": clock.now(), **form.cleaned_data})
    except DomainError as error:
        return render_limit(request, process, check_key, status=error.status, banner=str(error))
    return redirect("limit", process.project.key, check_key)
