from collections.abc import Iterator

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.http import PageRequest
from common import clock
from common.paging import paged
from projects.models import Project
from projects.permissions import Action, require, rights
from records import selectors, services
from records.http import as_picture
from records.models import Evidence, ModelVersion

MODELS_AT_MOST = 50


@login_required
@require_GET
def records(request: PageRequest, key: str) -> HttpResponse:
    """What the project is about now, its latest results, its models and its proof."""
    project = get_object_or_404(Project.objects.visible_to(request.actor), key=key)
    rows = Evidence.objects.filter(project=project).newest().select_related("supplied_by", "withdrawn_by")
    evidence, pager = paged(request, rows)
    allowed, today = rights(request.actor, project), clock.now().date()
    subject = selectors.subject_parts(project)
    context = {
        "project": project,
        "tab": "records",
        "subject": subject,
        "about": [part.value for part in subject if part.value],
        "results": selectors.latest_results(project),
        "models": ModelVersion.objects.filter(project=project).prefetch_related("trained_by")[:MODELS_AT_MOST],
        "evidence": selectors.proof_rows(evidence, confidential=Action.SEE_CONFIDENTIAL in allowed, today=today),
        "pager": pager,
        "may_work": Action.WORK in allowed,
    }
    return render(request, "records/records.html", context)


@login_required
@require_GET
def preview(request: PageRequest, pk: int) -> HttpResponse:
    """A file shown and not run: an image, the beginning of a text, or a PDF page by page."""
    evidence = _file_seen(request, pk)
    kind = selectors.preview_of(evidence.filename)
    beginning = None
    if kind == "text":
        beginning = selectors.beginning_of(_bytes(request, evidence))
    elif kind:
        services.check_sound(evidence=evidence, actor=request.actor, now=clock.now())
    context = {"project": evidence.project, "tab": "records", "evidence": evidence, "kind": kind, "text": beginning}
    return render(request, "records/preview.html", context)


@login_required
@require_GET
def inline(request: PageRequest, pk: int) -> StreamingHttpResponse:
    """The bytes of an image, and of nothing else."""
    evidence = _file_seen(request, pk)
    if selectors.preview_of(evidence.filename) != "image":
        raise Http404
    return as_picture(evidence, _bytes(request, evidence))


def _file_seen(request: PageRequest, pk: int) -> Evidence:
    """A stored file that the reader may download. Raises Http404, PermissionDenied."""
    rows = Evidence.objects.visible_to(request.actor).filter(blob__isnull=False).select_related("blob", "project")
    found = get_object_or_404(rows, pk=pk)
    if found.confidential:
        require(request.actor, Action.SEE_CONFIDENTIAL, found.project)
    return found


def _bytes(request: PageRequest, evidence: Evidence) -> Iterator[bytes]:
    return services.bytes_of(evidence=evidence, actor=request.actor, now=clock.now())
