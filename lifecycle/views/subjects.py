"""What if: an older part of the subject made current again, and a gate with each of the last candidates."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.http import PageRequest
from common import clock
from common.errors import DomainError
from common.forms import refuse
from common.texts import localised
from lifecycle import selectors
from lifecycle.criteria import wording
from lifecycle.forms import PartForm
from lifecycle.models import Process
from lifecycle.views.gates import stage_seen
from lifecycle.views.marks import PARTS
from projects.models import Project
from projects.permissions import Action, may
from records.services import current_parts, set_subject


@login_required
@require_GET
def make_current(request: PageRequest, key: str) -> HttpResponse:
    """`?part=model&value=…`: which checks would stand otherwise if this value were current."""
    project, form = get_object_or_404(Project.objects.visible_to(request.actor), key=key), PartForm(request.GET or None)
    if not form.is_valid():
        return _which(request, project, form, status=422 if form.is_bound else 200)
    part, value = form.cleaned_data["part"], form.cleaned_data["value"]
    process = Process.objects.get(project=project)
    turned = selectors.turns(process.pk, {part: value}, today=clock.now().date())
    context = {
        "project": project,
        "tab": "records",
        "part": part,
        "part_name": PARTS[part],
        "value": value,
        "current": current_parts(project).get(part, ""),
        "stale": [turn for turn in turned if turn.turns_stale],
        "others": [turn for turn in turned if not turn.turns_stale],
        "may_work": may(request.actor, Action.WORK, project),
    }
    return render(request, "lifecycle/make_current.html", context)


@login_required
@require_POST
def made_current(request: PageRequest, key: str) -> HttpResponse:
    project, form = get_object_or_404(Project.objects.visible_to(request.actor), key=key), PartForm(request.POST)
    if not form.is_valid():
        return _which(request, project, form, status=422)
    part, value = form.cleaned_data["part"], form.cleaned_data["value"]
    try:
        set_subject(project=project, actor=request.actor, parts={part: value}, now=clock.now())
    except DomainError as error:
        refuse(form, error)
        return _which(request, project, form, status=error.status)
    messages.success(request, _("%(part)s: %(value)s is current.") % {"part": PARTS[part], "value": value})
    return redirect(f"{reverse('project-records', args=[key])}#subject")


def _which(request: PageRequest, project: Project, form: PartForm, *, status: int) -> HttpResponse:
    """Ask for the part and its value; what was wrong with them is said at their fields."""
    context = {"project": project, "tab": "records", "form": form}
    return render(request, "lifecycle/make_current.html", context, status=status)


@login_required
@require_GET
def candidates(request: PageRequest, key: str, stage: str) -> HttpResponse:
    """The last three candidates, and how the gate would stand with each in the place of what is current."""
    found, now = stage_seen(request, key, stage), clock.now()
    facts = selectors.gather([found], today=now.date())[found.pk]
    recent = selectors.recent_candidates(found.process.project_id, now=now)
    answers = selectors.as_if(facts, recent)
    context = {
        "project": found.project,
        "stage": found,
        "gate_name": localised(found.definition.gate_name),
        "candidates": [_row(one, answer, facts.subject) for one, answer in zip(recent, answers, strict=True)],
        "tab": "stages",
    }
    template = "lifecycle/_candidates.html" if request.htmx else "lifecycle/candidates.html"
    return render(request, template, context)


def _row(candidate: selectors.Candidate, answer: Any, current: Any) -> dict[str, Any]:
    sentence = wording.sentence(answer)
    moved = selectors.moved_by(candidate, current)
    return {
        "run_id": candidate.run_id,
        "reported_at": candidate.reported_at,
        "verdict": answer.verdict.value,
        "word": sentence.word,
        "rest": str(sentence).removeprefix(sentence.word),
        "moved": [f"{PARTS[one['part']]} {one['to']}" for one in moved],
    }
