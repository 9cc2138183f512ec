"""What a document would do to the projects that run on its template, by name; computed without writing anything.

Only stages that would ask something else are read at all, in batches with a fixed number of queries each.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actor import Actor
from common.texts import localised
from lifecycle.criteria import Blocker, Readiness, Verdict
from lifecycle.criteria.refit import asks
from lifecycle.models import Stage, StageState
from lifecycle.models.definition import Definition
from lifecycle.models.process import StageQuerySet
from lifecycle.models.templates import definition_of
from lifecycle.selectors.gates import blocker_document
from lifecycle.selectors.templates.asif import AsIf, as_if
from projects.models import Project, ProjectState

BATCH = 200
RUNNING = (ProjectState.ACTIVE, ProjectState.ON_HOLD)


Blockers = tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Touched:
    """One project whose gate would stand differently, or that could not follow.

    `gained` and `lost` are blockers as the API shows them; `after` is "" where it could not follow; `obstacle` says why
    it could not today: current_stage_gone, level_not_offered, or round_is_open until the round is decided.
    """

    key: str
    name: str
    stage: str
    stage_name: str
    before: str
    after: str
    gained: Blockers
    lost: Blockers
    obstacle: str

    @property
    def turns_red(self) -> bool:
        return self.after == Verdict.FAIL != self.before

    @property
    def differs(self) -> bool:
        return self.after != self.before or bool(self.gained or self.lost)

    def as_dict(self) -> dict[str, Any]:
        return {
            "project": self.key,
            "name": self.name,
            "stage": self.stage,
            "verdict": {"before": self.before, "after": self.after or None},
            "gained": list(self.gained),
            "lost": list(self.lost),
            "obstacle": self.obstacle or None,
        }


@dataclass(frozen=True, slots=True)
class Impact:
    """Of `running` projects those that change: by name where the reader sees them, the others counted."""

    running: int
    touched: tuple[Touched, ...] = ()
    unseen: int = 0
    unseen_red: int = 0

    @property
    def turning_red(self) -> int:
        return sum(one.turns_red for one in self.touched) + self.unseen_red

    @property
    def changed(self) -> int:
        return len(self.touched) + self.unseen

    @property
    def sentence(self) -> str:
        """As “7 of 23 running projects would turn red.”"""
        if not self.running:
            return _("No project runs on this template.")
        words = {"red": self.turning_red, "n": self.running}
        if self.turning_red:
            red = ngettext(
                "The one running project would turn red.",
                "%(red)s of %(n)s running projects would turn red.",
                self.running,
            )
            return red % words
        none = ngettext(
            "The one running project would not turn red.",
            "None of %(n)s running projects would turn red.",
            self.running,
        )
        return none % words

    def as_dict(self) -> dict[str, Any]:
        return {
            "running": self.running,
            "turning_red": self.turning_red,
            "sentence": self.sentence,
            "projects": [one.as_dict() for one in self.touched],
            "others": {"changed": self.unseen, "turning_red": self.unseen_red},
        }


def beyond(one: Readiness | None, other: Readiness | None) -> Blockers:
    """The blockers of `one` that `other` does not have."""
    if one is None or other is None:
        return ()
    there = {_identity(blocker) for blocker in other.blockers}
    return tuple(blocker_document(found, one.facts) for found in one.blockers if _identity(found) not in there)


def _identity(blocker: Blocker) -> tuple[Any, ...]:
    return blocker.check, blocker.code, blocker.about.get("condition")


def impact_of(definition: Definition, *, actor: Actor, today: date, batch: int = BATCH) -> Impact:
    """What becomes of every running project of the template, were it to move over today."""
    current = Stage.objects.current().filter(process__template_key=definition.key, process__project__state__in=RUNNING)
    columns = ("process__template_version", "key", "process__level")
    kinds = list(current.order_by().values_list(*columns).annotate(Count("pk")))
    running = sum(count for *_kind, count in kinds)
    other = [kind for *kind, _count in kinds if _asks_other(definition, *kind)]
    touched: list[Touched] = []
    unseen: list[Touched] = []
    for stages in _batches(current, other, batch):
        seen = _seen(stages, actor)
        for one in as_if(stages, definition, today=today):
            if (found := _touched(one)).differs:
                (touched if one.stage.process.project_id in seen else unseen).append(found)
    touched.sort(key=lambda one: (not one.turns_red, one.key))
    return Impact(running, tuple(touched), len(unseen), sum(one.turns_red for one in unseen))


def _asks_other(definition: Definition, version: int, key: str, level: str) -> bool:
    """Whether this stage at this level would ask anything else than the version it is read by."""
    stage = definition.by_key.get(key)
    if stage is None or level not in definition.levels:
        return True
    return asks(stage) != asks(definition_of(version).by_key[key])


def _batches(current: StageQuerySet, kinds: Sequence[Sequence[Any]], size: int) -> Iterator[list[Stage]]:
    """The current stages of these kinds, some at a time."""
    if not kinds:
        return
    wanted = Q()
    for version, key, level in kinds:
        wanted |= Q(process__template_version=version, key=key, process__level=level)
    before = Stage.objects.filter(process=OuterRef("process"), key=OuterRef("key"), superseded=True)
    latest = Subquery(before.order_by("-iteration").values("state")[:1])
    rows = current.filter(wanted).with_process().annotate(was_before=latest).order_by("pk")
    found: list[Stage] = []
    while found := list(rows.filter(pk__gt=found[-1].pk if found else 0)[:size]):
        yield found


def _seen(stages: Sequence[Stage], actor: Actor) -> set[int]:
    projects = [stage.process.project_id for stage in stages]
    return set(Project.objects.visible_to(actor).filter(pk__in=projects).values_list("pk", flat=True))


def _touched(one: AsIf) -> Touched:
    facts = one.before.facts
    return Touched(
        key=facts.project_key,
        name=facts.project_name,
        stage=facts.stage,
        stage_name=localised(one.stage.definition.name),
        before=one.before.verdict.value,
        after=one.after.verdict.value if one.after else "",
        gained=beyond(one.after, one.before),
        lost=beyond(one.before, one.after),
        obstacle=one.obstacle or ("round_is_open" if one.stage.state == StageState.IN_REVIEW else ""),
    )
