"""How a project is asked: its level, tags and template version, what a move would change, and the move itself."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.http import PageRequest
from common import clock, content
from common.errors import DomainError
from common.forms import refuse
from common.texts import localised
from journal.models import Entry
from lifecycle import selectors, services
from lifecycle.forms import LevelMoveForm, TagsForm, VersionMoveForm
from lifecycle.models import Process, TemplateVersion
from lifecycle.models.definition import Definition
from lifecycle.selectors.templates import changes_between, names_in, said
from lifecycle.services import Move
from projects.models import ProjectTag
from projects.permissions import Action, may
from projects.selectors import journal_rows

VERBS = ("project.level_changed", "project.level_confirmed", "project.template_moved", "project.tags_changed")
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Wish:
    """A move somebody looks at before they make it."""

    title: str
    button: str
    route: str
    tags: Collection[str]
    form: forms.Form
    act: Callable[[], Move]


@login_required
@require_GET
def process(request: PageRequest, key: str) -> HttpResponse:
    """`?level=`, `?version=` and `?retag=1&tags=` show what that move would change."""
    found = process_seen(request, key)
    return render_process(request, found, _wish(request, found))


@login_required
@require_POST
def move_level(request: PageRequest, key: str) -> HttpResponse:
    found, form = process_seen(request, key), LevelMoveForm(request.POST)
    return _make(request, found, _to_level(request, found, form))


@login_required
@require_POST
def move_version(request: PageRequest, key: str) -> HttpResponse:
    found, form = process_seen(request, key), VersionMoveForm(request.POST)
    return _make(request, found, _to_version(request, found, form))


@login_required
@require_POST
def move_tags(request: PageRequest, key: str) -> HttpResponse:
    found, form = process_seen(request, key), TagsForm(request.POST)
    return _make(request, found, _to_tags(request, found, form))


def process_seen(request: PageRequest, key: str) -> Process:
    rows = Process.objects.visible_to(request.actor).select_related("project__portfolio", "template_version")
    return get_object_or_404(rows.defer("template_version__document"), project__key=key)


def _make(request: PageRequest, found: Process, wish: Wish) -> HttpResponse:
    status = 422
    if wish.form.is_valid():
        try:
            wish.act()
        except DomainError as error:
            refuse(wish.form, error)
            status = error.status
        else:
            messages.success(request, _("The process has moved."))
            return redirect("process", found.project.key)
    return render_process(request, found, wish, status=status)


def _wish(request: PageRequest, found: Process) -> Wish | None:
    given = request.GET
    if "level" in given:
        return _to_level(request, found, LevelMoveForm(initial={"level": given["level"]}))
    if "version" in given:
        return _to_version(request, found, VersionMoveForm(initial={"version": given["version"]}))
    if "retag" in given:
        start = {"tags": given.getlist("tags"), "version": found.project.version}
        return _to_tags(request, found, TagsForm(initial=start))
    return None


def _said(form: forms.Form, name: str) -> Any:
    """What the form was sent with, else what it starts with."""
    return form.data.get(name, "") if form.is_bound else form.initial.get(name, "")


def _to_level(request: PageRequest, found: Process, form: LevelMoveForm) -> Wish:
    level = str(_said(form, "level"))
    known = found.definition.levels.get(level)
    name = localised(known["name"]) if known else level
    same = level == found.level
    return Wish(
        title=(_("Confirming the level %(level)s") if same else _("Moving to %(level)s")) % {"level": name},
        button=(_("Confirm %(level)s") if same else _("Move to %(level)s")) % {"level": name},
        route="move-level",
        tags=_tags(found),
        form=form,
        act=lambda: services.change_level(
            project=found.project,
            actor=request.actor,
            level=level,
            reason=form.cleaned_data["reason"] if form.is_bound else "",
            now=clock.now(),
        ),
    )


def _to_version(request: PageRequest, found: Process, form: VersionMoveForm) -> Wish:
    number = _number(form)
    return Wish(
        title=_("Moving to version %(number)s") % {"number": number},
        button=_("Move to version %(number)s") % {"number": number},
        route="move-version",
        tags=_tags(found),
        form=form,
        act=lambda: services.change_version(
            project=found.project,
            actor=request.actor,
            version=number,
            reason=form.cleaned_data["reason"] if form.is_bound else "",
            now=clock.now(),
        ),
    )


def _number(form: VersionMoveForm) -> int:
    """The version that the form names; 0 for what is none."""
    if form.is_bound:
        return form.cleaned_data.get("version", 0) if form.is_valid() else 0
    try:
        return int(form.fields["version"].clean(form.initial["version"]))
    except forms.ValidationError:
        return 0


def _to_tags(request: PageRequest, found: Process, form: TagsForm) -> Wish:
    tags = form.data.getlist("tags") if form.is_bound else form.initial["tags"]  # type: ignore[attr-defined]  # a QueryDict
    return Wish(
        title=_("With these tags: %(tags)s") % {"tags": tag_names(tags)} if tags else _("Without tags"),
        button=_("Change the tags"),
        route="move-tags",
        tags=tags,
        form=form,
        act=lambda: services.change_tags(
            project=found.project,
            actor=request.actor,
            version=form.cleaned_data["version"] if form.is_bound else found.project.version,
            tags=tags,
            now=clock.now(),
        ),
    )


def render_process(request: PageRequest, found: Process, wish: Wish | None, *, status: int = 200) -> HttpResponse:
    project, actor, definition = found.project, request.actor, found.definition
    tags = _tags(found)
    levels = selectors.levels_of(definition, tags)
    newest = (
        TemplateVersion.objects.newest().defer("document").filter(template=found.template_version.template_id).get()
    )
    entries = Entry.objects.of_project(project.pk).filter(verb__in=VERBS).newest_first()
    context = {
        "project": project,
        "process": found,
        "tab": "stages",
        "today": clock.now().date(),
        "headline": _headline(found, levels),
        "levels": levels,
        "template_name": localised(definition.name),
        "newest": newest,
        "tags": [
            {"key": key, "name": localised(tag["name"]), "help": localised(tag["help"]), "set": key in tags}
            for key, tag in content.tags().items()
        ],
        "may_level": may(actor, Action.CONFIRM_INTAKE, project),
        "may_version": may(actor, Action.CHANGE_STATE, project),
        "may_tag": services.may_tag(actor, found),
        "wish": wish and _shown(found, wish),
        "rows": journal_rows(list(entries[:SHOWN])) if may(actor, Action.READ_PROJECT_JOURNAL, project) else None,
    }
    return render(request, "lifecycle/process.html", context, status=status)


def _headline(found: Process, levels: Sequence[selectors.LevelAsks]) -> dict[str, Any]:
    now = next(level for level in levels if level.key == found.level)
    gates = len(found.definition.stages)
    words = {
        "project": found.project.display_name,
        "level": now.name,
        "checks": ngettext("%(n)s required check", "%(n)s required checks", now.required) % {"n": now.required},
        "votes": ngettext("%(n)s vote", "%(n)s votes", now.votes) % {"n": now.votes},
        "gates": ngettext("%(n)s gate", "%(n)s gates", gates) % {"n": gates},
    }
    said = (
        _("%(project)s runs at the level %(level)s: %(checks)s and %(votes)s over %(gates)s.")
        if found.level_confirmed
        else _(
            "%(project)s runs at the level %(level)s: %(checks)s and %(votes)s over %(gates)s. "
            "Nobody has confirmed the level yet."
        )
    )
    return {"rest": said % words, "tone": ""}


def _shown(found: Process, wish: Wish) -> dict[str, Any]:
    """What the move would change, in words; or why it cannot be made."""
    shown: dict[str, Any] = {"title": wish.title, "button": wish.button, "route": wish.route, "form": wish.form}
    if wish.form.is_bound and wish.form.errors:
        # Said with the form; a move that was refused is not tried again.
        return shown
    try:
        move = services.tried(wish.act)
    except DomainError as refusal:
        return shown | {"refused": str(refusal), "form": None}
    return shown | changes_in_words(found, move, wish.tags)


def changes_in_words(found: Process, move: Move, tags: Collection[str]) -> dict[str, Any]:
    """A move's changes as `lifecycle/_move.html` shows them."""
    changed, words = move.changed, _Words(move.process.definition, found.definition, move.process.level, tags)
    lists = [
        (_("Asked for now"), changed.added),
        (_("Required now"), changed.required),
        (_("Optional now"), changed.optional),
        (_("Asked for no longer; what was said is kept"), changed.dropped),
        (_("Another kind of check now, so it starts open"), [was["check"] for was in changed.reopened]),
        (_("The project's own limit ends"), changed.limits_ended),
        (_("The waiver ends"), changed.waivers_ended),
        (_("One person granted the waiver; it takes a second gatekeeper now"), changed.waivers_asked),
    ]
    return {
        "facts": _facts(move),
        "lists": [{"title": title, "rows": list(map(words.row, keys))} for title, keys in lists if keys],
        "stages_added": [words.stage(key) for key in changed.stages_added],
        "stages_skipped": [words.stage(key) for key in changed.stages_skipped],
        "otherwise": _otherwise(found.template_version_id, move.process.template_version_id),
        "gained": [blocker["detail"] for blocker in move.gained],
        "lost": [blocker["detail"] for blocker in move.lost],
    }


def _otherwise(before: int, after: int) -> list[str]:
    """What the one version says otherwise than the other, for any project."""
    if before == after:
        return []
    documents = dict(TemplateVersion.objects.filter(pk__in=(before, after)).values_list("pk", "document"))
    names = names_in(documents[before], documents[after])
    return [said(change, names) for change in changes_between(documents[before], documents[after])]


@dataclass(frozen=True, slots=True)
class _Words:
    """What checks and stages are called, in the version moved to, else in the one before."""

    after: Definition
    before: Definition
    level: str
    tags: Collection[str]

    def row(self, key: str) -> dict[str, Any]:
        found = self.after.find(key) or self.before.find(key)
        if found is None:
            return {"text": key}
        stage, item = found
        known = self.after.find(key) is not None
        return {
            "text": localised(item.text),
            "stage": localised(stage.name),
            "required": known and item.required_for(self.level, self.tags),
        }

    def stage(self, key: str) -> str:
        found = self.after.by_key.get(key) or self.before.by_key.get(key)
        return localised(found.name) if found else key


def _facts(move: Move) -> list[dict[str, str]]:
    """The move in figures; what is none is left out."""
    changed = move.changed
    counts = [
        (len(changed.added), ngettext("check asked for now", "checks asked for now", len(changed.added))),
        (
            len(changed.dropped),
            ngettext("check no longer asked for", "checks no longer asked for", len(changed.dropped)),
        ),
        (len(changed.required), ngettext("check required now", "checks required now", len(changed.required))),
        (len(changed.optional), ngettext("check optional now", "checks optional now", len(changed.optional))),
        (len(move.gained), ngettext("thing more in the way", "things more in the way", len(move.gained))),
        (len(move.lost), ngettext("thing fewer in the way", "things fewer in the way", len(move.lost))),
    ]
    found = [{"strong": str(count), "rest": words} for count, words in counts if count]
    return found or [{"strong": _("No check changes."), "rest": ""}]


def _tags(found: Process) -> list[str]:
    return sorted(ProjectTag.objects.filter(project=found.project_id).values_list("key", flat=True))


def tag_names(tags: Collection[str]) -> str:
    known = content.tags()
    return ", ".join(localised(known[key]["name"]) if key in known else key for key in tags)
