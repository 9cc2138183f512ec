"""A template version's document as frozen objects: what the rest of the code reads instead of nested dictionaries."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

LEVELS = ("lean", "standard", "regulated")
KINDS = ("manual", "evidence", "metric", "risk", "assessment", "approval")
ANY = "any"


@dataclass(frozen=True)
class Item:
    """One line of a stage's checklist; its key names the check made from it."""

    key: str
    kind: str
    required: bool
    required_when: tuple[str, ...]
    from_level: str
    depends_on: tuple[str, ...]
    on_recycle: str
    material: bool
    source_state: str
    text: dict[str, str]
    guidance: dict[str, str]
    refs: tuple[str, ...]
    criterion: dict[str, Any]

    def required_for(self, level: str, tags: Collection[str]) -> bool:
        """One of its tags makes an item a must at every level; else its own word counts from its level on."""
        if set(self.required_when) & set(tags):
            return True
        return self.required and self.reaches(level)

    def applies_to(self, level: str, tags: Collection[str]) -> bool:
        return self.reaches(level) or bool(set(self.required_when) & set(tags))

    def reaches(self, level: str) -> bool:
        return LEVELS.index(self.from_level) <= LEVELS.index(level)


@dataclass(frozen=True)
class GateRules:
    """Who decides a gate at one level, and what keeps the deciders apart from the work."""

    quorum: int
    deciders: tuple[str, ...]
    must_include: tuple[str, ...]
    separation: tuple[str, ...]


@dataclass(frozen=True)
class StageDefinition:
    key: str
    position: int
    name: dict[str, str]
    purpose: dict[str, str]
    duration_days: int
    responsible: tuple[str, ...]
    raci: dict[str, Any]
    deliverables: tuple[dict[str, str], ...]
    gate_key: str
    gate_name: dict[str, str]
    question: dict[str, str]
    recurring: bool
    cycle_days: int
    cycle_from: str
    return_to: tuple[str, ...]
    decision_names: dict[str, dict[str, str]]
    rules: dict[str, GateRules]
    items: tuple[Item, ...]

    @cached_property
    def by_key(self) -> dict[str, Item]:
        return {item.key: item for item in self.items}


@dataclass(frozen=True)
class Definition:
    """A whole template: stages in order, levels, decisions, each with its texts."""

    key: str
    name: dict[str, str]
    description: dict[str, str]
    levels: dict[str, dict[str, Any]]
    decisions: dict[str, dict[str, Any]]
    separation_rules: dict[str, dict[str, str]]
    not_for_tags: tuple[str, ...]
    stages: tuple[StageDefinition, ...]

    @cached_property
    def by_key(self) -> dict[str, StageDefinition]:
        return {stage.key: stage for stage in self.stages}

    @property
    def default_level(self) -> str:
        return next(key for key, level in self.levels.items() if level["default"])

    def item(self, stage: str, key: str) -> Item:
        return self.by_key[stage].by_key[key]

    @property
    def comparing(self) -> tuple[str, ...]:
        """The checks whose criterion compares with the project's baseline model."""
        return tuple(item.key for stage in self.stages for item in stage.items if "baseline" in item.criterion)

    def find(self, key: str) -> tuple[StageDefinition, Item] | None:
        """Check keys are unique within a template."""
        return next(((stage, stage.by_key[key]) for stage in self.stages if key in stage.by_key), None)


def parse(document: dict[str, Any]) -> Definition:
    """The objects of a validated document (schema eightgate/template@1). Raises KeyError on a document that is not."""
    return Definition(
        key=document["key"],
        name=document["name"],
        description=document.get("description", {}),
        levels={level["key"]: level for level in document["levels"]},
        decisions={decision["key"]: decision for decision in document["decisions"]},
        separation_rules={rule["key"]: rule["name"] for rule in document["separation_rules"]},
        not_for_tags=tuple(document.get("not_for_tags", ())),
        stages=tuple(_stage(stage) for stage in sorted(document["stages"], key=lambda stage: stage["order"])),
    )


def _stage(stage: dict[str, Any]) -> StageDefinition:
    gate = stage["gate"]
    return StageDefinition(
        key=stage["key"],
        position=stage["order"],
        name=stage["name"],
        purpose=stage.get("purpose", {}),
        duration_days=stage["duration_days"],
        responsible=tuple(stage["raci"]["responsible"]),
        raci=stage["raci"],
        deliverables=tuple(stage.get("deliverables", ())),
        gate_key=gate["key"],
        gate_name=gate["name"],
        question=gate["question"],
        recurring=bool(stage.get("recurring") or gate.get("recurring")),
        cycle_days=stage.get("cycle_days", 0),
        cycle_from=stage.get("cycle_from", "decision"),
        return_to=tuple(gate.get("return_to", ())),
        decision_names=gate.get("decision_names", {}),
        rules={level: rules_of(gate["levels"][level]) for level in LEVELS if level in gate["levels"]},
        items=tuple(item_of(item) for item in stage["items"]),
    )


def rules_of(rules: dict[str, Any]) -> GateRules:
    """Who decides, of a document's gate at one level."""
    deciders = rules["deciders"]
    return GateRules(
        quorum=rules["quorum"],
        deciders=(ANY,) if deciders == ANY else tuple(deciders),
        must_include=tuple(rules["must_include"]),
        separation=tuple(rules["separation"]),
    )


def item_of(item: dict[str, Any]) -> Item:
    """A check of a document."""
    kind = item["kind"]
    criterion: dict[str, Any] = {
        "metric": item.get("metric"),
        "risk": item.get("criterion"),
        "assessment": {"assessment": item.get("assessment")},
        "approval": {"role": item.get("role")},
    }.get(kind) or {}
    return Item(
        key=item["key"],
        kind=kind,
        required=item["required"],
        required_when=tuple(item.get("required_when", ())),
        from_level=item["from"],
        depends_on=tuple(item["depends_on"]),
        on_recycle=item["on_recycle"],
        material=item["material"],
        source_state=item.get("source_state", ""),
        text=item["text"],
        guidance=item.get("guidance", {}),
        refs=tuple(item.get("refs", ())),
        criterion=criterion,
    )
