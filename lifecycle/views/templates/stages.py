"""A stage of a draft: its data, its checks in their order, its gate."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import PageRequest
from common.texts import localised
from lifecycle.forms.templates import KIND_NAMES, GateForm, RulesForm, StageForm
from lifecycle.forms.templates.pieces import PieceForm
from lifecycle.models import TemplateVersion
from lifecycle.models.definition import item_of, rules_of
from lifecycle.models.format import Document
from lifecycle.selectors.templates import LEVEL_NAMES
from lifecycle.services.templates import edits
from lifecycle.views.templates.drafts import about
from lifecycle.views.templates.pieces import Refusal, draft_of, moved, refused, stage_in
from lifecycle.views.templates.rows import check_facts, who_decides


@login_required
@require_http_methods(["GET", "POST"])
def new_stage(request: PageRequest, key: str) -> HttpResponse:
    draft = draft_of(request, key)
    if request.method == "GET":
        initial = {"version": draft.version, "duration_days": 10, "responsible": ["project_manager"]}
        form = StageForm(initial=initial, document=draft.document)
        return render(request, "lifecycle/draft_new_stage.html", {**about(draft), "form": form})
    form = StageForm(request.POST, document=draft.document)
    refusal = refused(request, draft, form, form.edit, lambda _document: {"seen": ""})
    if refusal is None:
        return redirect("draft-stage", key, form.key)
    return render(request, "lifecycle/draft_new_stage.html", {**about(draft), "form": form}, status=refusal.status)


@login_required
@require_http_methods(["GET", "POST"])
def draft_stage(request: PageRequest, key: str, stage: str) -> HttpResponse:
    draft = draft_of(request, key)
    stage_in(draft.document, stage)
    if request.method == "GET":
        return stage_page(request, draft, stage)
    form = StageForm(request.POST, document=draft.document, key=stage)
    refusal = refused(request, draft, form, form.edit, lambda now: StageForm.initial_of(stage_in(now, stage)))
    return _back(request, draft, stage, {"data": form}, refusal)


@login_required
@require_POST
def draft_gate(request: PageRequest, key: str, stage: str) -> HttpResponse:
    draft = draft_of(request, key)
    stage_in(draft.document, stage)
    form = GateForm(request.POST, document=draft.document, key=stage, prefix="gate")
    refusal = refused(request, draft, form, form.edit, lambda now: GateForm.initial_of(stage_in(now, stage)))
    return _back(request, draft, stage, {"gate": form}, refusal)


@login_required
@require_POST
def draft_rules(request: PageRequest, key: str, stage: str, level: str) -> HttpResponse:
    draft = draft_of(request, key)
    if level not in stage_in(draft.document, stage)["gate"]["levels"]:
        raise Http404
    form = RulesForm(request.POST, document=draft.document, key=stage, level=level, prefix=level)

    def stands(now: Document) -> dict[str, Any]:
        return RulesForm.initial_of(stage_in(now, stage)["gate"]["levels"][level])

    refusal = refused(request, draft, form, form.edit, stands)
    return _back(request, draft, stage, {level: form}, refusal)


def _back(
    request: PageRequest, draft: TemplateVersion, stage: str, given: dict[str, PieceForm], refusal: Refusal | None
) -> HttpResponse:
    if refusal is None:
        where = next(iter(given))
        anchor = where if where in {"data", "gate"} else f"gate-{where}"
        return redirect(reverse("draft-stage", args=[draft.template.key, stage]) + f"#{anchor}")
    return stage_page(request, draft, stage, given=given, refusal=refusal)


@login_required
@require_POST
def move_stage(request: PageRequest, key: str, stage: str) -> HttpResponse:
    draft = draft_of(request, key)
    stage_in(draft.document, stage)
    to = reverse("template-draft", args=[key]) + f"#stage-{stage}"
    return moved(request, draft, lambda form: edits.move_stage(stage, form.cleaned_data["step"] or 0), to)


@login_required
@require_POST
def remove_stage(request: PageRequest, key: str, stage: str) -> HttpResponse:
    draft = draft_of(request, key)
    stage_in(draft.document, stage)
    return moved(request, draft, lambda _form: edits.remove_stage(stage), reverse("template-draft", args=[key]))


def stage_page(
    request: PageRequest,
    draft: TemplateVersion,
    key: str,
    given: dict[str, PieceForm] | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    document, given = draft.document, given or {}
    stage = stage_in(document, key)
    keys = [one["key"] for one in document["stages"]]
    at = keys.index(key)
    seen = {"version": draft.version}
    context = {
        **about(draft),
        "stage": stage,
        "stage_name": localised(stage["name"]),
        "number": at + 1,
        "count": len(keys),
        "before": keys[at - 1] if at else "",
        "after": keys[at + 1] if at + 1 < len(keys) else "",
        "others": [(one["key"], localised(one["name"])) for one in document["stages"] if one["key"] != key],
        "checks": [_check_row(item, number, len(stage["items"])) for number, item in enumerate(stage["items"])],
        "kinds": list(KIND_NAMES.items()),
        "data": given.get("data")
        or StageForm(initial={**StageForm.initial_of(stage), **seen}, document=document, key=key),
        "gate": given.get("gate")
        or GateForm(initial={**GateForm.initial_of(stage), **seen}, document=document, key=key, prefix="gate"),
        "levels": [_level(draft, stage, level, given.get(level)) for level in stage["gate"]["levels"]],
        "lost": refusal.lost if refusal else (),
    }
    return render(request, "lifecycle/draft_stage.html", context, status=refusal.status if refusal else 200)


def _check_row(item: Document, number: int, count: int) -> dict[str, Any]:
    return {
        "item": item,
        "facts": check_facts(item_of(item)),
        "is_first": number == 0,
        "is_last": number == count - 1,
    }


def _level(draft: TemplateVersion, stage: Document, level: str, given: PieceForm | None) -> dict[str, Any]:
    rules = stage["gate"]["levels"][level]
    words = {"document": draft.document, "key": stage["key"], "level": level, "prefix": level}
    initial = {**RulesForm.initial_of(rules), "version": draft.version}
    return {
        "key": level,
        "name": LEVEL_NAMES[level],
        "words": who_decides(rules_of(rules)),
        "form": given or RulesForm(initial=initial, **words),
        "is_open": given is not None,
    }
