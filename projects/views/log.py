from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import PageRequest
from common import clock, markdown
from common.paging import paged
from projects import services
from projects.forms import ActionForm, CommentForm, ProgressForm, StepForm
from projects.models import Action as Owed
from projects.models import ActionSource, Comment, ProgressEntry, Project
from projects.permissions import Action, rights
from projects.views.steps import project_of, took


@dataclass(frozen=True, slots=True)
class Said:
    """A comment as it is shown."""

    comment: Comment
    html: SafeString
    mine: bool
    form: CommentForm | None


@login_required
@require_safe
def project_log(request: PageRequest, key: str) -> HttpResponse:
    """The timeline of progress, open actions, and what people say."""
    return _page(request, project_of(request, key))


@login_required
@require_POST
def log_progress(request: PageRequest, key: str) -> HttpResponse:
    project, form = project_of(request, key), ProgressForm(request.POST)
    if took(
        form,
        lambda: services.log_progress(project=project, actor=request.actor, now=clock.now(), **form.facts()),
    ):
        messages.success(request, _("Progress is logged."))
        return redirect("project-log", key)
    return _page(request, project, status=422, progress_form=form)


@login_required
@require_POST
def add_comment(request: PageRequest, key: str) -> HttpResponse:
    project, form = project_of(request, key), CommentForm(request.POST)
    if took(
        form,
        lambda: services.add_comment(project=project, actor=request.actor, now=clock.now(), **form.cleaned_data),
    ):
        return redirect(f"{request.path.removesuffix('comments/')}#comments")
    return _page(request, project, status=422, comment_form=form)


@login_required
@require_POST
def edit_comment(request: PageRequest, key: str, pk: int) -> HttpResponse:
    project = project_of(request, key)
    comment = get_object_or_404(Comment.objects.visible_to(request.actor), project=project, pk=pk)
    form, step = CommentForm(request.POST), StepForm({**request.POST.dict(), "step": "edit"})
    if took(step, lambda: None) and took(
        form,
        lambda: services.edit_comment(
            comment=comment,
            actor=request.actor,
            now=clock.now(),
            version=step.cleaned_data["version"],
            **form.cleaned_data,
        ),
    ):
        return redirect(f"/projects/{key}/log/#comment-{pk}")
    return _page(request, project, status=422, comment_form=form)


@login_required
@require_POST
def add_action(request: PageRequest, key: str) -> HttpResponse:
    project = project_of(request, key)
    form = ActionForm(request.POST, project=project)
    if took(
        form,
        lambda: services.add_action(project=project, actor=request.actor, now=clock.now(), **form.facts()),
    ):
        return redirect(f"/projects/{key}/log/#actions")
    return _page(request, project, status=422, action_form=form)


@login_required
@require_POST
def move_action(request: PageRequest, key: str, pk: int) -> HttpResponse:
    """Done, not done after all, or verified."""
    project = project_of(request, key)
    action = get_object_or_404(Owed.objects.visible_to(request.actor), project=project, pk=pk)
    form = StepForm(request.POST)
    if took(form, lambda: _move(request, action, form.cleaned_data["step"], form.cleaned_data["version"])):
        return redirect(f"/projects/{key}/log/#actions")
    return _page(request, project, status=422, refused=form)


def _move(request: PageRequest, action: Owed, step: str, version: int) -> None:
    if step == "verify":
        services.verify_action(action=action, actor=request.actor, now=clock.now(), version=version)
        return
    services.complete_action(action=action, actor=request.actor, now=clock.now(), version=version, done=step == "done")


def _page(request: PageRequest, project: Project, status: int = 200, **given: forms.Form) -> HttpResponse:
    allowed = rights(request.actor, project)
    entries, pager = paged(request, ProgressEntry.objects.filter(project=project).select_related("written_by"))
    comments, comment_pager = paged(
        request,
        Comment.objects.filter(project=project).select_related("written_by").order_by("-pk"),
        "comments",
    )
    actions = Owed.objects.filter(project=project, verified_by=None).exclude(source=ActionSource.CONDITION)
    context: dict[str, Any] = {
        "project": project,
        "entries": entries,
        "pager": pager,
        "latest": ProgressEntry.objects.filter(project=project).select_related("written_by").first(),
        "comments": [_said(comment, request) for comment in comments],
        "comment_pager": comment_pager,
        "actions": actions.select_related("owner", "done_by")[:100],
        "may_work": Action.WORK in allowed,
        "may_comment": Action.COMMENT in allowed,
        "progress_form": given.get("progress_form") or ProgressForm(initial={"health": project.health}),
        "comment_form": given.get("comment_form") or CommentForm(auto_id="comment-%s"),
        "action_form": given.get("action_form") or ActionForm(project=project, auto_id="action-%s"),
        "refused": given.get("refused"),
    }
    return render(request, "projects/log.html", context, status=status)


def _said(comment: Comment, request: PageRequest) -> Said:
    mine = comment.written_by_id == request.actor.user_id
    form = CommentForm(initial={"text": comment.text}, auto_id=f"comment-{comment.pk}-%s") if mine else None
    return Said(comment, markdown.render(comment.text), mine, form)
