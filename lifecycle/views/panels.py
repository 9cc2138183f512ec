"""The vote panel: what this reader can do at this gate right now, and what a click would do."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from common.errors import DomainError
from common.texts import localised
from lifecycle.criteria import Readiness, recommend
from lifecycle.criteria.tally import Ballot, tally
from lifecycle.criteria.wording.shapes import role_name
from lifecycle.errors import DeputyHasVoted
from lifecycle.forms import AskForm, ConditionForms, VoteForm
from lifecycle.models import Decision, GateReview, Stage, Vote
from lifecycle.models.definition import ANY
from lifecycle.selectors import authors, round_fingerprint
from lifecycle.selectors.gates import decided_by
from lifecycle.selectors.seats import Member
from lifecycle.selectors.sittings import Sitting, lacking, sitting_ahead, sitting_of
from lifecycle.services.separation import take_seat
from lifecycle.services.tallies import ballot_of, rules_of
from lifecycle.views.marks import BOUND, CLOSES, DECISIONS, VOTES
from lifecycle.views.menus import (
    NOTHING_TYPED,
    Typed,
    cannot_decide,
    extraordinary,
    more_gates,
    reopening,
    together,
    told_of,
)
from lifecycle.views.readers import Reader
from lifecycle.views.seats import lacks_words, voters_of
from projects.permissions import Action


def panel(
    stage: Stage,
    review: GateReview | None,
    answer: Readiness,
    reader: Reader,
    *,
    now: datetime,
    form: VoteForm | None = None,
    conditions: Any = None,
    banner: str = "",
    last: GateReview | None = None,
    typed: Typed = NOTHING_TYPED,
) -> dict[str, Any]:
    """The context of `_vote_panel.html`; `last` is the gate's latest decision."""
    if review is None:
        return _without_round(stage, answer, reader, now, last, typed)
    votes = [vote for vote in review.votes.all() if vote.state == "standing"]
    now_seen = round_fingerprint(review, answer)
    if now_seen != review.packet and not banner:
        banner = _("Facts changed since the gate was asked for. A vote takes them up; votes before it are void.")
    sitting = sitting_of(review, now=now, authors=authors(answer.facts), members=reader.members)
    shown = _about_round(review, answer, votes, reader, sitting) | {
        "banner": banner,
        "lacks": lacks_words(lacking(sitting)),
    }
    shown["together"] = together(review, stage, answer)
    mine = next((vote for vote in votes if vote.user_id == reader.actor.user_id), None)
    if mine:
        shown["menu"] = cannot_decide(review, reader, seated=True, voted=True, typed=typed)
        return shown | {"mine": {"decision": mine.decision, "word": DECISIONS[mine.decision]}}
    try:
        may_vote = Action.VOTE in reader.rights
        voice = take_seat(review, reader.actor, now=now, sitting=sitting, may_vote=may_vote)
    except DomainError as refusal:
        shown["menu"] = cannot_decide(
            review, reader, seated=isinstance(refusal, DeputyHasVoted), voted=False, typed=typed
        )
        return shown | {"refusal": str(refusal), "may": _who_may(review)}
    shown["menu"] = cannot_decide(review, reader, seated=True, voted=False, typed=typed)
    ballot = _ballot(stage, review, answer, votes, voice.roles, form, conditions, reader)
    return shown | ballot | {"packet": now_seen}


def _without_round(
    stage: Stage, answer: Readiness, reader: Reader, now: datetime, last: GateReview | None, typed: Typed
) -> dict[str, Any]:
    title: dict[str, Any] = {"title": _("The gate"), "told": told_of(last)}
    if stage.state != "active":
        return title | _not_now(stage) | {"reopen": reopening(stage, last, reader, typed)}
    title["extraordinary"] = extraordinary(stage, reader, typed)
    ahead = sitting_ahead(stage, answer, reader.members, asked_by=reader.actor.user_id, now=now)
    title["lacks"] = lacks_words(lacking(ahead))
    if Action.REQUEST_REVIEW not in reader.rights:
        return title | {
            "refusal": _("Nobody has asked for this gate yet."),
            "may": _("Owners and contributors ask for it."),
        }
    joint = cast("AskForm | None", typed.get("together"))
    if answer.ready:
        title["more"] = more_gates(stage, today=now.date(), typed=joint)
    kept = joint.alone() if joint and not title.get("more") else typed.get("ask")
    return title | {"ask": _ask(stage, answer) | {"form": kept}}


def _ask(stage: Stage, answer: Readiness) -> dict[str, Any]:
    url = reverse("ask-gate", args=[stage.project.key, stage.key])
    if answer.ready:
        return {"label": _("Ask for the gate"), "url": url, "note": _("All required checks are met.")}
    left = len(answer.blockers)
    stands = ngettext("%(n)s thing stands in the way.", "%(n)s things stand in the way.", left) % {"n": left}
    note = stands + " " + _("Asked for all the same, the round may end in anything but a go.")
    label = _("Ask despite the blockers")
    return {"label": label, "url": f"{url}?despite=1", "note": note, "despite": True}


def _not_now(stage: Stage) -> dict[str, Any]:
    """What became of a gate that is not the current one, and the way to the one that is."""
    current = Stage.objects.newest().current().filter(process=stage.process_id).with_process().first()
    if stage.decision:
        decision = stage.definition.decision_names.get(stage.decision)
        word = localised(decision) if decision else DECISIONS[stage.decision]
        shown: dict[str, Any] = {"refusal": _("Decided: %(decision)s.") % {"decision": word}}
    else:
        shown = {"refusal": _("No round is open."), "may": _("A review is asked for the current stage.")}
    if current is None:
        return shown
    name = {"gate": localised(current.definition.gate_name)}
    label = _("Go on to “%(gate)s”") if stage.ended_at else _("Go to the current gate, “%(gate)s”")
    return shown | {"onward": {"label": label % name, "url": current.get_absolute_url()}}


def _about_round(
    review: GateReview, answer: Readiness, votes: Sequence[Vote], reader: Reader, sitting: Sitting
) -> dict[str, Any]:
    word = recommend(answer)
    count = {"votes": len(votes), "quorum": review.quorum}
    shown: dict[str, Any] = {
        "votes": [place < len(votes) for place in range(max(review.quorum, len(votes)))],
        "votes_label": _("%(votes)s of %(quorum)s votes") % count,
        "role": _("%(votes)s of %(quorum)s votes are in.") % count,
        "voters": voters_of(review, votes, reader, sitting),
        "foot": _("Asked for by %(name)s.") % {"name": review.requested_by.display_name},
    }
    if word:
        why = OPTIONAL if word == Decision.CONDITIONAL_GO else WHY[answer.verdict.value]
        shown["recommendation"] = {"decision": word, "word": DECISIONS[word], "why": why}
    return shown


WHY = {
    "pass": gettext_lazy("because every required check is met"),
    "fail": gettext_lazy("because a required check fails"),
    "stale": gettext_lazy("because a result is older than what it rests on"),
    "waiting": "",
}
OPTIONAL = gettext_lazy("because optional checks are open or required ones are waived")


def _who_may(review: GateReview) -> str:
    if ANY in review.deciders:
        return _("Whoever has the right to decide votes here.")
    return _("These roles vote here: %(roles)s.") % {"roles": ", ".join(map(role_name, review.deciders))}


def _ballot(
    stage: Stage,
    review: GateReview,
    answer: Readiness,
    votes: Sequence[Vote],
    roles: frozenset[str],
    form: VoteForm | None,
    conditions: Any,
    reader: Reader,
) -> dict[str, Any]:
    form = form or VoteForm(
        stages=stages_back(stage), initial={"packet": review.packet, "return_to": stage.key, "reason": "other"}
    )
    conditions = conditions or ConditionForms(
        prefix="conditions", form_kwargs=condition_options(reader.members, answer)
    )
    outside = reader.member is not None and not reader.member.team
    return {
        "url": reverse("vote", args=[review.pk]),
        "form": form,
        "conditions": conditions,
        "conditions_for": "conditional_go",
        "condition_form": conditions.empty_form,
        "decisions": [_choice(word, stage, review, answer, votes, roles, form, outside) for word in DECISIONS],
    }


def _choice(
    word: str,
    stage: Stage,
    review: GateReview,
    answer: Readiness,
    votes: Sequence[Vote],
    roles: frozenset[str],
    form: VoteForm,
    outside: bool,  # noqa: FBT001 - a fact of the reader
) -> dict[str, Any]:
    definition = stage.template.decisions[word]
    renamed = stage.definition.decision_names.get(word)
    refused = _refused(word, review, answer)
    # A first conditional go brings a condition: without one it is refused.
    mine = Ballot(word, roles, outside, conditions=int(word == Decision.CONDITIONAL_GO))
    cast = [ballot_of(vote, answer.facts.today) for vote in votes]
    closes = tally([*cast, mine], *rules_of(review)) == word
    return {
        "value": word,
        "name": localised(renamed) if renamed else DECISIONS[word],
        "help": refused or localised(definition["help"]),
        "disabled": bool(refused),
        "checked": form["decision"].value() == word,
        "button": str(CLOSES[word] if closes else VOTES[word]),
        "consequence": _consequence(word, stage, review),
        "bound": [form[name] for name in BOUND.get(word, ())],
    }


def _refused(word: str, review: GateReview, answer: Readiness) -> str:
    if review.extraordinary and word in {"go", "conditional_go"}:
        return _("Not offered in an extraordinary review.")
    if word == "go" and answer.blockers:
        return ngettext(
            "Not possible while %(n)s point is open.", "Not possible while %(n)s points are open.", len(answer.blockers)
        ) % {"n": len(answer.blockers)}
    return ""


def _consequence(word: str, stage: Stage, review: GateReview) -> str:
    if review.change_id and word in {"go", "conditional_go"}:
        return _("The change is confirmed; what runs goes on until the next review.")
    last = max(one.position for one in decided_by(review))
    following = next((one for one in stage.process.definition.stages if one.position == last + 1), None)
    name = localised(following.name) if following else localised(stage.definition.name)
    return {
        "go": _("The project goes on to %(stage)s.") % {"stage": name},
        "conditional_go": _("The project goes on to %(stage)s; each condition becomes an action with its day.")
        % {"stage": name},
        "hold": _("Nobody asks or votes until that day; other work goes on."),
        "recycle": _("The project goes back to the chosen stage; its stages start a new iteration."),
        "kill": _("The project ends and keeps its records; a case is drafted."),
    }[word]


def stages_back(stage: Stage) -> list[tuple[str, str]]:
    """Where a recycle may lead, the latest first."""
    offered = stage.definition.return_to
    stages = [one for one in stage.process.definition.stages if one.position <= stage.position]
    rows = [one for one in stages if one.key in (*offered, stage.key)] if offered else stages
    return [(one.key, f"{one.position} {localised(one.name)}") for one in reversed(rows)]


def condition_options(members: Sequence[Member], answer: Readiness) -> dict[str, Any]:
    """Whom a condition may name, and which checks it may defer."""
    open_ones = {blocker.check: blocker for blocker in answer.blockers if blocker.check}
    checks = [(one.check.key, localised(one.check.item.text)) for one in answer.checks if one.check.key in open_ones]
    people = sorted((one.user for one in members), key=lambda user: user.display_name)
    return {"people": people, "checks": checks}
