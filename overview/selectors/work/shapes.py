"""What a page of work is made of; a Row has the shape of components/_todo.html."""

from dataclasses import dataclass, field
from datetime import date

from common.drawing import Sparkline


@dataclass(frozen=True, slots=True)
class Due:
    """`on` sorts and groups; the rest is shown."""

    on: date | None
    text: str = ""
    late: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Say:
    verdict: str
    text: str
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Drop:
    """A field on the row that takes a link, a note or a file."""

    url: str
    target: str
    placeholder: str = ""
    note: bool = False
    max_bytes: int | None = None
    refused: str = ""
    # What was typed and refused: nothing is lost.
    typed: str = ""
    # What sending takes from this person.
    cost: str = ""
    key: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Press:
    """The row's one action, the shape of components/_action.html; `fields` go along with a POST."""

    label: str
    url: str
    method: str = ""
    key: str = ""
    keep: bool = False
    primary: bool = False
    disabled: bool = False
    fields: dict[str, str] = field(default_factory=dict)
    ghost: bool = False

    @property
    def css(self) -> str:
        return "eg-act eg-act--keep" if self.keep else "eg-act"


@dataclass(frozen=True, slots=True)
class Proof:
    text: str
    tone: str = "pass"
    icon: str = "link"
    url: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """The shape of components/_todo.html."""

    id: str
    kind: str
    text: str
    where: str
    url: str
    due: Due
    stage_url: str = ""
    drop: Drop | None = None
    spark: Sparkline | None = None
    value: str | None = None
    limit: str = ""
    tone: str = "none"
    say: Say | None = None
    proof: Proof | None = None
    plain: str = ""
    action: Press | None = None
    note: str = ""
    help: str = ""
    help_url: str = ""
    current: bool = False
    done: bool = False
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    key: str
    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """Somebody else's step that my project waits for."""

    text: str
    where: str
    url: str
    who: str
    since: str
    late: bool


@dataclass(frozen=True, slots=True)
class WorkDay:
    groups: tuple[Group, ...]
    waiting: tuple[Wait, ...]

    @property
    def rows(self) -> list[Row]:
        return [row for group in self.groups for row in group.rows]
