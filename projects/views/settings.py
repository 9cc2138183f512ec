from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from accounts.http import PageRequest
from accounts.selectors import last_change
from common import clock, content
from common.errors import VersionMismatch
from common.texts import localised
from projects import services
from projects.forms import DeputyForm, GoalForm, MemberForm, ProjectForm, StakeholderForm, VersionForm
from projects.forms.settings import PersonChoice
from projects.models import Deputy, Goal, Membership, Portfolio, Project, ProjectState, Stakeholder, StandingRole
from projects.permissions import Action, rights
from projects.selectors import may_serve
from projects.selectors.people import known_to
from projects.selectors.phrases import ACCESS_WORDS
from projects.views.steps import project_of, took


@login_required
@require_safe
def project_settings(request: PageRequest, key: str) -> HttpResponse:
    """Data, schedule, members, goals, stakeholders, archive; forms for those who may, facts for all who see."""
    return settings_page(request, project_of(request, key))


@login_required
@require_POST
def edit_project(request: PageRequest, key: str) -> HttpResponse:
    project = project_of(request, key)
    form = ProjectForm(request.POST, portfolios=Portfolio.objects.visible_to(request.actor))
    try:
        if took(form, lambda: _update(request, project, form)):
            messages.success(request, _("The project is saved."))
            return redirect("project-settings", key)
    except _Overtaken as overtaken:
        lost = _lost(project, form, overtaken.current)
        return settings_page(request, project, status=412, given={"project_form": form}, lost=lost)
    return settings_page(request, project, status=422, given={"project_form": form})


class _Overtaken(Exception):
    """Somebody saved meanwhile; the page shows both."""

    def __init__(self, current: int) -> None:
        self.current = current
        super().__init__()


def _update(request: PageRequest, project: Project, form: ProjectForm) -> None:
    version = form.cleaned_data["version"]
    try:
        services.update_project(project=project, actor=request.actor, now=clock.now(), version=version, **form.facts())
    except VersionMismatch as error:
        raise _Overtaken(error.current) from error


def _lost(project: Project, form: ProjectForm, current: int) -> dict[str, Any]:
    """What `components/_lost_update.html` shows: the two texts of each field in which they differ."""
    theirs = ProjectForm.initial_of(project)
    fields = [
        {
            "name": name,
            "label": form.fields[name].label,
            "mine": form.data.get(name, ""),
            "theirs": _shown(theirs[name]),
            "differs": form.data.get(name, "") != _shown(theirs[name]),
        }
        for name in form.facts()
    ]
    change = last_change(f"project:{project.pk}") or {"at": None, "by": ""}
    return {
        "fields": fields,
        "who": change["by"],
        "when": change["at"],
        "version": current,
        "keep_url": f"/projects/{project.key}/settings/data/",
        "take_url": f"/projects/{project.key}/settings/",
    }


def _shown(value: Any) -> str:
    return "" if value is None else str(getattr(value, "pk", value))


@login_required
@require_POST
def add_member(request: PageRequest, key: str) -> HttpResponse:
    project, form = project_of(request, key), MemberForm(request.POST)

    def add() -> None:
        username = form.cleaned_data["user"].username
        services.add_member(project=project, actor=request.actor, now=clock.now(), username=username, **form.facts())

    if took(form, add):
        return redirect(f"/projects/{key}/settings/#members")
    return settings_page(request, project, status=422, given={"member_form": form})


@login_required
@require_POST
def edit_member(request: PageRequest, key: str, pk: int) -> HttpResponse:
    project = project_of(request, key)
    member = get_object_or_404(Membership.objects.visible_to(request.actor), project=project, pk=pk)
    form = MemberForm(request.POST)
    del form.fields["user"]
    if took(
        form,
        lambda: services.update_member(
            member=member,
            actor=request.actor,
            now=clock.now(),
            version=form.cleaned_data["version"] or 0,
            **form.facts(),
        ),
    ):
        return redirect(f"/projects/{key}/settings/#members")
    return settings_page(request, project, status=422, given={"refused": form})


@login_required
@require_POST
def remove_member(request: PageRequest, key: str, pk: int) -> HttpResponse:
    project = project_of(request, key)
    member = get_object_or_404(Membership.objects.visible_to(request.actor), project=project, pk=pk)
    form = VersionForm(request.POST)
    if took(
        form,
        lambda: services.remove_member(
            member=member, actor=request.actor, now=clock.now(), version=form.cleaned_data["version"]
        ),
    ):
        return redirect(
            "/projects/" if member.user_id == request.actor.user_id else f"/projects/{key}/settings/#members"
        )
    return settings_page(request, project, status=422, given={"refused": form})


@login_required
@require_POST
def inherit_member(request: PageRequest, key: str, username: str) -> HttpResponse:
    """The standing role of the nearest portfolio holds for this person again."""
    project, form = project_of(request, key), forms.Form(request.POST)
    act = services.inherit_member
    if took(form, lambda: act(project=project, username=username, actor=request.actor, now=clock.now())):
        return redirect(f"/projects/{key}/settings/#members")
    return settings_page(request, project, status=422, given={"refused": form})


@login_required
@require_POST
def change_state(request: PageRequest, key: str, step: str) -> HttpResponse:
    """Archive the project, or restore it."""
    project = project_of(request, key)
    act = services.archive_project if step == "archive" else services.restore_project
    if took(forms.Form(request.POST), lambda: act(project=project, actor=request.actor, now=clock.now())):
        return redirect("project-settings", key)
    return settings_page(request, project)


def _member(member: Membership, standing: Mapping[int, StandingRole]) -> dict[str, Any]:
    """A member with access and capacities in the reader's words, and the standing role that the project overrode."""
    known = content.roles()
    roles = [localised(known[role]["name"]) if role in known else role for role in member.roles]
    access = [str(ACCESS_WORDS[name]) for name in member.access]
    overridden = None if member.standing_id else standing.get(member.user_id)
    shown = {"row": member, "form": MemberForm.of(member), "overridden": overridden}
    return {**shown, "roles": ", ".join(roles), "access": ", ".join(access)}


def _standing(project: Project) -> dict[int, StandingRole]:
    """By user, the standing role that reaches the project, the nearest portfolio's."""
    roles = StandingRole.objects.over(project).select_related("user", "portfolio")
    return {role.user_id: role for role in roles}


def _deputies(project: Project) -> "QuerySet[Deputy]":
    rows = Deputy.objects.filter(project=project, ended_at=None, ends_on__gte=clock.now().date())
    return rows.select_related("user", "deputy")


def _deputy_form(request: PageRequest, members: Sequence[Membership]) -> DeputyForm | None:
    """For who has a vote to hand over."""
    if not any(member.decide and member.user_id == request.actor.user_id for member in members):
        return None
    people = [member.user for member in members if may_serve(member, request.actor)]
    return DeputyForm(people=people, auto_id="deputy-%s")


def _member_form(actor: Actor) -> MemberForm:
    form = MemberForm(auto_id="member-%s")
    form.fields["user"] = PersonChoice(known_to(actor), label=form.fields["user"].label, to_field_name="username")
    return form


def settings_page(
    request: PageRequest,
    project: Project,
    status: int = 200,
    given: Mapping[str, forms.Form] | None = None,
    lost: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """The page with its forms, or with the one in `given` that was refused."""
    given, allowed = given or {}, rights(request.actor, project)
    members = list(
        Membership.objects.filter(project=project)
        .select_related("user", "standing__portfolio")
        .prefetch_related("functions")
        .order_by("pk")
    )
    goals, stakeholders = Goal.objects.filter(project=project), Stakeholder.objects.filter(project=project)
    portfolios = Portfolio.objects.visible_to(request.actor)
    standing, inside = _standing(project), {member.user_id for member in members}
    data = ProjectForm(initial=ProjectForm.initial_of(project), portfolios=portfolios)
    context: dict[str, Any] = {
        "project": project,
        "members": [_member(member, standing) for member in members],
        "left_out": [role for user, role in standing.items() if user not in inside],
        "deputies": list(_deputies(project)),
        "deputy_form": given.get("deputy_form") or _deputy_form(request, members),
        "goals": [{"row": goal, "form": GoalForm.of(goal)} for goal in goals],
        "stakeholders": [{"row": row, "form": StakeholderForm.of(row)} for row in stakeholders],
        "may_edit": Action.EDIT_PROJECT in allowed,
        "may_manage": Action.MANAGE_MEMBERS in allowed,
        "may_move": Action.CHANGE_STATE in allowed,
        "may_read_journal": Action.READ_PROJECT_JOURNAL in allowed,
        "is_archived": project.state == ProjectState.ARCHIVED,
        "lost": lost,
        "refused": given.get("refused"),
        "project_form": given.get("project_form") or data,
        "member_form": given.get("member_form") or _member_form(request.actor),
        "goal_form": given.get("goal_form") or GoalForm(auto_id="goal-%s"),
        "stakeholder_form": given.get("stakeholder_form") or StakeholderForm(auto_id="stakeholder-%s"),
    }
    return render(request, "projects/settings.html", context, status=status)
