"""YAML read strictly and written in one spelling (RFC 9512's application/yaml).

What YAML guesses at is not guessed: `no`, `1:30` and `012` are texts, only `true`, `false`, `null` and JSON's numbers
are more. Read event by event, so that neither depth nor size grows before it is refused.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError, FieldError, ValidationFailed, escape
from common.text_rules import encoding_flaw

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 20
MAX_KEYS = 1000
MAX_VALUES = 100_000
MAX_DIGITS = 40
MAX_FLAWS = 100
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
DATE = re.compile(r"([0-9]{4}-[0-9]{1,2}-[0-9]{1,2})(?:[Tt\s].*)?")
CONSTANTS = {"": None, "~": None, "null": None, "true": True, "false": False}
EventReader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class MalformedYaml(DomainError):
    status = 400
    code = "malformed_yaml"
    title = _("The body is not YAML that is read here")


class YamlAliasesNotAllowed(DomainError):
    status = 400
    code = "yaml_aliases_not_allowed"
    title = _("The YAML uses anchors or aliases")


class YamlTooDeep(DomainError):
    status = 400
    code = "yaml_too_deep"
    title = _("The YAML is nested too deeply")


class YamlTooLarge(DomainError):
    status = 413
    code = "body_too_large"
    title = _("The body is too large")


def loads(body: bytes) -> Any:
    """The one document in `body`.

    Raises MalformedYaml with line and column, YamlAliasesNotAllowed, YamlTooDeep, YamlTooLarge, and ValidationFailed
    with the pointer of each doubled key.
    """
    if len(body) > MAX_BYTES:
        raise YamlTooLarge(_("At most 2 MB."))
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        detail = _("The body is not valid UTF-8.")
        raise ValidationFailed(detail, errors=[FieldError("", "invalid_unicode", detail)]) from error
    reading = _Reading()
    try:
        for event in _events(text):
            reading.take(event)
    except yaml.YAMLError as error:
        # A reader's error has a reason, a scanner's or parser's a problem and its place.
        what = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        raise _malformed(what, getattr(error, "problem_mark", None)) from error
    if reading.flaws:
        raise ValidationFailed(errors=reading.flaws)
    return reading.document


def _events(text: str) -> Iterator[Any]:
    loader = EventReader(text)
    try:
        while loader.check_event():
            yield loader.get_event()
    finally:
        loader.dispose()


def _malformed(what: str | Promise, mark: Any = None) -> MalformedYaml:
    if mark is None:
        return MalformedYaml(str(what))
    place = {"what": what, "line": mark.line + 1, "column": mark.column + 1}
    return MalformedYaml(_("Line %(line)s, column %(column)s: %(what)s.") % place)


@dataclass(slots=True)
class _Open:
    """A list or mapping that has begun and not ended; `key` is the one whose value comes next."""

    value: Any
    pointer: str
    key: str | None = None

    @property
    def wants_key(self) -> bool:
        return isinstance(self.value, dict) and self.key is None

    @property
    def place(self) -> str:
        """The pointer of what comes next."""
        part = len(self.value) if isinstance(self.value, list) else escape(self.key or "")
        return f"{self.pointer}/{part}"


class _Reading:
    """A document while its events come in."""

    def __init__(self) -> None:
        self.document: Any = None
        self.stack: list[_Open] = []
        self.flaws: list[FieldError] = []
        self.documents = self.values = 0

    def take(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise YamlAliasesNotAllowed(_("Write each value where it belongs."))
        if getattr(event, "tag", None):
            raise _malformed(_("tags are not read here"), event.start_mark)
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise _malformed(_("a second document is not read here"), event.start_mark)
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin({} if isinstance(event, yaml.MappingStartEvent) else [], event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.stack.pop()

    def _scalar(self, event: Any) -> None:
        frame = self.stack[-1] if self.stack else None
        if frame is not None and frame.wants_key:
            self._key(frame, event.value)
        else:
            self._put(typed(event.value, event.start_mark) if event.implicit[0] else event.value)

    def _key(self, frame: _Open, key: str) -> None:
        frame.key = key
        if flaw := encoding_flaw(key):
            self._flaw(frame.pointer, flaw.code, flaw.detail)
        if key in frame.value:
            self._flaw(frame.place, "duplicate_key", _("The key stands twice in its object."))
        if len(frame.value) == MAX_KEYS:
            self._flaw(frame.pointer, "too_many_keys", _("At most %(limit)s keys.") % {"limit": MAX_KEYS})

    def _begin(self, value: Any, event: Any) -> None:
        if self.stack and self.stack[-1].wants_key:
            raise _malformed(_("a key is a plain text"), event.start_mark)
        pointer = self.stack[-1].place if self.stack else ""
        self._put(value)
        self.stack.append(_Open(value, pointer))
        if len(self.stack) > MAX_DEPTH:
            raise YamlTooDeep(_("At most %(limit)s levels.") % {"limit": MAX_DEPTH})

    def _put(self, value: Any) -> None:
        self.values += 1
        if self.values > MAX_VALUES:
            raise YamlTooLarge(_("At most %(limit)s values.") % {"limit": MAX_VALUES})
        if isinstance(value, str) and (flaw := encoding_flaw(value)):
            self._flaw(self.stack[-1].place if self.stack else "", flaw.code, flaw.detail)
        if not self.stack:
            self.document = value
            return
        frame = self.stack[-1]
        if isinstance(frame.value, list):
            frame.value.append(value)
        else:
            frame.value[frame.key], frame.key = value, None

    def _flaw(self, pointer: str, code: str, detail: str | Promise) -> None:
        if len(self.flaws) < MAX_FLAWS:
            self.flaws.append(FieldError(pointer, code, detail))


def typed(text: str, mark: Any = None) -> Any:
    """What an unquoted word means: nothing, true, false, a number as JSON writes it, else the text itself.

    Raises MalformedYaml for what looks like a day and is none, and for numbers without end.
    """
    if text in CONSTANTS:
        return CONSTANTS[text]
    if match := NUMBER.fullmatch(text):
        return _number(text, match, mark)
    if (match := DATE.fullmatch(text)) and not _is_day(match[1]):
        raise _malformed(_("there is no such day"), mark)
    return text


def _number(text: str, match: re.Match[str], mark: Any) -> int | float:
    if len(text) > MAX_DIGITS:
        raise _malformed(_("the number has too many digits"), mark)
    if match[1] is None and match[2] is None:
        return int(text)
    if not math.isfinite(value := float(text)):
        raise _malformed(_("the number has too many digits"), mark)
    return value


def _is_day(text: str) -> bool:
    try:
        date(*map(int, text.split("-")))
    except ValueError:
        return False
    return True


class _Writer(yaml.SafeDumper):
    """One spelling for each value; nothing is shared by anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _write_text(writer: _Writer, text: str) -> yaml.ScalarNode:
    return writer.represent_scalar("tag:yaml.org,2002:str", text, _style(text))


def _style(text: str) -> str | None:
    """Quoted where `typed` would make something else of it, or a reader would see something else."""
    lines = text.split("\n")
    if not all(line.isprintable() for line in lines):
        return '"'
    if len(lines) > 1:
        return "|" if all(line and line == line.strip() for line in lines) else '"'
    try:
        return None if isinstance(typed(text), str) else '"'
    except MalformedYaml:
        return '"'


_Writer.add_representer(str, _write_text)


def dumps(value: Any) -> str:
    """`value` in its one spelling: keys in their order, one line a text, so that a difference is a line.

    `loads` reads it back as it was; YAML 1.1 and 1.2 readers understand the same.
    """
    text: str = yaml.dump(
        value, Dumper=_Writer, allow_unicode=True, sort_keys=False, default_flow_style=False, width=math.inf
    )
    return text
