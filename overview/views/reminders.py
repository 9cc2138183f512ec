"""The ledger of reminders, and the demo's mail."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import PageRequest
from common.paging import paged
from overview.selectors.due_ledger import ledger_of, ledger_rows
from overview.selectors.mailbox import mail_for, mails_for
from projects.permissions import Action, require
from projects.views.steps import project_of


@login_required
@require_safe
def reminder_ledger(request: PageRequest, key: str) -> HttpResponse:
    """Every reminder of the project, with what came of it."""
    project = project_of(request, key)
    require(request.actor, Action.READ_PROJECT_JOURNAL, project)
    notices, pager = paged(request, ledger_of(project))
    context = {"project": project, "rows": ledger_rows(notices), "pager": pager}
    return render(request, "overview/reminders.html", context)


@login_required
@require_safe
def mailbox(request: PageRequest) -> HttpResponse:
    """What would have been sent to the reader. A server with mail has no such page."""
    _in_demo()
    return render(request, "overview/mailbox.html", {"mails": mails_for(request.actor)})


@login_required
@require_safe
def one_mail(request: PageRequest, name: str) -> HttpResponse:
    """One mail in full; somebody else's does not exist."""
    _in_demo()
    found = mail_for(request.actor, name)
    if found is None:
        raise Http404
    return render(request, "overview/mail.html", {"mail": found})


def _in_demo() -> None:
    if not settings.DEMO or settings.SMTP_HOST:
        raise Http404
