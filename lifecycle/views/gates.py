"""The gate page and what one does there: ask, vote, take back."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect, reselect, reswap, retarget

from accounts.http import PageRequest
from common import clock
from common.errors import DomainError
from common.forms import first_error, refuse
from common.texts import localised
from library.selectors import lessons_for
from lifecycle import selectors, services
from lifecycle.criteria import Readiness
from lifecycle.errors import PacketChanged
from lifecycle.forms import AskForm, ConditionForms, VoteForm
from lifecycle.models import GateReview, Stage
from lifecycle.selectors.gates import decided_by
from lifecycle.selectors.history import moved_checks, needs_new_review
from lifecycle.selectors.seats import members_of
from lifecycle.views import shown
from lifecycle.views.changes import beside_gate, lane_of
from lifecycle.views.marks import BOUND
from lifecycle.views.menus import NOTHING_TYPED, Typed
from lifecycle.views.owed import shown_conditions
from lifecycle.views.panels import condition_options, panel, stages_back
from lifecycle.views.readers import reader_of
from projects.permissions import Action

RISKS = 8


def stage_seen(request: PageRequest, key: str, stage: str) -> Stage:
    stages = Stage.objects.visible_to(request.actor).of_project(key).newest().with_process()
    joined = stages.select_related("process__template_version", "process__project__portfolio")
    return get_object_or_404(joined.with_candidates(clock.now()), key=stage)


def review_seen(request: PageRequest, pk: int) -> GateReview:
    return get_object_or_404(selectors.reviews_shown(GateReview.objects.visible_to(request.actor)), pk=pk)


@login_required
@require_GET
def gate(request: PageRequest, key: str, stage: str) -> HttpResponse:
    return render_gate(request, stage_seen(request, key, stage))


@login_required
@require_POST
def ask(request: PageRequest, key: str, stage: str) -> HttpResponse:
    """Ask for the gate; `?despite=1` with blockers, `?extraordinary=1` out of turn."""
    found = stage_seen(request, key, stage)
    how: dict[str, Any] = {"despite_blockers": request.GET.get("despite") == "1"}
    how |= {"extraordinary": request.GET.get("extraordinary") == "1"}
    place = "extraordinary" if how["extraordinary"] else "together" if request.POST.get("through") else "ask"
    form = AskForm(request.POST, auto_id=f"{place}-%s")
    if not form.is_valid():
        return render_gate(request, found, status=422, typed={place: form})
    try:
        given = {name: form.cleaned_data[name] for name in ("note", "through")}
        services.request_review(stage=found, actor=request.actor, now=clock.now(), **given, **how)
    except DomainError as error:
        refuse(form, error)
        return render_gate(request, found, status=error.status, typed={place: form})
    return redirect(found)


@login_required
@require_POST
def vote(request: PageRequest, pk: int) -> HttpResponse:
    review, now = review_seen(request, pk), clock.now()
    stage = review.stage
    answer = selectors.round_readiness(review, today=now.date())
    form = VoteForm(request.POST, stages=stages_back(stage))
    conditions = ConditionForms(
        request.POST, prefix="conditions", form_kwargs=condition_options(members_of(stage.project), answer)
    )
    if not (form.is_valid() and _filled(conditions, form)):
        return _panel_again(request, review, form, conditions, now, status=422)
    # The form sends the fields of every decision; those of the others were not on show.
    decision = form.cleaned_data["decision"]
    said = {name: form.cleaned_data[name] for name in ("decision", "rationale", *BOUND.get(decision, ()))}
    said |= {"conditions": _named(conditions)} if decision == "conditional_go" else {}
    try:
        if form.cleaned_data["packet"] == selectors.round_fingerprint(review, answer) != review.packet:
            # The reader saw the facts of now; the round rests on older ones.
            review = services.take_up(review=review, actor=request.actor, now=now)
        services.cast_vote(review=review, actor=request.actor, packet=form.cleaned_data["packet"], now=now, **said)
    except PacketChanged as error:
        return _read_again(request, review, form, conditions, now, error)
    except DomainError as error:
        refuse(form, error)
        return _panel_again(request, review, form, conditions, now, status=error.status)
    return to_gate(request, stage)


def render_gate(
    request: PageRequest,
    stage: Stage,
    *,
    status: int = 200,
    banner: str = "",
    lost: dict[str, Any] | None = None,
    typed: Typed = NOTHING_TYPED,
) -> HttpResponse:
    """`lost`: the newer state beside what the reader meant, as `_lost_update.html` wants it.

    `typed`: the form that was refused, by its place. Where the page has no such place any more, a banner says why.
    """
    context = gate_context(request, stage, now=clock.now(), typed=typed)
    gone = [form for form in typed.values() if not _on_show(context, form)]
    context |= {"banner": banner or " ".join(map(first_error, gone)), "lost": lost}
    return render(request, "lifecycle/gate.html", context, status=status)


def _on_show(context: dict[str, Any], form: forms.Form) -> bool:
    panel = context["panel"]
    places = [panel.get(name) for name in ("ask", "more", "extraordinary", "reopen")]
    places += [panel.get("menu", {}).get("recuse"), *context["conditions"]]
    return any(place and place.get("form") is form for place in places)


def gate_context(
    request: PageRequest,
    stage: Stage,
    *,
    now: datetime,
    changed: Collection[str] = (),
    typed: Typed = NOTHING_TYPED,
    **filled: Any,
) -> dict[str, Any]:
    """What the gate page shows; `changed` checks are marked, `filled` is what the vote panel keeps (see `panel`)."""
    project, today = stage.project, now.date()
    rounds, reader = selectors.rounds_of_gate(stage), reader_of(request.actor, project)
    review = next((one for one in rounds if one.is_open), None)
    answer = _stands(stage, review, today)
    # A round about a change decided the change, not the gate.
    last = next((one for one in rounds if one.decision and one.change_id is None), None)
    over = stage.ended_at is not None and last is not None and stage.pk in {one.pk for one in decided_by(last)}
    rows = selectors.differences(last, answer) if last else []
    sentence = selectors.decided_sentence(last, stage, answer) if over and last else selectors.sentence_of(answer)
    tone = (
        {"passed": "pass", "closed": "stale"}.get(stage.state, answer.verdict.value) if over else answer.verdict.value
    )
    frozen = selectors.frozen_by(last) if over and last else {}
    return {
        "project": project,
        "stage": stage,
        "gate_name": localised(stage.definition.gate_name),
        "today": today,
        "verdict": shown.verdict(
            sentence,
            tone,
            answer,
            question=localised(stage.definition.question),
            facts=shown.facts_strip(answer, stage),
        ),
        "blockers": [] if over else shown.blockers(answer, last),
        "groups": shown.check_groups(
            answer,
            confidential=Action.SEE_CONFIDENTIAL in reader.rights,
            frozen=frozen,
            trends=selectors.trends(stage, answer),
            changed=changed,
        ),
        "moved": (moved := _moved_materially(last, stage, rows, answer)),
        "lane": bool(moved) and lane_of(project),
        "pack": last if last and Action.EXPORT in reader.rights else None,
        "counts": {"required": answer.required, "met": answer.met},
        "tn": shown.then_now(last, rows, answer),
        "panel": panel(stage, review, answer, reader, now=now, last=last, typed=typed, **filled),
        "review": review,
        "may_invite": Action.MANAGE_MEMBERS in reader.rights,
        "conditions": shown_conditions(rounds, stage, reader, typed),
        "risks": sorted(answer.facts.risks, key=lambda risk: (-risk.score, risk.id))[:RISKS],
        "lessons": lessons_for(project, stage.key),
        "mini": shown.mini(stage, tone),
        "changes": beside_gate(stage, works=Action.WORK in reader.rights),
        "tab": "stages",
    }


def _moved_materially(
    last: GateReview | None, stage: Stage, rows: Sequence[selectors.Difference], answer: Readiness
) -> list[str]:
    """The material checks that are otherwise than when this gate was passed, where that asks for a new review."""
    if last is None or not needs_new_review(last, stage, rows, answer):
        return []
    return [one.text for one in moved_checks(last, rows, answer)]


def _stands(stage: Stage, review: GateReview | None, today: date) -> Readiness:
    """What the gate's people look at: all that the open round decides, or else the stage."""
    if review is None:
        return selectors.readiness(stage, today=today)
    return selectors.round_readiness(review, today=today)


def _panel_again(
    request: PageRequest,
    review: GateReview,
    form: VoteForm,
    conditions: Any,
    now: datetime,
    *,
    status: int,
) -> HttpResponse:
    """The panel with what was typed: alone for htmx, within its page for a plain form."""
    fresh = selectors.reviews_shown(GateReview.objects.filter(pk=review.pk)).get()
    filled = {"form": form, "conditions": conditions}
    if not request.htmx:
        return render(
            request, "lifecycle/gate.html", gate_context(request, fresh.stage, now=now, **filled), status=status
        )
    answer = selectors.round_readiness(fresh, today=now.date())
    reader = reader_of(request.actor, fresh.stage.project)
    shown_panel = panel(fresh.stage, fresh if fresh.is_open else None, answer, reader, now=now, **filled)
    return render(request, "components/_vote_panel.html", {"panel": shown_panel}, status=status)


def _read_again(
    request: PageRequest, review: GateReview, form: VoteForm, conditions: Any, now: datetime, refusal: PacketChanged
) -> HttpResponse:
    """The whole gate as it is now, with what changed marked.

    What was typed stays; the decision is to be chosen anew.
    """
    fresh = selectors.reviews_shown(GateReview.objects.filter(pk=review.pk)).get()
    changed = _changed(review.document, fresh.document)
    count = ngettext("%(n)s check changed while you read.", "%(n)s checks changed while you read.", len(changed))
    banner = f"{count % {'n': len(changed)} if changed else f'{refusal.title}.'} {refusal}"
    typed = {name: value for name, value in form.cleaned_data.items() if name not in {"decision", "packet"}}
    kept = VoteForm(stages=stages_back(fresh.stage), initial=typed)
    context = gate_context(
        request, fresh.stage, now=now, changed=changed, banner=banner, form=kept, conditions=conditions
    )
    answer = render(request, "lifecycle/gate.html", context, status=refusal.status)
    return reswap(retarget(reselect(answer, "#main"), "#main"), "outerHTML") if request.htmx else answer


def _changed(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """The checks that differ between two packets, in what both of their formats hold."""
    old = {row["key"]: row for row in before["checks"]}
    return {row["key"] for row in after["checks"] if _differ(old.get(row["key"]), row)}


def _differ(old: dict[str, Any] | None, new: dict[str, Any]) -> bool:
    return old is None or any(old[name] != new[name] for name in old.keys() & new.keys())


def _filled(conditions: Any, form: VoteForm) -> bool:
    return form.cleaned_data["decision"] != "conditional_go" or bool(conditions.is_valid())


def _named(conditions: Any) -> list[dict[str, Any]]:
    return [condition.cleaned_data for condition in conditions if condition.cleaned_data.get("text")]


def newest_gate(stage: Stage) -> Stage:
    """The latest iteration of this stage's gate."""
    stages = Stage.objects.newest().with_process().select_related("process__template_version")
    return stages.get(process=stage.process_id, key=stage.key)


def to_gate(request: PageRequest, stage: Stage) -> HttpResponse:
    url = stage.get_absolute_url()
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)
