"""What makes a document of the right shape a process that works: the rules that no schema can say, on one page."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.errors import FieldError
from lifecycle.models.definition import ANY, LEVELS

# Addresses beside those of templates and of stages.
TAKEN_KEYS, TAKEN_STAGES = frozenset({"import", "new", "plan", "schema"}), frozenset({"current", "new"})
DECISIONS = ("go", "conditional_go", "hold", "recycle", "kill")
OPENS_NEXT = frozenset({"go", "conditional_go"})
# Kept at every gate whatever a template says.
ALWAYS_SEPARATE = ("submitter_cannot_decide", "one_person_one_vote")
OPERATORS = {"higher": ">=", "lower": "<="}


@dataclass(frozen=True, slots=True)
class Known:
    """The keys that a document may name; metrics with the direction that is better."""

    roles: Collection[str]
    tags: Collection[str]
    metrics: Mapping[str, str]
    assessments: Collection[str]
    categories: Collection[str]


def breaches(document: dict[str, Any], known: Known) -> list[FieldError]:
    """Every rule that a document without flaws of shape breaks, with its place."""
    return [*_template(document, known), *_stages(document, known), *_checks(document, known)]


def _wrong(place: str, code: str, detail: str | Promise) -> FieldError:
    return FieldError(place, code, detail)


def _unknown(place: str, named: Collection[str], known: Collection[str], what: str | Promise) -> Iterator[FieldError]:
    for number, key in enumerate(named):
        if key not in known:
            yield _wrong(f"{place}/{number}", "not_found", what % {"key": key})


ROLE, TAG = _("There is no functional role “%(key)s”."), _("There is no project tag “%(key)s”.")
CATEGORY, STAGE = _("There is no risk category “%(key)s”."), _("There is no earlier stage “%(key)s”.")


def _template(document: dict[str, Any], known: Known) -> Iterator[FieldError]:
    if document["key"] in TAKEN_KEYS:
        yield _wrong("/key", "invalid_choice", _("This key is an address of its own; take another."))
    yield from _unknown("/not_for_tags", document.get("not_for_tags", ()), known.tags, TAG)
    yield from _levels(document["levels"])
    yield from _decisions(document["decisions"])
    yield from _once("/separation_rules", [rule["key"] for rule in document["separation_rules"]])


def _levels(levels: list[dict[str, Any]]) -> Iterator[FieldError]:
    keys = [level["key"] for level in levels]
    if keys != sorted(set(keys), key=LEVELS.index):
        yield _wrong("/levels", "invalid_choice", _("Levels stand once each, from lean to regulated."))
    for number, level in enumerate(levels):
        if level["order"] != number + 1:
            yield _wrong(f"/levels/{number}/order", "invalid_choice", ORDER % {"number": number + 1})
    if sum(level["default"] for level in levels) != 1:
        yield _wrong("/levels", "invalid_choice", _("One level is the default."))


ORDER = _("Here the order is %(number)s: it counts the place in the list.")


def _decisions(decisions: list[dict[str, Any]]) -> Iterator[FieldError]:
    """All five, as the gates take them: what a decision does is code, only its words are data."""
    if [decision["key"] for decision in decisions] != list(DECISIONS):
        words = {"words": ", ".join(DECISIONS)}
        yield _wrong(
            "/decisions", "invalid_choice", _("All five decisions stand here, in this order: %(words)s.") % words
        )
        return
    for number, decision in enumerate(decisions):
        for field, is_so in (
            ("opens_next", decision["key"] in OPENS_NEXT),
            ("despite_blockers", decision["key"] != "go"),
        ):
            if decision[field] != is_so:
                word = "true" if is_so else "false"
                yield _wrong(
                    f"/decisions/{number}/{field}", "invalid_choice", _("This is always %(word)s.") % {"word": word}
                )


def _once(place: str, keys: list[str]) -> Iterator[FieldError]:
    for key, count in Counter(keys).items():
        if count > 1:
            last = len(keys) - 1 - keys[::-1].index(key)
            yield _wrong(f"{place}/{last}/key", "not_unique", _("“%(key)s” stands twice.") % {"key": key})


def _stages(document: dict[str, Any], known: Known) -> Iterator[FieldError]:
    stages = document["stages"]
    yield from _once("/stages", [stage["key"] for stage in stages])
    gates = Counter(stage["gate"]["key"] for stage in stages)
    for number, stage in enumerate(stages):
        place = f"/stages/{number}"
        if stage["key"] in TAKEN_STAGES:
            yield _wrong(f"{place}/key", "invalid_choice", _("This key is an address of its own; take another."))
        if gates[stage["gate"]["key"]] > 1:
            yield _wrong(f"{place}/gate/key", "not_unique", _("Another gate has this key."))
        if stage["order"] != number + 1:
            yield _wrong(f"{place}/order", "invalid_choice", ORDER % {"number": number + 1})
        yield from _cycle(stage, place, is_last=number == len(stages) - 1)
        yield from _people(stage["raci"], f"{place}/raci", known)
        yield from _gate(stage, document, place, known)


def _cycle(stage: dict[str, Any], place: str, *, is_last: bool) -> Iterator[FieldError]:
    gate = stage["gate"]
    recurring = bool(stage.get("recurring") or gate.get("recurring"))
    if "recurring" in gate and "recurring" in stage and gate["recurring"] != stage["recurring"]:
        yield _wrong(
            f"{place}/gate/recurring", "invalid_choice", _("Stage and gate say different things about recurring.")
        )
    if recurring and not is_last:
        yield _wrong(f"{place}/recurring", "invalid_choice", _("Only the last stage may recur: go never leaves it."))
    if recurring and "cycle_days" not in stage:
        yield _wrong(f"{place}/cycle_days", "required", _("A recurring stage says how many days lie between two runs."))
    for field in ("cycle_days", "cycle_from"):
        if field in stage and not recurring:
            yield _wrong(f"{place}/{field}", "invalid_choice", _("Only a recurring stage has a cycle."))


def _people(raci: dict[str, Any], place: str, known: Known) -> Iterator[FieldError]:
    for part in ("responsible", "consulted", "informed"):
        yield from _unknown(f"{place}/{part}", raci.get(part, ()), known.roles, ROLE)
    if raci["accountable"] not in known.roles:
        yield _wrong(f"{place}/accountable", "not_found", ROLE % {"key": raci["accountable"]})


def _gate(stage: dict[str, Any], document: dict[str, Any], place: str, known: Known) -> Iterator[FieldError]:
    gate, place = stage["gate"], f"{place}/gate"
    so_far = [one["key"] for one in document["stages"] if one["order"] <= stage["order"]]
    yield from _unknown(f"{place}/return_to", gate.get("return_to", ()), so_far, STAGE)
    levels = [level["key"] for level in document["levels"]]
    if set(gate["levels"]) != set(levels):
        words = {"words": ", ".join(levels)}
        yield _wrong(
            f"{place}/levels", "required", _("A gate has rules for each level of the template: %(words)s.") % words
        )
    named = {rule["key"] for rule in document["separation_rules"]}
    for level, rules in gate["levels"].items():
        yield from _rules(rules, f"{place}/levels/{level}", named, known)


def _rules(rules: dict[str, Any], place: str, named: Collection[str], known: Known) -> Iterator[FieldError]:
    deciders, must = rules["deciders"], rules["must_include"]
    if deciders == ANY:
        if must:
            detail = _("Where anybody may decide, no role can be asked for.")
            yield _wrong(f"{place}/must_include", "invalid_choice", detail)
    else:
        yield from _unknown(f"{place}/deciders", deciders, known.roles, ROLE)
        outside = _("“%(key)s” is not among the deciders.")
        yield from _unknown(f"{place}/must_include", must, deciders, outside)
    for key in ALWAYS_SEPARATE:
        if key not in rules["separation"]:
            detail = _("“%(key)s” holds at every gate and stands in every list.")
            yield _wrong(f"{place}/separation", "required", detail % {"key": key})
    unnamed = _("“%(key)s” has no name under separation_rules.")
    yield from _unknown(f"{place}/separation", rules["separation"], named, unnamed)


def _checks(document: dict[str, Any], known: Known) -> Iterator[FieldError]:
    seen: set[str] = set()
    for number, stage in enumerate(document["stages"]):
        for index, item in enumerate(stage["items"]):
            place = f"/stages/{number}/items/{index}"
            if item["key"] in seen:
                detail = _("Another check of this template has this key.")
                yield _wrong(f"{place}/key", "not_unique", detail)
            seen.add(item["key"])
            yield from _unknown(f"{place}/required_when", item.get("required_when", ()), known.tags, TAG)
            yield from _CRITERIA.get(item["kind"], _nothing)(item, place, known)


def _nothing(_item: dict[str, Any], _place: str, _known: Known) -> Iterator[FieldError]:
    yield from ()


def _metric(item: dict[str, Any], place: str, known: Known) -> Iterator[FieldError]:
    metric = item["metric"]
    better = known.metrics.get(metric["key"])
    if better is None:
        detail = _("There is no metric “%(key)s”; metric-definitions/ lists them all.") % {"key": metric["key"]}
        yield _wrong(f"{place}/metric/key", "not_found", detail)
    elif metric["direction"] != better:
        detail = _("For this metric %(direction)s is better.") % {"direction": better}
        yield _wrong(f"{place}/metric/direction", "invalid_choice", detail)
    if metric["operator"] != OPERATORS[metric["direction"]]:
        fitting = {"operator": OPERATORS[metric["direction"]]}
        detail = _("The operator follows the direction: here it is %(operator)s.") % fitting
        yield _wrong(f"{place}/metric/operator", "invalid_choice", detail)
    if "source_state" not in item:
        yield _wrong(f"{place}/source_state", "required", _("A limit says where it comes from."))


def _risk(item: dict[str, Any], place: str, known: Known) -> Iterator[FieldError]:
    categories = item["criterion"]["categories"]
    if categories != ANY:
        yield from _unknown(f"{place}/criterion/categories", categories, known.categories, CATEGORY)
    if item["depends_on"]:
        detail = _("Risks are read as they stand today and depend on no part of the subject.")
        yield _wrong(f"{place}/depends_on", "invalid_choice", detail)


def _assessment(item: dict[str, Any], place: str, known: Known) -> Iterator[FieldError]:
    if item["assessment"] not in known.assessments:
        detail = _("There is no questionnaire “%(key)s” for projects.") % {"key": item["assessment"]}
        yield _wrong(f"{place}/assessment", "not_found", detail)


def _approval(item: dict[str, Any], place: str, known: Known) -> Iterator[FieldError]:
    if item["role"] not in known.roles:
        yield _wrong(f"{place}/role", "not_found", ROLE % {"key": item["role"]})
    if item["on_recycle"] != "redo":
        detail = _("A signature is always given again after a loop back: redo.")
        yield _wrong(f"{place}/on_recycle", "invalid_choice", detail)


_CRITERIA = {"metric": _metric, "risk": _risk, "assessment": _assessment, "approval": _approval}
