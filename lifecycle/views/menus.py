"""What else one can do at a gate besides voting: step back, hand over, ask for more gates at once, open it again."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _

from common.texts import listed, localised
from lifecycle.criteria import Readiness
from lifecycle.forms import AskForm, ReasonForm
from lifecycle.models import GateReview, Stage, StageState
from lifecycle.selectors import left_by_reopening, readiness_of
from lifecycle.selectors.gates import decided_by
from lifecycle.views.readers import Reader
from projects.forms import DeputyForm
from projects.models import ProjectState
from projects.permissions import Action

# Forms of a gate's page that were refused, by the place they stand at: they are shown again as they were filled in.
Typed = Mapping[str, forms.Form]
NOTHING_TYPED: Typed = MappingProxyType({})


def cannot_decide(
    review: GateReview, reader: Reader, *, seated: bool, voted: bool, typed: Typed = NOTHING_TYPED
) -> dict[str, Any]:
    """The one menu of who cannot or will not decide; empty for whom nothing of it is.

    `seated`: they could vote or have voted in this round.
    """
    asks = Action.OPEN_EXTRAORDINARY if review.extraordinary else Action.REQUEST_REVIEW
    menu: dict[str, Any] = {}
    if voted:
        menu["withdraw_vote"] = reverse("withdraw-vote", args=[review.pk])
    if seated:
        menu["recuse"] = {"url": reverse("recuse", args=[review.pk]), "form": _of(typed, "recuse")}
    if reader.member is not None and reader.member.decides:
        menu["deputy"] = _deputy(review, reader)
    if asks in reader.rights:
        menu["withdraw_request"] = reverse("withdraw-request", args=[review.pk])
    label = _("I cannot decide") if seated else _("This cannot be decided")
    opened = seated and "recuse" in typed
    return menu | {"label": label, "open": opened} if menu else {}


def _of(typed: Typed, name: str) -> forms.Form:
    return typed.get(name) or ReasonForm(auto_id=f"{name}-%s")


def _deputy(review: GateReview, reader: Reader) -> dict[str, Any]:
    project = review.stage.project
    people = [one.user for one in reader.members if one.user_id != reader.actor.user_id and bool(one.access - {"view"})]
    here = f"{review.stage.get_absolute_url()}#vote"
    form = DeputyForm(people=people, initial={"next": here}, auto_id="deputy-%s")
    return {"url": reverse("name-deputy", args=[project.key]), "form": form}


def extraordinary(stage: Stage, reader: Reader, typed: Typed = NOTHING_TYPED) -> dict[str, Any] | None:
    """The form of who may have a gate decided out of turn."""
    if Action.OPEN_EXTRAORDINARY not in reader.rights or stage.project.state != ProjectState.ACTIVE:
        return None
    url = reverse("ask-gate", args=[stage.project.key, stage.key])
    form = typed.get("extraordinary") or AskForm(auto_id="extraordinary-%s")
    return {"url": f"{url}?extraordinary=1", "form": form}


def more_gates(stage: Stage, *, today: date, typed: AskForm | None = None) -> dict[str, Any] | None:
    """The gates right after this one that are ready as well, to be asked for with it."""
    ahead = Stage.objects.newest().with_process().filter(process=stage.process_id, state=StageState.PENDING)
    later = list(ahead.filter(position__gt=stage.position).order_by("position"))
    answers = readiness_of(later, today=today)
    ready = []
    for one in later:
        if one.definition.recurring or not answers[one.pk].ready:
            break
        ready.append(one)
    if not ready:
        return None
    choices = [(one.key, localised(one.definition.gate_name)) for one in ready]
    form = typed or AskForm(auto_id="together-%s")
    form.offer(choices)
    return {"url": reverse("ask-gate", args=[stage.project.key, stage.key]), "form": form}


def together(review: GateReview, stage: Stage, answer: Readiness) -> list[dict[str, Any]]:
    """The gates of a joint packet, each with what is open there; empty for a round of one gate."""
    stages = decided_by(review)
    if len(stages) < 2:
        return []
    places = {check.key: check.stage for check in answer.facts.checks}
    gone = [places.get(blocker.check or "", review.stage.key) for blocker in answer.blockers]
    return [
        {
            "name": localised(one.definition.gate_name),
            "url": f"{one.get_absolute_url()}#vote",
            "here": one.key == stage.key,
            "open": gone.count(one.key),
        }
        for one in stages
    ]


def reopening(
    stage: Stage, last: GateReview | None, reader: Reader, typed: Typed = NOTHING_TYPED
) -> dict[str, Any] | None:
    """The form of who may open this decided gate again, with what that does."""
    if last is None or Action.REOPEN not in reader.rights or last.stage.superseded or last.stage.ended_at is None:
        return None
    if stage.project.state in {ProjectState.ON_HOLD, ProjectState.ARCHIVED}:
        return None
    left, definition = left_by_reopening(last.stage), stage.process.definition
    again = [one for one in definition.stages if last.stage.position <= one.position <= left.position]
    says = _("New iterations start: %(stages)s.") % {"stages": listed(localised(one.name) for one in again)}
    if stage.project.state != ProjectState.ACTIVE:
        says += " " + _("The project is active again.")
    return {"url": reverse("reopen", args=[last.pk]), "form": _of(typed, "reopen"), "says": says}


def told_of(last: GateReview | None) -> str:
    """That the last decision was opened again, by whom and why."""
    if last is None or not hasattr(last, "reopening"):
        return ""
    found = last.reopening
    words = _("%(name)s opened this gate again after its last decision: %(reason)s")
    return words % {"name": found.reopened_by.display_name, "reason": found.reason}
