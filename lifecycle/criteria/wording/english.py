"""English: short declarative sentences, figures as figures, small numbers at the start in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from common.days import passed
from common.texts import as_read, localised
from lifecycle.criteria.findings import Blocker
from lifecycle.criteria.readiness import Readiness, Verdict
from lifecycle.criteria.wording.shapes import (
    SHOWN,
    Clause,
    Decided,
    Sentence,
    assessment_name,
    figure,
    metric_name,
    role_name,
)

WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
AIMS = {
    "initiation": "start",
    "requirements": "requirements",
    "data": "data",
    "design": "design",
    "training": "freeze",
    "evaluation": "release",
    "deployment": "go-live",
    "maintenance": "continuation",
}
PARTS = {"model": "model", "dataset": "training data", "prompt": "prompt", "code": "code"}
DECISIONS = {"go": "Go", "conditional_go": "Conditional go", "hold": "Hold", "recycle": "Recycle", "kill": "Kill"}


def sentence(readiness: Readiness) -> Sentence:
    builders = {Verdict.FAIL: _fail, Verdict.STALE: _stale, Verdict.WAITING: _waiting, Verdict.PASS: _pass}
    return builders[readiness.verdict](readiness)


def _fail(readiness: Readiness) -> Sentence:
    count = len(readiness.blockers)
    things = "thing stands" if count == 1 else "things stand"
    lead = f" {_word(count).capitalize()} {things} between {readiness.facts.project_name} and {_aim(readiness)}: "
    return _with_clauses("No go.", lead, readiness)


def _stale(readiness: Readiness) -> Sentence:
    count = sum(1 for blocker in readiness.blockers if blocker.weight == "stale")
    results = "result is older than what it rests on" if count == 1 else "results are older than what they rest on"
    stale = [blocker for blocker in readiness.blockers if blocker.weight == "stale"]
    return _with_clauses("Not yet.", f" {_word(count).capitalize()} {results}: ", readiness, stale)


def _waiting(readiness: Readiness) -> Sentence:
    people = len({role for blocker in readiness.blockers for role in blocker.who[:1]})
    count = len(readiness.blockers)
    things = "thing is" if count == 1 else "things are"
    word = f"Waiting for {_word(people)} {'person' if people == 1 else 'people'}."
    between = f"between {readiness.facts.project_name} and {_aim(readiness)}"
    lead = f" {_word(count).capitalize()} {things} still to do {between}: "
    if day := readiness.facts.review_on:
        name = readiness.facts.project_name
        word = "In operation."
        lead = f" {_word(count).capitalize()} {things} due for {name} by its review on {day.day} {day:%b %Y}: "
    return _with_clauses(word, lead, readiness)


def _pass(readiness: Readiness) -> Sentence:
    needed, more = readiness.votes_needed, "more " if readiness.votes else ""
    votes = f"1 {more}vote is" if needed == 1 else f"{needed} {more}votes are"
    return Sentence("Go is possible.", f" All {readiness.required} required checks are met; {votes} needed.")


def decided(facts: Decided) -> Sentence:
    word = localised(facts.name) if facts.name else DECISIONS[facts.decision]
    voters = "1 vote" if facts.votes == 1 else f"{facts.votes} votes"
    since = _since(facts.changed)
    return Sentence(
        f"{word}.", f" {localised(facts.gate)} was decided on {facts.day.day} {facts.day:%b %Y} by {voters}{since}."
    )


def _since(changed: int | None) -> str:
    if changed is None:
        return ""
    if not changed:
        return "; nothing has changed since"
    return f"; {changed} {'thing has' if changed == 1 else 'things have'} changed since"


def _with_clauses(word: str, lead: str, readiness: Readiness, some: Sequence[Blocker] | None = None) -> Sentence:
    """`some` of the blockers, or all of them."""
    blockers = readiness.blockers if some is None else some
    shown = [replace(clause(blocker, readiness), blocker=blocker) for blocker in blockers[:SHOWN]]
    more = len(blockers) - len(shown)
    if more:
        joints = [", "] * (len(shown) - 1) + [f", and {more} more."]
    elif len(shown) == 2:
        joints = [" and ", "."]
    else:
        joints = [", "] * max(len(shown) - 2, 0) + [", and "] * (len(shown) > 1) + ["."]
    return Sentence(word, lead, tuple(shown), tuple(joints))


def clause(blocker: Blocker, readiness: Readiness) -> Clause:
    about, days = blocker.about, _days(blocker, readiness)
    who = role_name(blocker.who[0]).lower() if blocker.who else "nobody yet"
    match blocker.code:
        case "metric_out_of_limit":
            hints = [about["slice"]] if about["slice"] else []
            hints += [f"n = {about['n']}"] if about["n"] else []
            hint = ", ".join([*hints, f"since {days}"])
            return Clause(
                f"{_lower(metric_name(about['metric']))} ",
                f"{figure(about, 'value')} against {figure(about, 'limit')}",
                f" ({hint}; {who})",
            )
        case "metric_missing":
            missing = "has nothing to be compared with" if about.get("without_baseline") else "not measured"
            return Clause(f"{_lower(metric_name(about['metric']))} ", missing, f" ({who})")
        case "risk_open":
            return Clause(
                "",
                f"{about['level']} risk “{about['title']}”",
                " must be rescored" if about["rescore"] else f" that nobody has accepted ({_accepters(blocker)})",
            )
        case "condition_overdue":
            return Clause("a gate condition ", f"{days} overdue", f" ({about['owner']})")
        case "project_not_active":
            return Clause("the project ", "is not active", "")
        case code if code.endswith("_stale"):
            return Clause(f"{_subject(blocker)} ", _moves(blocker), f" ({who})")
    return Clause("", role_name(blocker.who[0]) if blocker.who else "Somebody", f" on {_short(blocker)} ({days})")


def title(blocker: Blocker) -> str:
    about = blocker.about
    match blocker.code:
        case "metric_out_of_limit":
            return f"{metric_name(about['metric'])} {figure(about, 'value')}, limit {figure(about, 'limit')}"
        case "metric_missing":
            needs = f"{_bound(about['operator'])} {figure(about, 'limit')}"
            return f"{metric_name(about['metric'])} is not measured, needs {needs}"
        case "risk_open":
            return f"{about['title']}: {about['level']}, " + (
                "not rescored" if about["rescore"] else "accepted by nobody"
            )
        case "condition_overdue":
            return f"Condition due {about['due_on'].day} {about['due_on']:%b} is overdue"
        case "project_not_active":
            return "The project is not active"
    return _subject(blocker)


def detail(blocker: Blocker) -> str:
    return DETAILS[blocker.code](blocker)


def _out_of_limit(blocker: Blocker) -> str:
    about = blocker.about
    hint = "".join([f" for {about['slice']}" if about["slice"] else "", f" (n = {about['n']})" if about["n"] else ""])
    if about["measured"] != about["value"]:
        hint += f" at the worse end of its interval, {figure(about, 'measured')} measured"
    limit = f"{_bound(about['operator'])} {figure(about, 'limit')}"
    against = f" against {about['baseline']}" if about["change"] else ""
    return f"{metric_name(about['metric'])} is {figure(about, 'value')}{against}{hint}; the limit is {limit}."


def _missing(blocker: Blocker) -> str:
    about = blocker.about
    needs = f"{_bound(about['operator'])} {figure(about, 'limit')}"
    if about.get("without_baseline"):
        return f"{metric_name(about['metric'])} {_no_baseline(about)}; the change must be {needs}."
    return f"No result yet for {_lower(metric_name(about['metric']))}; it needs {needs}."


def _no_baseline(about: Mapping[str, Any]) -> str:
    if not about["baseline"]:
        return "is compared with a baseline, and the project names no baseline model"
    return f"has no result of the baseline model {about['baseline']} to be compared with"


def _risk(blocker: Blocker) -> str:
    about = blocker.about
    others = f" and {about['count'] - 1} more" if about["count"] > 1 else ""
    if about["rescore"]:
        return f"“{about['title']}”{others} was not scored within {about['days']} days."
    return f"“{about['title']}” (score {about['score']}, {about['level']}){others} is open and accepted by nobody."


def _assessment(blocker: Blocker) -> str:
    words = {
        "none": "has not been started",
        "draft": "is a draft",
        "submitted": "waits for signatures",
        "expired": "has expired",
    }
    waits = f": {', '.join(map(_role, blocker.who))}" if blocker.about["stands"] == "submitted" else ""
    return f"{assessment_name(blocker.about['assessment'])} {words[blocker.about['stands']]}{waits}."


def _stale_detail(blocker: Blocker) -> str:
    return f"{_subject(blocker)} {_moves(blocker)}."


def _overdue(blocker: Blocker) -> str:
    due = blocker.about["due_on"]
    return f"A condition was due on {due.day} {due:%b %Y}: {blocker.about['text']}"


DETAILS: dict[str, Callable[[Blocker], str]] = {
    "metric_out_of_limit": _out_of_limit,
    "metric_missing": _missing,
    "metric_stale": _stale_detail,
    "evidence_missing": lambda blocker: (
        "The evidence speaks of a time before the loop; only what was made since counts."
        if blocker.about.get("old")
        else "No evidence is attached."
    ),
    "evidence_expired": lambda blocker: f"The evidence “{as_read(blocker.about['proof'])}” has expired.",
    "evidence_stale": _stale_detail,
    "risk_open": _risk,
    "assessment_not_approved": _assessment,
    "assessment_stale": _stale_detail,
    "approval_missing": lambda blocker: (
        "An answer of the intake needs counsel before the project may pass a gate."
        if "intake" in blocker.about
        else f"The signature of the {_role(blocker.about['role'])} is missing."
    ),
    "approval_stale": _stale_detail,
    "condition_overdue": _overdue,
    "check_open": lambda blocker: (
        "Someone must look at it again and confirm." if blocker.about.get("reverify") else "Nobody has ticked it yet."
    ),
    "project_not_active": lambda blocker: f"The project is {str(blocker.about['state']).replace('_', ' ')}.",
}


def _accepters(blocker: Blocker) -> str:
    """A critical risk takes all of them, a high one any of them (permissions row 21)."""
    joint = " and " if blocker.about["level"] == "critical" else " or "
    return joint.join(map(_role, blocker.who))


def _subject(blocker: Blocker) -> str:
    """What a blocker is about, as a short noun.

    The metric, the questionnaire, or the check's own text without its full stop.
    """
    if "metric" in blocker.about:
        return metric_name(blocker.about["metric"])
    if "assessment" in blocker.about:
        return assessment_name(blocker.about["assessment"])
    return localised(blocker.about.get("text")).rstrip(".")


def _short(blocker: Blocker) -> str:
    """Two or three words within the sentence.

    The questionnaire's name, else the check's key, which is written to be read.
    """
    if "assessment" in blocker.about:
        return _lower(assessment_name(blocker.about["assessment"]))
    if blocker.check is None:
        return f"the {_lower(_subject(blocker))}"
    return (blocker.check or "").replace("_", " ")


def _moves(blocker: Blocker) -> str:
    first = blocker.about["moved"][0]
    return f"was made for {PARTS[first.part]} {first.was}, now {first.now}"


def _bound(operator: str) -> str:
    return "at least" if operator == ">=" else "at most"


def _days(blocker: Blocker, readiness: Readiness) -> str:
    days = passed(blocker.since, readiness.facts.today)
    return "1 day" if days == 1 else "today" if days == 0 else f"{days} days"


def _aim(readiness: Readiness) -> str:
    return AIMS.get(readiness.facts.stage, readiness.facts.stage.replace("_", " "))


def _word(count: int) -> str:
    return WORDS[count] if count < len(WORDS) else str(count)


def _lower(text: str) -> str:
    """Mid-sentence spelling: "Fairness gap" but not "NDCG" or "p95"."""
    return text if len(text) > 1 and text[1].isupper() else text[:1].lower() + text[1:]


def _role(key: str) -> str:
    return role_name(key).lower()
