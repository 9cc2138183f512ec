"""Templates to read: all of them, one with its versions, one version of long ago."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from accounts.http import PageRequest
from common import content
from common.canonical import digest
from lifecycle.models import TemplateVersion
from lifecycle.models.format import Document
from lifecycle.selectors.templates import RUNNING, changes_between, names_in, said, template_shown
from lifecycle.views.templates.rows import stage_rows
from projects.permissions import Action, may

BUILT_IN = ("eight-stage", "six-step")


@login_required
@require_GET
def templates(request: PageRequest) -> HttpResponse:
    """Every template; their drafts for those who edit them."""
    rows = TemplateVersion.objects.visible_to(request.actor).newest_and_drafts().select_related("template", "edited_by")
    found = [{"row": row, **template_shown(row)} for row in rows.order_by("template__key", "number")]
    context = {
        "rows": [row for row in found if row["state"] == "published"],
        "drafts": [row for row in found if row["state"] == "draft"],
        "may_edit": may(request.actor, Action.EDIT_TEMPLATES),
    }
    return render(request, "lifecycle/templates.html", context)


@login_required
@require_GET
def template(request: PageRequest, key: str) -> HttpResponse:
    """The newest version of a template, and all there were. One that only has a draft is its draft."""
    versions = list(_versions(request, key))
    newest = next((version for version in versions if not version.is_draft), None)
    draft = next((version for version in versions if version.is_draft), None)
    if newest is None:
        if draft is None:
            raise Http404
        return redirect("template-draft", key)
    context = {
        **_shown(newest),
        "versions": [version for version in versions if not version.is_draft],
        "draft": draft,
        "may_edit": (editor := may(request.actor, Action.EDIT_TEMPLATES)),
        "other_built_in": editor and built_in_of(key, versions) is not None,
    }
    return render(request, "lifecycle/template.html", context)


@login_required
@require_GET
def template_version(request: PageRequest, key: str, number: int) -> HttpResponse:
    """One published version as it was, and what it changed."""
    rows = TemplateVersion.objects.published().select_related("template", "published_by")
    version = get_object_or_404(rows, template__key=key, number=number)
    before = rows.filter(template__key=key, number__lt=number).order_by("-number").first()
    names = names_in(before.document if before else None, version.document)
    changes = changes_between(before.document, version.document) if before else []
    context = {
        **_shown(version),
        "row": version,
        "before": before,
        "changes": [said(change, names) for change in changes],
    }
    return render(request, "lifecycle/template_version.html", context)


def _versions(request: PageRequest, key: str) -> Any:
    """The versions of a template that the reader sees, newest first, with how many projects run on each."""
    current = Q(processes__project__state__in=RUNNING)
    seen = TemplateVersion.objects.visible_to(request.actor).filter(template__key=key)
    rows = seen.select_related("template", "published_by", "edited_by")
    return rows.defer("document").annotate(running=Count("processes", filter=current)).order_by("-number")


def _shown(version: TemplateVersion) -> dict[str, Any]:
    definition = version.definition
    return {"template": template_shown(version), "definition": definition, "stages": stage_rows(definition)}


def built_in_of(key: str, versions: list[TemplateVersion]) -> Document | None:
    """The built-in text of this release, where the organisation's newest version is its own and never said that."""
    newest = next((version for version in versions if not version.is_draft), None)
    document = next((one for one in map(content.document, BUILT_IN) if one["key"] == key), None)
    if document is None or newest is None or newest.published_by_id is None:
        return None
    return None if digest(document) in {version.digest for version in versions} else document
