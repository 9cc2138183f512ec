"""A gate's facts read by another definition: what a stage would ask, with what was said kept by key.

The same as moving the project over does (`services.refits`), without a row written.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from lifecycle.criteria.facts import CheckFacts, GateFacts, Result
from lifecycle.criteria.kinds import within
from lifecycle.models.definition import Item, StageDefinition

# What makes two metric criteria measure the same thing, and what makes them be answered by the same result.
MEASURED = ("key", "operator", "slice", "baseline")
READ_FROM = ("key", "slice", "min_sample")
CARRIED = {"": "", "redo": "redo"}


@dataclass(frozen=True, slots=True)
class Fit:
    """What one stage iteration is to be read by.

    `looped`: what a loop back asks of checks that the iteration did not have: "" in a first one, "redo" after a cycle,
    else "item", as each item says. `measured` holds, by check, the result that counts and the one to compare with;
    `agreed` the checks whose own limit a risk officer agreed to, `alone` the ids of those that one person waived.
    """

    stage: StageDefinition
    level: str
    tags: Collection[str]
    opened_at: datetime
    looped: str = ""
    measured: Mapping[str, tuple[Result | None, Result | None]] = field(default_factory=dict)
    agreed: Collection[str] = ()
    alone: Collection[int] = ()

    @property
    def items(self) -> list[Item]:
        return [item for item in self.stage.items if item.applies_to(self.level, self.tags)]

    def carried(self, item: Item) -> str:
        return CARRIED.get(self.looped, item.on_recycle)


def refitted(facts: GateFacts, fit: Fit, stood: Mapping[str, CheckFacts], baseline_model: str = "") -> GateFacts:
    """`facts` as they would be under `fit`; `stood` are the checks by key that the project's open stages have now."""
    checks = tuple(_check(facts, fit, item, stood.get(item.key), baseline_model) for item in fit.items)
    by_key = {check.key: check for check in checks}
    return replace(
        facts,
        responsible=fit.stage.responsible,
        quorum=fit.stage.rules[fit.level].quorum,
        level=fit.level,
        checks=checks,
        deferred_checks=tuple(by_key.get(check.key, check) for check in facts.deferred_checks),
    )


def _check(facts: GateFacts, fit: Fit, item: Item, was: CheckFacts | None, baseline_model: str) -> CheckFacts:
    required = item.required_for(fit.level, fit.tags)
    if was is None:
        found = _blank(facts, fit, item, required=required)
    else:
        found = replace(was, item=item, required=required, stage=facts.stage, own_limit=_own_limit(was, item, fit))
        if was.kind != item.kind:
            found = replace(
                found, answer="open", answered_by=None, answered_by_name="", answered_at=None, subject={},
                confirmed=False, waived_until=None,
            )  # fmt: skip
        if was.id in fit.alone and waiver_takes_two(required=required, level=fit.level):
            found = replace(found, waived_until=None, waiver_lapsed_on=facts.today - timedelta(days=1))
    if item.key in fit.measured:
        result, baseline = fit.measured[item.key]
        found = replace(found, result=result, baseline=baseline, baseline_model=baseline_model)
    return found


def foremost(pk: int, *, dropped: bool) -> tuple[bool, int]:
    """By which the rows of one check are ordered of which one is asked again: a live one first, then the newest.

    There are several where a check was dropped in one stage and a loop asked for it in another meanwhile.
    """
    return dropped, -pk


def _own_limit(was: CheckFacts, item: Item, fit: Fit) -> float | None:
    keeps = was.own_limit is not None and limit_stays(was.own_limit, was.item, item, agreed=item.key in fit.agreed)
    return was.own_limit if keeps else None


def waiver_takes_two(*, required: bool, level: str) -> bool:
    """Whether going without a check takes a second gatekeeper: a required one does, but at lean."""
    return required and level != "lean"


def limit_stays(threshold: float, before: Item, after: Item, *, agreed: bool) -> bool:
    """Whether a project's own limit outlives a change of its criterion.

    It ends where the check measures something else, and where it would now be looser than the template's limit, unless
    a risk officer agreed to it.
    """
    if before.kind != "metric" or after.kind != "metric":
        return False
    old, new = before.criterion, after.criterion
    if any(old.get(name) != new.get(name) for name in MEASURED):
        return False
    unmoved = old["threshold"] == new["threshold"]
    return unmoved or agreed or within(threshold, new["operator"], float(new["threshold"]))


def reads_anew(was: Item | None, item: Item) -> bool:
    """Whether another result than so far may decide the check."""
    if item.kind != "metric":
        return False
    if was is None or was.kind != "metric":
        return True
    compares = "baseline" in item.criterion and "baseline" not in was.criterion
    return compares or any(was.criterion.get(name) != item.criterion.get(name) for name in READ_FROM)


def asks(stage: StageDefinition) -> dict[str, tuple[object, ...]]:
    """All of a stage that decides how its gate stands; its words, its order and who decides are left out."""
    return {
        item.key: (item.kind, item.required, item.from_level, item.required_when, item.depends_on, item.criterion)
        for item in stage.items
    }


def _blank(facts: GateFacts, fit: Fit, item: Item, *, required: bool) -> CheckFacts:
    return CheckFacts(
        id=0,
        stage=facts.stage,
        item=item,
        required=required,
        answer="open",
        answered_by=None,
        answered_by_name="",
        answered_at=None,
        subject={},
        carried=fit.carried(item),
        confirmed=False,
        note="",
        assignee=None,
        assignee_name="",
        assignee_username="",
        due_on=None,
        version=1,
        own_limit=None,
        waived_until=None,
        opened_at=fit.opened_at,
        started_at=facts.started_at,
    )
