"""From a draft to the next version: what it changes, whom it touches, publishing; and drafts from elsewhere."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import PageRequest
from common import clock
from common.errors import DomainError
from common.forms import refuse
from common.texts import localised
from lifecycle import services
from lifecycle.errors import DraftAlreadyOpen
from lifecycle.forms.templates import ImportForm, NewTemplateForm
from lifecycle.models import Process, TemplateVersion
from lifecycle.selectors.templates import (
    RUNNING,
    Change,
    changes_between,
    impact_of,
    labelled,
    names_in,
    said,
    template_shown,
    wrong_in,
)
from lifecycle.views.templates.drafts import about, published_before
from lifecycle.views.templates.pieces import draft_of, version_in
from lifecycle.views.templates.places import problems
from projects.models import Project
from projects.permissions import Action, require


@login_required
@require_GET
def review_draft(request: PageRequest, key: str) -> HttpResponse:
    """What publishing the draft would change, and which running projects would gain or lose blockers."""
    return review_page(request, draft_of(request, key))


def review_page(request: PageRequest, draft: TemplateVersion, error: str = "", status: int = 200) -> HttpResponse:
    before, wrong = published_before(draft), wrong_in(draft.document)
    old = before.document if before else None
    names, changes = names_in(old, draft.document), changes_between(old, draft.document)
    context = {
        **about(draft),
        "before": before,
        "problems": problems(draft.template.key, draft.document, wrong),
        "changes": [_change_row(change, names) for change in changes],
        "impact": impact_of(draft.definition, actor=request.actor, today=clock.now().date()),
        "may_publish": bool(changes) and not wrong,
        "error": error,
    }
    return render(request, "lifecycle/draft_review.html", context, status=status)


def _change_row(change: Change, names: dict[str, Any]) -> dict[str, Any]:
    fields = change.fields if change.what not in {"stage_moved", "check_moved"} else ()
    tone = "added" if change.what.endswith("_added") else "removed" if change.what.endswith("_removed") else ""
    return {"words": said(change, names), "fields": [labelled(field) for field in fields], "tone": tone}


@login_required
@require_POST
def publish_draft(request: PageRequest, key: str) -> HttpResponse:
    draft = draft_of(request, key)
    try:
        services.publish_draft(draft=draft, actor=request.actor, version=version_in(request), now=clock.now())
    except DomainError as error:
        return review_page(request, draft_of(request, key), error=str(error), status=error.status)
    messages.success(request, _("Version %(number)s is published.") % {"number": draft.number})
    return redirect("template-projects", key)


@login_required
@require_GET
def template_projects(request: PageRequest, key: str) -> HttpResponse:
    """The projects that run on a template, by version, and what the newest one would change for them."""
    require(request.actor, Action.EDIT_TEMPLATES)
    newest = get_object_or_404(TemplateVersion.objects.newest().select_related("template"), template__key=key)
    impact = impact_of(newest.definition, actor=request.actor, today=clock.now().date())
    running = Process.objects.filter(template_key=key, project__state__in=RUNNING).exclude(template_version=newest)
    seen = running.filter(project__in=Project.objects.visible_to(request.actor)).order_by("project__key")
    behind = seen.select_related("project", "template_version").defer("template_version__document")
    touched = {one.key: one for one in impact.touched}
    rows = [
        {"project": one.project, "number": one.template_version.number, "touched": touched.get(one.project.key)}
        for one in behind
    ]
    count = running.count()
    context = {
        "template": template_shown(newest),
        "behind": rows,
        "behind_count": count,
        "unseen": count - len(rows),
        "running": impact.running,
    }
    return render(request, "lifecycle/template_projects.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def new_template(request: PageRequest) -> HttpResponse:
    require(request.actor, Action.EDIT_TEMPLATES)
    published = list(TemplateVersion.objects.newest().select_related("template").order_by("template__key"))
    sources = [(row.template.key, localised(row.definition.name)) for row in published]
    form = NewTemplateForm(request.POST if request.method == "POST" else None, sources=sources)
    if request.method == "POST" and form.is_valid():
        key = form.cleaned_data["key"]
        source = next((row for row in published if row.template.key == form.cleaned_data["source"]), None)
        try:
            services.new_template(key=key, name=form.name, source=source, actor=request.actor, now=clock.now())
            return redirect("template-draft", key)
        except DomainError as error:
            refuse(form, error)
    status = 422 if form.is_bound else 200
    return render(request, "lifecycle/template_new.html", {"form": form}, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def import_template(request: PageRequest) -> HttpResponse:
    """A YAML document pasted or picked becomes a draft."""
    require(request.actor, Action.EDIT_TEMPLATES)
    form = ImportForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form}
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            found, written = services.import_template(
                document=form.cleaned_data["document"],
                actor=request.actor,
                version=form.cleaned_data["replace"],
                now=clock.now(),
            )
        except DraftAlreadyOpen as error:
            context["standing"] = _standing(request, form.cleaned_data["document"]["key"])
            status = error.status
        except DomainError as error:
            context["errors"] = [(item.pointer or "/", item.detail) for item in error.errors] or [("", str(error))]
            status = error.status
        else:
            return _imported(request, found, written=written)
    context["text"] = form.cleaned_data.get("text", "") if form.is_bound and hasattr(form, "cleaned_data") else ""
    return render(request, "lifecycle/template_import.html", context, status=status)


def _standing(request: PageRequest, key: str) -> TemplateVersion | None:
    """The draft that is open already."""
    drafts = TemplateVersion.objects.visible_to(request.actor).drafts().select_related("template", "edited_by")
    return drafts.filter(template__key=key).first()


def _imported(request: PageRequest, found: TemplateVersion, *, written: bool) -> HttpResponse:
    key = found.template.key
    if not written:
        messages.info(request, _("That is what stands there already; nothing was written."))
    return redirect("template-draft" if found.is_draft else "template", key)
