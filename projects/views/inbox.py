from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.http import PageRequest
from common import clock
from common.paging import paged
from journal.services import read_notices, snooze_notice
from projects.selectors import inbox_rows, notices_of, unread_count

SNOOZES = {"1": timedelta(days=1), "3": timedelta(days=3), "7": timedelta(days=7)}


@login_required
@require_safe
def inbox(request: PageRequest) -> HttpResponse:
    """What one was told: the unread, or all on request; each row says why."""
    now, everything = clock.now(), "all" in request.GET
    mine = notices_of(request.actor)
    notices, pager = paged(request, (mine if everything else mine.unread(now)).order_by("-pk"))
    context = {
        "rows": inbox_rows(notices),
        "pager": pager,
        "everything": everything,
        "unread": unread_count(request.actor, now),
        "snoozes": list(SNOOZES),
    }
    return render(request, "projects/inbox.html", context)


@login_required
@require_POST
def read_inbox(request: PageRequest) -> HttpResponse:
    """Mark the chosen notices as read, or all without a choice."""
    chosen = [int(pk) for pk in request.POST.getlist("ids") if pk.isdecimal() and len(pk) < 19]
    mine = notices_of(request.actor)
    read_notices(notices=mine.filter(pk__in=chosen) if chosen else mine, now=clock.now())
    return redirect("inbox")


@login_required
@require_POST
def open_notice(request: PageRequest, pk: int) -> HttpResponse:
    """Read one notice by going to where it leads."""
    notice = get_object_or_404(notices_of(request.actor), pk=pk)
    read_notices(notices=notices_of(request.actor).filter(pk=notice.pk), now=clock.now())
    return redirect(inbox_rows([notice])[0].url)


@login_required
@require_POST
def snooze(request: PageRequest, pk: int) -> HttpResponse:
    """Let a notice sleep for one, three or seven days."""
    notice = get_object_or_404(notices_of(request.actor), pk=pk)
    wait = SNOOZES.get(request.POST.get("days", ""), SNOOZES["1"])
    snooze_notice(user_id=request.actor.person.pk, notice_id=notice.pk, until=clock.now() + wait)
    return redirect("inbox")
