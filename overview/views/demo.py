"""The demo's first steps. Outside the demo none of this exists."""

import json
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.http import PageRequest, hand_on, handed, shown_once
from accounts.services import create_token
from common import clock
from overview.selectors.story import Reportable, reportable, reportable_as, watched
from overview.selectors.work import check_row
from overview.views.work import TOLD

YEAR = 365 * 24 * 3600
# Every two seconds for a minute.
LOOKS = 30


@login_required
@require_POST
def dismiss(request: PageRequest) -> HttpResponse:
    """The reader has seen the story; it stays away from this browser."""
    _in_demo()
    answer = redirect("/")
    answer.set_cookie(TOLD, "told", max_age=YEAR, samesite="Lax", secure=settings.HTTPS, httponly=True)
    return answer


@login_required
@require_POST
def make_token(request: PageRequest) -> HttpResponse:
    """A token of one day for one project; the page that follows shows it once, in the call for a check."""
    _in_demo()
    now = clock.now()
    task = reportable(request.actor, today=now.date())
    if task is None:
        raise Http404
    _token, secret = create_token(
        actor=request.actor,
        user=request.actor.person,
        name=_("First call"),
        scopes=["metrics:write", "projects:read"],
        project_id=task.project_id,
        expires_at=now + timedelta(days=1),
        now=now,
    )
    return hand_on(request, redirect("demo-call", task.check_id), secret)


@login_required
@require_GET
def first_call(request: PageRequest, pk: int) -> HttpResponse:
    """The call and the check it turns green. Loaded again it has the place of the token only, and makes none."""
    _in_demo()
    now = clock.now()
    found = watched(request.actor, pk, today=now.date())
    if found is None or found[2].check.kind != "metric":
        raise Http404
    task, secret = reportable_as(found[0], found[2]), handed(request)
    context = {"task": task, "call": _call(task, secret or "TOKEN", now), "again": not secret, "left": LOOKS}
    return shown_once(request, render(request, "overview/first_call.html", context))


def _call(task: Reportable, secret: str, now: datetime) -> str:
    body = {**task.body, "run_id": f"first-{now:%H%M%S}", "measured_at": now.isoformat(timespec="seconds")}
    return (
        f"curl -X POST {settings.BASE_URL}/api/v1/projects/{task.project}/metrics/ \\\n"
        f"  -H 'Authorization: Bearer {secret}' \\\n"
        f"  -H 'Content-Type: application/json' \\\n"
        f"  -d '{json.dumps(body)}'"
    )


@login_required
@require_GET
def watch(request: PageRequest, pk: int) -> HttpResponse:
    """The check as it stands, asked again every two seconds while there are looks left."""
    _in_demo()
    today = clock.now().date()
    found = watched(request.actor, pk, today=today)
    if found is None:
        raise Http404
    given = request.GET.get("left", "0")
    left = min(int(given), LOOKS) if given.isascii() and given.isdecimal() and len(given) < 3 else 0
    stage, answer, one = found
    row = check_row(stage, one, answer, today, {})
    context = {"row": row, "one": one, "left": max(left - 1, 0), "url": row.stage_url}
    return render(request, "overview/_watch.html", context)


def _in_demo() -> None:
    if not settings.DEMO:
        raise Http404
