"""A draft as a whole: begun, edited, thrown away."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.http import PageRequest
from common import clock
from common.errors import DomainError, NotFound
from common.texts import localised
from lifecycle import services
from lifecycle.errors import DraftAlreadyOpen
from lifecycle.forms.templates import TemplateForm, WordsForm
from lifecycle.forms.templates.pieces import PieceForm
from lifecycle.models import ProcessTemplate, TemplateVersion
from lifecycle.models.format import Document
from lifecycle.selectors.templates import changes_between, wrong_in
from lifecycle.views.templates.pieces import Refusal, draft_of, refused, version_in
from lifecycle.views.templates.places import problems
from lifecycle.views.templates.reading import built_in_of
from projects.permissions import Action, require

SECTIONS = {
    "levels": gettext_lazy("Levels"),
    "decisions": gettext_lazy("Decisions"),
    "separation_rules": gettext_lazy("Rules of separation"),
}


@login_required
@require_POST
def start_draft(request: PageRequest, key: str) -> HttpResponse:
    """A draft of what is published, or of the built-in text; or the one that is open already."""
    template = get_object_or_404(
        ProcessTemplate.objects.filter(versions__published_at__isnull=False).distinct(), key=key
    )
    require(request.actor, Action.EDIT_TEMPLATES)
    try:
        _begin(request, template)
    except DraftAlreadyOpen:
        messages.info(request, _("This draft was open already."))
    return redirect("template-draft", key)


def _begin(request: PageRequest, template: ProcessTemplate) -> None:
    if request.POST.get("source") != "built_in":
        services.start_draft(template=template, actor=request.actor, now=clock.now())
        return
    document = built_in_of(template.key, list(template.versions.all()))
    if document is None:
        raise NotFound
    services.import_template(document=document, actor=request.actor, now=clock.now())


@login_required
@require_safe
def template_draft(request: PageRequest, key: str) -> HttpResponse:
    return draft_page(request, draft_of(request, key))


@login_required
@require_POST
def draft_data(request: PageRequest, key: str) -> HttpResponse:
    draft = draft_of(request, key)
    form = TemplateForm(request.POST, document=draft.document)
    refusal = refused(request, draft, form, form.edit, TemplateForm.initial_of)
    if refusal is None:
        return redirect("template-draft", key)
    return draft_page(request, draft, form=form, refusal=refusal)


def draft_page(
    request: PageRequest, draft: TemplateVersion, form: TemplateForm | None = None, refusal: Refusal | None = None
) -> HttpResponse:
    """Stages in their order, the template's data, and what is in the way of publishing."""
    document = draft.document
    initial = {**TemplateForm.initial_of(document), "version": draft.version}
    context = {
        **about(draft),
        "stages": [_stage_row(stage, number, document) for number, stage in enumerate(document["stages"])],
        "form": form or TemplateForm(initial=initial, document=document),
        "lost": refusal.lost if refusal else (),
        "problems": problems(draft.template.key, document, wrong_in(document)),
        "changes": len(_changes(draft)),
    }
    return render(request, "lifecycle/draft.html", context, status=refusal.status if refusal else 200)


def about(draft: TemplateVersion) -> dict[str, Any]:
    """What every page of a draft shows."""
    return {"draft": draft, "key": draft.template.key, "name": localised(draft.document["name"])}


def published_before(draft: TemplateVersion) -> TemplateVersion | None:
    """The version that the draft would follow; none for a new template."""
    return TemplateVersion.objects.published().filter(template=draft.template_id).order_by("-number").first()


def _changes(draft: TemplateVersion) -> list[Any]:
    before = published_before(draft)
    return changes_between(before.document if before else None, draft.document)


def _stage_row(stage: Document, number: int, document: Document) -> dict[str, Any]:
    return {
        "key": stage["key"],
        "name": stage["name"],
        "gate": stage["gate"]["name"],
        "checks": len(stage["items"]),
        "days": stage["duration_days"],
        "recurring": bool(stage.get("recurring") or stage["gate"].get("recurring")),
        "number": number + 1,
        "is_first": number == 0,
        "is_last": number == len(document["stages"]) - 1,
    }


@login_required
@require_POST
def discard_draft(request: PageRequest, key: str) -> HttpResponse:
    draft = draft_of(request, key)
    try:
        services.discard_draft(draft=draft, actor=request.actor, version=version_in(request), now=clock.now())
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("template-draft", key)
    messages.success(request, _("The draft is thrown away."))
    return redirect("templates")


@login_required
@require_GET
def draft_words(request: PageRequest, key: str) -> HttpResponse:
    return words_page(request, draft_of(request, key))


@login_required
@require_POST
def change_words(request: PageRequest, key: str, section: str, word: str) -> HttpResponse:
    """The words of one level, decision or rule of separation."""
    draft = draft_of(request, key)
    rows = {row["key"]: row for row in draft.document.get(section, ())} if section in SECTIONS else {}
    if word not in rows:
        raise NotFound
    form = WordsForm(request.POST, section=section, prefix=f"{section}-{word}")

    def stands(document: Document) -> dict[str, Any]:
        return WordsForm.initial_of(section, next(row for row in document[section] if row["key"] == word))

    refusal = refused(request, draft, form, lambda: form.edit(word), stands)
    if refusal is None:
        return redirect("draft-words", key)
    return words_page(request, draft, given={(section, word): form}, refusal=refusal)


def words_page(
    request: PageRequest,
    draft: TemplateVersion,
    given: dict[tuple[str, str], PieceForm] | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    """Levels, decisions and rules of separation with their words; what they do is code."""
    given = given or {}
    sections = [
        {"key": key, "title": title, "rows": [_words_row(draft, key, row, given) for row in draft.document[key]]}
        for key, title in SECTIONS.items()
    ]
    context = {**about(draft), "sections": sections, "lost": refusal.lost if refusal else ()}
    return render(request, "lifecycle/draft_words.html", context, status=refusal.status if refusal else 200)


def _words_row(
    draft: TemplateVersion, section: str, row: Document, given: dict[tuple[str, str], PieceForm]
) -> dict[str, Any]:
    initial = {**WordsForm.initial_of(section, row), "version": draft.version}
    fresh = WordsForm(initial=initial, section=section, prefix=f"{section}-{row['key']}")
    form = given.get((section, row["key"])) or fresh
    return {"key": row["key"], "name": row["name"], "help": row.get("help"), "form": form}
