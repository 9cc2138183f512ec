"""What a template asks of a project, level by level."""

from collections.abc import Collection
from dataclasses import dataclass

from common.texts import localised
from lifecycle.models.definition import LEVELS, Definition


@dataclass(frozen=True, slots=True)
class LevelAsks:
    """Over all stages of a template: how many checks a level asks for with these tags, and how many votes."""

    key: str
    name: str
    help: str
    required: int
    optional: int
    votes: int


def levels_of(definition: Definition, tags: Collection[str]) -> list[LevelAsks]:
    """The levels that a template has, the lightest first."""
    return [_asks(definition, level, tags) for level in LEVELS if level in definition.levels]


def _asks(definition: Definition, level: str, tags: Collection[str]) -> LevelAsks:
    items = [item for stage in definition.stages for item in stage.items if item.applies_to(level, tags)]
    required = sum(item.required_for(level, tags) for item in items)
    words = definition.levels[level]
    return LevelAsks(
        key=level,
        name=localised(words["name"]),
        help=localised(words["help"]),
        required=required,
        optional=len(items) - required,
        votes=sum(stage.rules[level].quorum for stage in definition.stages),
    )
