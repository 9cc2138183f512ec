"""The intake: ten questions, what the answers propose, and what legal or risk makes of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import PageRequest
from common import clock, content
from common.errors import DomainError, VersionMismatch
from common.forms import refuse
from common.texts import localised
from lifecycle import services
from lifecycle.forms import ConfirmIntakeForm, IntakeForm
from lifecycle.models import Process
from lifecycle.services import Move
from lifecycle.views.moves import changes_in_words, process_seen
from projects.criteria import Proposal, adds, plain, propose, questions
from projects.models import Intake, Project, ProjectTag
from projects.permissions import Action, may, require

Given = Mapping[str, Sequence[str]]


@login_required
@require_http_methods(["GET", "POST"])
def intake(request: PageRequest, key: str) -> HttpResponse:
    """The questions beside what they propose. POST keeps the answers, or with `step` shows what they would mean:

    `preview` those given, `plain` with the plain answer to every open question.
    """
    found = process_seen(request, key)
    newest = _newest(found.project)
    if request.method != "POST":
        return _page(request, found, newest, newest.answers if newest else {})
    require(request.actor, Action.EDIT_PROJECT, found.project)
    form = IntakeForm(request.POST)
    if not form.is_valid():
        return _page(request, found, newest, _typed(request), form, status=422)
    answers, step = form.answers(), request.POST.get("step")
    if step in {"preview", "plain"}:
        return _page(request, found, newest, plain(answers) if step == "plain" else answers, form)
    return _save(request, found, answers, form)


@login_required
@require_POST
def confirm_intake(request: PageRequest, key: str) -> HttpResponse:
    """Take the proposal, or decide otherwise with a reason."""
    found = process_seen(request, key)
    require(request.actor, Action.CONFIRM_INTAKE, found.project)
    form = ConfirmIntakeForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            services.confirm_intake(
                project=found.project, actor=request.actor, now=clock.now(), **form.found()
            )  # fmt: skip
        except DomainError as error:
            refuse(form, error)
            status = error.status
        else:
            messages.success(request, _("The intake is confirmed."))
            return redirect("intake", found.project.key)
    newest = _newest(found.project)
    return _page(request, found, newest, newest.answers if newest else {}, confirming=form, status=status)


def _save(request: PageRequest, found: Process, answers: dict[str, list[str]], form: IntakeForm) -> HttpResponse:
    project = found.project
    try:
        services.answer_intake(
            project=project,
            actor=request.actor,
            answers=answers,
            version=form.cleaned_data["version"],
            now=clock.now(),
        )
    except VersionMismatch as error:
        return _page(request, found, _newest(project), answers, form, lost=True, status=error.status)
    except DomainError as error:
        refuse(form, error)
        return _page(request, found, _newest(project), answers, form, status=error.status)
    return redirect("intake", project.key)


def _newest(project: Project) -> Intake | None:
    rows = Intake.objects.newest().filter(project=project)
    return rows.select_related("filled_by", "confirmed_by").first()


def _typed(request: PageRequest) -> dict[str, list[str]]:
    """What was sent, as far as such questions and options exist."""
    known = {key: {option["key"] for option in question["options"]} for key, question in questions().items()}
    return {key: [one for one in request.POST.getlist(key) if one in options] for key, options in known.items()}


def _page(
    request: PageRequest,
    found: Process,
    newest: Intake | None,
    answers: Given,
    form: IntakeForm | None = None,
    *,
    confirming: ConfirmIntakeForm | None = None,
    lost: bool = False,
    status: int = 200,
) -> HttpResponse:
    project, actor, proposal = found.project, request.actor, propose(answers)
    kept = newest.answers if newest else {}
    waits = newest is not None and not newest.is_confirmed
    may_confirm = waits and may(actor, Action.CONFIRM_INTAKE, project)
    context = {
        "project": project,
        "process": found,
        "tab": "stages",
        "today": clock.now().date(),
        "headline": {"rest": _headline(found, newest, proposal), "tone": ""},
        "questions": [_question(question, answers, kept if lost else None, form) for question in questions().values()],
        "form": form,
        "version": newest.version if newest else 0,
        "lost": lost,
        "unsaved": dict(answers) != dict(kept),
        "newest": newest,
        "may_answer": may(actor, Action.EDIT_PROJECT, project),
        "may_confirm": may_confirm and newest is not None and newest.filled_by_id != actor.user_id,
        "own_answers": may_confirm and newest is not None and newest.filled_by_id == actor.user_id,
        "confirming": confirming or _confirming(newest, proposal),
        "proposal": _proposal(proposal),
        "left": [localised(questions()[key]["text"]) for key in proposal.open],
        "decided": _decided(newest.confirmed) if newest and newest.is_confirmed else None,
        "wish": _changes(found, proposal, differs=newest is not None or bool(answers)),
        "legal_note": localised(content.document("intake")["legal_note"]),
    }
    return render(request, "lifecycle/intake.html", context, status=status)


def _headline(found: Process, newest: Intake | None, proposal: Proposal) -> str:
    words = {"project": found.project.display_name, "level": _name("level", proposal.level)}
    if newest is None:
        return _("Ten questions say what %(project)s needs; one can answer them later, too.") % words
    if newest.is_confirmed:
        return _("%(project)s: the intake is confirmed.") % words
    if found.level_confirmed:
        return _("%(project)s: the new answers propose %(level)s and wait to be confirmed.") % words
    return _("%(project)s: the answers propose %(level)s, which holds until somebody confirms it.") % words


def _question(
    question: Mapping[str, Any], answers: Given, theirs: Given | None, form: IntakeForm | None
) -> dict[str, Any]:
    key = question["key"]
    chosen, other = answers.get(key, ()), list((theirs or {}).get(key, ()))
    names = {option["key"]: localised(option["name"]) for option in question["options"]}
    return {
        "key": key,
        "text": localised(question["text"]),
        "help": localised(question["help"]),
        "unconfirmed": question["source_state"] == "unconfirmed",
        "type": "radio" if question["select"] == "one" else "checkbox",
        "options": [{"key": one, "name": name, "chosen": one in chosen} for one, name in names.items()],
        "answer": ", ".join(names[one] for one in chosen if one in names),
        "adds": _added(adds(answers, key)) if chosen else [],
        "errors": form.errors.get(key) if form else None,
        "theirs": (", ".join(names.get(one, one) for one in other) or _("no answer"))
        if theirs is not None and sorted(other) != sorted(chosen)
        else "",
    }


def _added(found: Mapping[str, Sequence[str]]) -> list[str]:
    """What an answer adds, named; the plain values of facts are nothing to tell."""
    defaults = content.document("intake")["defaults"]
    return [
        _name(fact, value) for fact, values in found.items() for value in values if value not in defaults.get(fact, ())
    ]


def _name(fact: str, key: str) -> str:
    if fact == "tags":
        tag = content.tags().get(key)
        return localised(tag["name"]) if tag else key
    row = _result(fact, key)
    return localised(row["name"]) if row else key


def _result(fact: str, key: str) -> dict[str, Any] | None:
    rows: list[dict[str, Any]] = content.document("intake")["results"].get(fact, [])
    return next((row for row in rows if row["key"] == key), None)


def _results(fact: str, keys: Sequence[str]) -> list[dict[str, Any]]:
    found = [row for row in (_result(fact, key) for key in keys) if row]
    return [
        {
            "name": localised(row["name"]),
            "text": localised(row["text"]),
            "unconfirmed": row["source_state"] == "unconfirmed",
        }
        for row in found
    ]


def _proposal(proposal: Proposal) -> dict[str, Any]:
    rule = next(rule for rule in content.document("intake")["rules"] if rule["key"] == proposal.rule)
    given = len(questions()) - len(proposal.open)
    return {
        "level": _name("level", proposal.level),
        "text": _results("level", [proposal.level])[0]["text"],
        "why": localised(rule["why"]),
        "any": bool(given),
        "stop": proposal.stop,
        "answered": _("%(n)s of %(all)s questions answered") % {"n": given, "all": len(questions())},
        "legal": [
            {"title": _("EU AI Act tier"), "rows": _results("ai_act_tier", [proposal.tier])},
            {"title": _("Role under the EU AI Act"), "rows": _results("ai_act_role", proposal.roles)},
            {"title": _("EU AI Act applies"), "rows": _results("eu_scope", proposal.facts["eu_scope"])},
            {"title": _("Duties in China"), "rows": _results("cn_duties", proposal.facts["cn_duties"])},
        ],
        "tags": [_name("tags", tag) for tag in proposal.tags],
    }


def _decided(confirmed: Mapping[str, Any]) -> list[dict[str, str]]:
    """What was made binding."""
    rows = [
        (_("Level"), [_name("level", confirmed["level"])]),
        (_("EU AI Act tier"), [_name("ai_act_tier", key) for key in _listed(confirmed["ai_act_tier"])]),
        (_("Role under the EU AI Act"), [_name("ai_act_role", key) for key in confirmed["ai_act_role"]]),
        (_("Tags"), [_name("tags", key) for key in confirmed["tags"]]),
    ]
    return [{"title": title, "text": ", ".join(names) or _("none")} for title, names in rows]


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _confirming(newest: Intake | None, proposal: Proposal) -> ConfirmIntakeForm:
    start = {
        "version": newest.version if newest else 0,
        "level": proposal.level,
        "ai_act_tier": proposal.tier,
        "ai_act_role": proposal.roles,
        "tags": proposal.tags,
    }
    return ConfirmIntakeForm(initial=start)


def _changes(found: Process, proposal: Proposal, *, differs: bool) -> dict[str, Any] | None:
    """The checks that the proposal would add or take away; None while nothing is answered."""
    if not differs:
        return None
    shown: dict[str, Any] = {"title": _("What it changes")}
    held = set(ProjectTag.objects.filter(project=found.project_id).values_list("key", flat=True))
    if (found.level, held) == (proposal.level, set(proposal.tags)):
        return shown | changes_in_words(found, Move(found), proposal.tags)
    try:
        move = services.try_proposal(project=found.project, proposal=proposal, now=clock.now())
    except DomainError as refusal:
        return shown | {"refused": str(refusal)}
    return shown | changes_in_words(found, move, proposal.tags)
