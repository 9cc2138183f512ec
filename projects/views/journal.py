from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import PageRequest
from journal.models import Entry, EntryQuerySet
from projects.permissions import Action, require
from projects.selectors import journal_rows
from projects.views.steps import project_of

SIZE = 100


@login_required
@require_safe
def instance_journal(request: PageRequest) -> HttpResponse:
    """Everything that happened, for admins and auditors."""
    require(request.actor, Action.READ_INSTANCE_JOURNAL)
    return _page(request, Entry.objects.newest_first(), {})


@login_required
@require_safe
def project_journal(request: PageRequest, key: str) -> HttpResponse:
    """What happened in one project."""
    project = project_of(request, key)
    require(request.actor, Action.READ_PROJECT_JOURNAL, project)
    return _page(request, Entry.objects.of_project(project.pk).newest_first(), {"project": project})


def _page(request: PageRequest, entries: EntryQuerySet, context: dict[str, Any]) -> HttpResponse:
    """By number, not by page: new entries do not push the older ones about."""
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        entries = entries.filter(seq__lt=int(before))
    found = list(entries[: SIZE + 1])
    older = found[SIZE - 1].seq if len(found) > SIZE else None
    return render(
        request,
        "projects/journal.html",
        {**context, "rows": journal_rows(found[:SIZE]), "older": older, "newest": not before},
    )
