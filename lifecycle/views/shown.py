"""Gates as templates want them: dictionaries of the shapes that templates/components/ name on their first lines."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import drawing
from common.days import passed, utc_day
from common.texts import as_read, localised
from lifecycle.criteria import Assessed, Blocker, CheckState, GateFacts, Proof, Readiness, wording
from lifecycle.criteria.wording.shapes import role_name
from lifecycle.models import GateReview, Stage
from lifecycle.selectors import Difference
from lifecycle.selectors.history import items_of
from lifecycle.views.marks import ACTIONS, DECISIONS, LEVELS, ORDER, PARTS, STATES, number
from records.models import read_link
from records.selectors import proof_icon


def verdict(
    sentence: wording.Sentence,
    tone: str,
    answer: Readiness,
    *,
    link: Callable[[Blocker, int], str] = lambda _blocker, place: f"#b{place}",
    question: str = "",
    facts: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """The headline: each clause has its blocker's number and links to its row, b1, b2, … on the gate's page.

    A sentence may tell of some blockers only.
    """
    parts: list[dict[str, Any]] = [{"text": sentence.lead}]
    for clause, joint in zip(sentence.clauses, sentence.joints, strict=True):
        if clause.blocker is None:
            continue
        place = answer.blockers.index(clause.blocker) + 1
        parts += [
            {
                "url": link(clause.blocker, place),
                "number": place,
                "before": clause.before,
                "strong": clause.fact,
                "after": clause.after,
            },
            {"text": joint},
        ]
    return {"tone": tone, "word": sentence.word, "parts": parts, "question": question, "facts": list(facts)}


def headline(stage: Stage, answer: Readiness) -> dict[str, Any]:
    """The top of a stage that runs: its clauses link to the checks below it, others to rows on the gate's page."""
    here = {one.check.key for one in answer.checks}

    def link(blocker: Blocker, place: int) -> str:
        return f"#check-{blocker.check}" if blocker.check in here else f"{answer.facts.url}#b{place}"

    return verdict(wording.sentence(answer), answer.verdict.value, answer, link=link, facts=facts_strip(answer, stage))


def facts_strip(answer: Readiness, stage: Stage) -> list[dict[str, Any]]:
    facts = answer.facts
    met = _("%(met)s of %(required)s") % {"met": answer.met, "required": answer.required}
    level = localised(stage.template.levels[facts.level]["name"])
    strip: list[dict[str, Any]] = [
        {"strong": met, "rest": _("required checks met")},
        {"strong": _("Iteration %(number)s") % {"number": stage.iteration}, "rest": level},
    ]
    if stage.due_on and stage.ended_at is None:
        late = passed(stage.due_on, facts.today)
        words = ngettext("%(n)s day late", "%(n)s days late", late) % {"n": late} if late > 0 else _("on plan")
        strip.append(
            {
                "strong": words,
                "rest": _("planned %(day)s") % {"day": number_day(stage.due_on, facts.today)},
                "late": late > 0,
            }
        )
    model, dataset = facts.subject.get("model"), facts.subject.get("dataset")
    if model or dataset:
        strip.append(
            {
                "strong": model or dataset,
                "rest": _("on %(dataset)s") % {"dataset": dataset} if model and dataset else "",
            }
        )
    return strip


def number_day(day: date, today: date) -> str:
    """As "6 Jul", with its year unless that is today's."""
    from common.templatetags.eightgate import day as spelled  # noqa: PLC0415 - template words, only needed here

    return str(spelled(day, today))


def blockers(answer: Readiness, last: GateReview | None) -> list[dict[str, Any]]:
    """The rows b1, b2, … with a drawing where there is a figure; `last` gives the value of the last decision."""
    before = {row["key"]: row["value"] for row in last.frozen_checks} if last else {}
    rows = enumerate(answer.blockers, 1)
    return [_blocker(blocker, place, answer.facts, before.get(blocker.check)) for place, blocker in rows]


def _blocker(blocker: Blocker, place: int, facts: GateFacts, before: float | None) -> dict[str, Any]:
    about = blocker.about
    row: dict[str, Any] = {
        "number": place,
        "id": f"b{place}",
        "title": wording.title(blocker),
        "why": _why(blocker),
        "fix": wording.detail(blocker),
        "tone": blocker.weight.value,
        "who": about.get("assignee") or about.get("owner") or ", ".join(role_name(role) for role in blocker.who),
        "since": utc_day(blocker.since),
        "days": passed(blocker.since, facts.today),
    }
    row |= _drawn(blocker, facts, before) | _action(blocker, facts)
    return row


def _drawn(blocker: Blocker, facts: GateFacts, before: float | None) -> dict[str, Any]:
    """The picture beside a blocker: value against limit, the 5 by 5, or the line past its day."""
    about = blocker.about
    if blocker.code == "metric_out_of_limit":
        better: drawing.Direction = "higher" if about["operator"] == ">=" else "lower"
        return {"drawing": drawing.limit_scale(about["value"], about["limit"], before, better)}
    if blocker.code == "risk_open":
        score = {"text": f"{about['score']}, {LEVELS[about['level']]}", "sub": "", "limit": ""}
        return {"drawing": drawing.risk_grid(about["likelihood"], about["impact"]), "score": score}
    if blocker.code == "condition_overdue":
        return {"drawing": drawing.timeline(about["set_on"], about["due_on"], facts.today)}
    return {}


def _action(blocker: Blocker, facts: GateFacts) -> dict[str, Any]:
    """The one thing to do about a blocker, as a link to where it is done."""
    about, project = blocker.about, f"/projects/{facts.project_key}"
    if blocker.code == "risk_open":
        return {"action": {"label": _("Review the risk"), "url": f"/risks/{about['risk']}/"}}
    if blocker.code == "condition_overdue":
        closes = _("Closes when its check is met, or when a gatekeeper closes or extends it.")
        return {"fix": closes, "action": {"label": _("Open it"), "url": f"#condition-{about['condition']}"}}
    if "intake" in about:
        return {"action": {"label": _("Open it"), "url": f"{project}/intake/"}}
    if "assessment" in about:
        return {"action": {"label": _("Open it"), "url": f"{project}/assessments/{about['assessment']}/"}}
    if blocker.check:
        url = f"{project}/stages/{facts.stage}/#check-{blocker.check}"
        return {"action": {"label": str(ACTIONS[blocker.kind]), "url": url}}
    return {}


def _why(blocker: Blocker) -> str:
    """The check's own text, where the title does not say it already."""
    text = blocker.about.get("text")
    words = localised(text)
    return "" if isinstance(text, dict) and wording.title(blocker) == words.rstrip(".。") else words


def check_groups(
    answer: Readiness,
    *,
    confidential: bool,
    frozen: dict[str, str],
    trends: dict[str, list[float]],
    changed: Collection[str] = (),
) -> list[dict[str, Any]]:
    """Checks by state, as `_check_groups.html` wants them; more than twelve met ones are folded, if none `changed`."""
    states = {one.check.key: frozen.get(one.check.key, one.state.value) for one in answer.checks}
    groups = []
    for state in ORDER:
        mine = [one for one in answer.checks if states[one.check.key] == state]
        rows = [
            check_row(one, answer.facts, state, confidential=confidential)
            | _trend(one, trends)
            | {"changed": one.check.key in changed}
            for one in mine
        ]
        folded = state == CheckState.MET and len(rows) > 12 and not any(row["changed"] for row in rows)
        if rows:
            groups.append({"state": state, "checks": rows, "folded": folded})
    return groups


def _trend(one: Assessed, trends: dict[str, list[float]]) -> dict[str, Any]:
    points = trends.get(one.check.key, [])
    if len(points) < 2:
        return {}
    better: drawing.Direction = "higher" if one.check.item.criterion["operator"] == ">=" else "lower"
    return {"spark": drawing.sparkline(points, one.check.limit, direction=better)}


def check_row(one: Assessed, facts: GateFacts, state: str, *, confidential: bool) -> dict[str, Any]:
    """`confidential`: whether the reader may see where such proof lies; else it has no address."""
    check, result = one.check, one.check.result
    row: dict[str, Any] = {
        "id": f"check-{check.key}",
        "state": state,
        "text": localised(check.item.text),
        "words": check.item.text,
        "url": f"/projects/{facts.project_key}/stages/{check.stage}/#check-{check.key}",
        "required": check.required,
        "evidence": [_proof(proof, confidential=confidential) for proof in check.proofs],
        "value": None,
        "tone": {"met": "pass", "not_met": "fail", "stale": "stale"}.get(state, "none"),
    }
    if check.proofs:
        row |= {"who": check.proofs[0].supplied_by_name, "on": check.proofs[0].supplied_at.date()}
    elif result:
        row |= {"who": result.recorded_by_name, "on": result.measured_at.date()}
    elif check.answered_by_name:
        row |= {"who": check.answered_by_name, "on": check.answered_at.date() if check.answered_at else None}
    if check.kind == "metric":
        row["facts"] = wording.metric_name(check.item.criterion["key"])
        row["limit_url"] = reverse("limit", args=[facts.project_key, check.key])
        row["own_limit"] = check.own_limit is not None
        row["unconfirmed"] = check.source_state == "unconfirmed"
        row["value"] = number(result.value) if result else None
        row["limit"] = f"{'≥' if check.item.criterion['operator'] == '>=' else '≤'} {number(check.limit)}"
    if check.waived_until and state == "waived":
        row["until"] = check.waived_until
    if check.waiver_lapsed_on and state not in {"met", "not_applicable"}:
        row["was_waived"] = check.waiver_lapsed_on
    condition = next((one for one in facts.conditions if one.check == check.key), None)
    if condition and state == "deferred":
        row |= {"until": condition.due_on, "until_by": condition.owner}
    return row


def _proof(proof: Proof, *, confidential: bool) -> dict[str, Any]:
    hidden = proof.confidential and not confidential
    link = read_link("" if hidden else proof.url)
    return {
        "title": as_read(proof.title),
        "url": "" if hidden else proof.url or download_url(proof.id),
        "confidential": proof.confidential,
        "page": reverse("evidence", args=[proof.id]),
        "icon": proof_icon(link, is_file=not proof.url),
        "label": link.label,
    }


def download_url(evidence: int) -> str:
    return f"/api/v1/evidence/{evidence}/download/"


def then_now(review: GateReview | None, rows: Sequence[Difference], answer: Readiness) -> dict[str, Any]:
    """The frozen decision beside today, as `_then_now.html` wants it."""
    if review is None or review.decided_at is None:
        return {}
    votes = [vote for vote in review.votes.all() if vote.state == "standing"]
    changed = {row.key for row in rows}
    sentence = wording.sentence(answer)
    return {
        "then": {
            "decision": review.decision,
            "word": str(DECISIONS[review.decision]),
            "when": _("%(day)s, %(votes)s votes")
            % {"day": number_day(review.decided_at.date(), answer.facts.today), "votes": len(votes)},
        },
        "now": {
            "verdict": answer.verdict.value,
            "word": sentence.word,
            "when": _("today, %(day)s") % {"day": number_day(answer.facts.today, answer.facts.today)},
        },
        "rows": [*_overdue_since(review, answer), *map(_difference, rows), *_moved_since(review, answer)],
        "unchanged": [localised(one.check.item.text) for one in answer.checks if one.check.key not in changed],
        "said": " ".join(dict.fromkeys(vote.rationale for vote in votes if vote.decision == review.decision)),
    }


def then_later(then: GateReview, later: GateReview, rows: Sequence[Difference], today: date) -> dict[str, Any]:
    """One frozen decision beside a later one."""
    if then.decided_at is None or later.decided_at is None:
        return {}
    days = [number_day(one.decided_at.date(), today) for one in (then, later) if one.decided_at]
    changed = {row.key for row in rows}
    items = items_of(later.template)
    same = [row["key"] for row in later.frozen_checks if row["key"] not in changed and row["key"] in items]
    return {
        "then": {"decision": then.decision, "word": str(DECISIONS[then.decision]), "when": days[0]},
        "now": {"decision": later.decision, "word": str(DECISIONS[later.decision]), "when": days[1]},
        "rows": [*map(_difference, rows), *_moved(then.basis.get("subject", {}), later.basis.get("subject", {}))],
        "unchanged": [localised(items[key].text) for key in same],
        "said": " ".join(dict.fromkeys(vote.rationale for vote in then.votes.all() if vote.decision == then.decision)),
    }


def _overdue_since(review: GateReview, answer: Readiness) -> list[dict[str, Any]]:
    """Conditions that were in time when the gate was decided and are overdue today."""
    decided = review.decided_at.date() if review.decided_at else answer.facts.today
    late = [one for one in answer.facts.conditions if decided <= one.due_on < answer.facts.today]
    return [
        {
            "what": one.text,
            "then": _("open, in time"),
            "now": _("%(days)s days overdue") % {"days": passed(one.due_on, answer.facts.today)},
            "tone": "fail",
            "change": _("worse"),
            "mark": "fail",
        }
        for one in late
        if one.set_on <= decided
    ]


def _moved_since(review: GateReview, answer: Readiness) -> list[dict[str, Any]]:
    """Parts of the subject that are something else today."""
    return _moved(review.basis.get("subject", {}), answer.facts.subject)


def _moved(then: Mapping[str, str], now: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {"what": PARTS[part], "then": then.get(part) or _("none"), "now": now.get(part) or _("none"), "tone": "none"}
        for part in PARTS
        if then.get(part, "") != now.get(part, "")
    ]


def _difference(row: Difference) -> dict[str, Any]:
    still_met = row.now["state"] == "met"
    tone = {"met": "pass", "better": "pass" if still_met else "stale", "worse": "fail", "other": "none"}[row.change]
    mark = {"met": "met", "better": "up", "worse": "fail", "other": ""}[row.change]
    then, now = _state_and_value(row.then), _state_and_value(row.now)
    if row.proof and then == now:
        now = (
            _("%(state)s, on other proof") % {"state": now}
            if row.proof == "evidence"
            else _("%(state)s, signed by someone else") % {"state": now}
        )
    return {"what": row.text, "then": then, "now": now, "tone": tone, "change": _change(row), "mark": mark}


def _change(row: Difference) -> str:
    then, now = row.then.get("value"), row.now.get("value")
    if then is not None and now is not None and row.change in {"better", "worse"}:
        by = number(abs(now - then))
        return _("better by %(by)s") % {"by": by} if row.change == "better" else _("worse by %(by)s") % {"by": by}
    return {"met": _("now met"), "better": _("better"), "worse": _("worse"), "other": _("changed")}[row.change]


def _state_and_value(row: Any) -> str:
    state = str(STATES.get(row["state"], row["state"]))
    return f"{number(row['value'])} {state.lower()}" if row.get("value") is not None else state


def mini(stage: Stage, tone: str) -> dict[str, Any]:
    """The eight dashes beside the breadcrumb: stages before this one, this one, those to come."""
    count, position = len(stage.template.stages), stage.definition.position
    marks = ["done"] * (position - 1) + [f"now eg-{tone}"] + [""] * (count - position)
    return {
        "label": _("Stage %(position)s of %(count)s") % {"position": position, "count": count},
        "marks": marks,
    }
