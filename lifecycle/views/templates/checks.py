"""A check of a draft: written, changed, moved, removed."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import PageRequest
from common.texts import localised
from lifecycle.forms.templates import KIND_NAMES, CheckForm
from lifecycle.models import TemplateVersion
from lifecycle.models.format import Document
from lifecycle.selectors.templates import changes_between, known_keys, labelled
from lifecycle.services.templates import edits
from lifecycle.views.templates.drafts import about, published_before
from lifecycle.views.templates.pieces import Refusal, check_in, draft_of, moved, refused, stage_in


@login_required
@require_http_methods(["GET", "POST"])
def new_check(request: PageRequest, key: str, stage: str) -> HttpResponse:
    """A check of the kind that `?kind=` names, at the end of a stage."""
    draft = draft_of(request, key)
    home, given = stage_in(draft.document, stage), _given(request, draft, "manual")
    if request.method == "GET":
        initial = {"version": draft.version, "from_level": "standard", "required": True}
        return check_page(request, draft, home, CheckForm(initial=initial, **given))
    if "show" in request.POST:
        return check_page(request, draft, home, _as_kind(request, given), typed=True)
    form = CheckForm(request.POST, **given)
    refusal = refused(request, draft, form, lambda: form.edit(stage), lambda _now: {"seen": ""})
    if refusal is None:
        return redirect(reverse("draft-stage", args=[key, stage]) + f"#check-{form.key}")
    return check_page(request, draft, home, form, refusal=refusal)


@login_required
@require_http_methods(["GET", "POST"])
def draft_check(request: PageRequest, key: str, check_key: str) -> HttpResponse:
    """A check that stands there; `?kind=` makes it another kind once it is saved."""
    draft = draft_of(request, key)
    home, item = check_in(draft.document, check_key)
    given = {**_given(request, draft, item["kind"]), "key": check_key}
    if request.method == "GET":
        initial = {**CheckForm.initial_of(item), "version": draft.version}
        return check_page(request, draft, home, CheckForm(initial=initial, **given), item=item)
    if "show" in request.POST:
        return check_page(request, draft, home, _as_kind(request, given), item=item, typed=True)
    form = CheckForm(request.POST, **given)
    refusal = refused(request, draft, form, form.edit, lambda now: CheckForm.initial_of(check_in(now, check_key)[1]))
    if refusal is None:
        return redirect(reverse("draft-stage", args=[key, home["key"]]) + f"#check-{check_key}")
    return check_page(request, draft, home, form, item=item, refusal=refusal)


def _given(request: PageRequest, draft: TemplateVersion, kind: str) -> dict[str, Any]:
    kind = request.GET.get("kind", kind)
    if "show" in request.POST:
        kind = request.POST.get("kind", kind)
    if kind not in KIND_NAMES:
        raise Http404
    return {"document": draft.document, "kind": kind, "metrics": known_keys().metrics}


def _as_kind(request: PageRequest, given: dict[str, Any]) -> CheckForm:
    """The form of another kind with what was typed so far; nothing is saved or judged yet."""
    sent = CheckForm(request.POST, **given)
    return CheckForm(initial={name: sent[name].value() for name in sent.fields}, **given)


def check_page(
    request: PageRequest,
    draft: TemplateVersion,
    home: Document,
    form: CheckForm,
    item: Document | None = None,
    refusal: Refusal | None = None,
    *,
    typed: bool = False,
) -> HttpResponse:
    """`item` is the check as it stands; none for a new one. `typed`: the form holds what nobody has saved."""
    context = {
        **about(draft),
        "stage": home,
        "stage_name": localised(home["name"]),
        "item": item,
        "kind": form.kind,
        "kind_name": KIND_NAMES[form.kind],
        "kinds": list(KIND_NAMES.items()),
        "form": form,
        "typed": typed,
        "differs": _differs(draft, item["key"]) if item else [],
        "lost": refusal.lost if refusal else (),
    }
    return render(request, "lifecycle/draft_check.html", context, status=refusal.status if refusal else 200)


def _differs(draft: TemplateVersion, key: str) -> list[tuple[str, str, str]]:
    """What the draft changes about a check: field, published, draft."""
    before = published_before(draft)
    if before is None:
        return []
    changes = changes_between(before.document, draft.document)
    fields = (field for change in changes if change.check == key for field in change.fields)
    return [labelled(field) for field in fields]


@login_required
@require_POST
def move_check(request: PageRequest, key: str, check_key: str) -> HttpResponse:
    """One place up or down, or to the end of another stage."""
    draft = draft_of(request, key)
    home, _item = check_in(draft.document, check_key)
    to = request.POST.get("stage") or home["key"]
    if to != home["key"]:
        stage_in(draft.document, to)
        url = reverse("draft-stage", args=[key, to]) + f"#check-{check_key}"
        return moved(request, draft, lambda _form: edits.send_check(check_key, to), url)
    url = reverse("draft-stage", args=[key, home["key"]]) + f"#check-{check_key}"
    return moved(request, draft, lambda form: edits.move_check(check_key, form.cleaned_data["step"] or 0), url)


@login_required
@require_POST
def remove_check(request: PageRequest, key: str, check_key: str) -> HttpResponse:
    draft = draft_of(request, key)
    home, _item = check_in(draft.document, check_key)
    url = reverse("draft-stage", args=[key, home["key"]])
    return moved(request, draft, lambda _form: edits.remove_check(check_key), url)
