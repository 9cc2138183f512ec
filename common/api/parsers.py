"""Bodies that are read strictly: what a lenient parser would guess at is refused, with the place."""

import codecs
import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import IO, Any, NoReturn

from django.http.multipartparser import MultiPartParser as DjangoMultiPartParser
from django.http.multipartparser import MultiPartParserError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework.parsers import BaseParser, DataAndFiles

from common import strict_yaml
from common.errors import DomainError, FieldError, ValidationFailed, escape
from common.text_rules import encoding_flaw

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 20
MAX_KEYS = 1000
MAX_DIGITS = 40
# Strings are swallowed whole so that brackets inside them do not count. The possessive quantifiers keep an unterminated
# string of a million escaped quotes linear.
STRUCTURE = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)


class MalformedJson(DomainError):
    status = 400
    code = "malformed_json"
    title = _("The body is not JSON")


class JsonTooDeep(DomainError):
    status = 400
    code = "json_too_deep"
    title = _("The JSON is nested too deeply")


class BodyTooLarge(DomainError):
    status = 413
    code = "body_too_large"
    title = _("The body is too large")


class UnsupportedCharset(DomainError):
    status = 415
    code = "unsupported_charset"
    title = _("The charset is not supported")


class UnsupportedContentEncoding(DomainError):
    status = 415
    code = "unsupported_content_encoding"
    title = _("The content encoding is not supported")


class MalformedMultipart(DomainError):
    status = 400
    code = "malformed_multipart"
    title = _("The multipart body is broken")


class InvalidFilename(DomainError):
    status = 400
    code = "invalid_filename"
    title = _("The file's name is not usable")


class _Repeated(dict[str, Any]):
    """An object that named `key` twice; found again, with its place, when the document is walked."""

    key = ""


class _HugeInteger:
    """An integer too long to be worth converting."""


class StrictJSONParser(BaseParser):
    """JSON as RFC 8259 has it, in UTF-8, at most 2 MB and 20 levels, without doubled keys, NaN or broken Unicode."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        check_encoding(parser_context, media_type)
        body = stream.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise BodyTooLarge(_("At most 2 MB."))
        return loads(body)


class StrictYAMLParser(BaseParser):
    """One YAML document in UTF-8, at most 2 MB, read as `common.strict_yaml` reads it."""

    media_type = "application/yaml"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        check_encoding(parser_context, media_type)
        return strict_yaml.loads(stream.read(strict_yaml.MAX_BYTES + 1))


def loads(body: bytes) -> Any:
    """Parse strictly. Raises MalformedJson, JsonTooDeep, ValidationFailed with the pointer of each flaw."""
    _check_depth(body)
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise _refused("", "invalid_unicode", _("The body is not valid UTF-8.")) from error
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_int=_integer)
    except json.JSONDecodeError as error:
        detail = _("%(what)s at line %(line)s, column %(column)s.") % {
            "what": error.msg,
            "line": error.lineno,
            "column": error.colno,
        }
        raise MalformedJson(detail) from error
    if flaws := list(_flaws(value, "")):
        raise ValidationFailed(errors=flaws)
    return value


def check_encoding(parser_context: Mapping[str, Any] | None, media_type: str | None) -> None:
    """Only plain UTF-8 bodies. Raises UnsupportedCharset, UnsupportedContentEncoding."""
    request = (parser_context or {}).get("request")
    headers = request.headers if request is not None else {}
    if headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}:
        raise UnsupportedContentEncoding(_("Send the body uncompressed."))
    for parameter in (headers.get("Content-Type") or media_type or "").split(";")[1:]:
        name, _equals, value = parameter.partition("=")
        if name.strip().lower() == "charset" and not _is_utf8(value.strip().strip('"')):
            raise UnsupportedCharset(_("Send UTF-8."))


def _is_utf8(name: str) -> bool:
    try:
        return codecs.lookup(name).name == "utf-8"
    except (LookupError, ValueError):
        return False


def _check_depth(body: bytes) -> None:
    """Before parsing: the parser itself recurses, and 100,000 brackets would end it."""
    depth = 0
    for match in STRUCTURE.finditer(body):
        mark = match[0]
        if mark in (b"[", b"{"):
            depth += 1
        elif mark in (b"]", b"}"):
            depth -= 1
        if depth > MAX_DEPTH:
            raise JsonTooDeep(_("At most %(limit)s levels.") % {"limit": MAX_DEPTH})


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    repeated = _Repeated(found)
    repeated.key = next(key for key, _value in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    return repeated


def _integer(digits: str) -> int | _HugeInteger:
    return int(digits) if len(digits) <= MAX_DIGITS else _HugeInteger()


def _flaws(value: Any, pointer: str) -> Iterator[FieldError]:
    """Everything in a parsed document that no field takes, with its place."""
    if isinstance(value, dict):
        yield from _object_flaws(value, pointer)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _flaws(item, f"{pointer}/{index}")
    elif isinstance(value, str):
        if flaw := encoding_flaw(value):
            yield FieldError(pointer, flaw.code, flaw.detail)
    elif isinstance(value, float) and not math.isfinite(value):
        yield FieldError(pointer, "not_finite", _("The number must be finite."))
    elif isinstance(value, _HugeInteger):
        yield FieldError(pointer, "out_of_range", _("The number has too many digits."))


def _object_flaws(value: dict[str, Any], pointer: str) -> Iterator[FieldError]:
    if isinstance(value, _Repeated):
        yield FieldError(f"{pointer}/{escape(value.key)}", "duplicate_key", _("The key stands twice in its object."))
    if len(value) > MAX_KEYS:
        yield FieldError(pointer, "too_many_keys", _("At most %(limit)s keys.") % {"limit": MAX_KEYS})
        return
    for key, item in value.items():
        if flaw := encoding_flaw(key):
            yield FieldError(pointer, flaw.code, flaw.detail)
        else:
            yield from _flaws(item, f"{pointer}/{escape(key)}")


def _refused(pointer: str, code: str, detail: str | Promise) -> ValidationFailed:
    return ValidationFailed(detail, errors=[FieldError(pointer, code, detail)])


class _Tail:
    """A stream that remembers its last bytes."""

    def __init__(self, stream: IO[Any]) -> None:
        self.stream, self.last = stream, b""

    def read(self, size: int | None = None, /) -> bytes:
        data: bytes = self.stream.read(-1 if size is None else size)
        self.last = (self.last + data)[-512:]
        return data


class _FormReader(DjangoMultiPartParser):
    """Django's own drops a file whose name it cannot use, in silence."""

    def sanitize_file_name(self, file_name: str) -> str:
        name: str | None = super().sanitize_file_name(file_name)
        if name is None:
            detail = _("The name is empty or a folder.")
            raise InvalidFilename(detail, errors=[FieldError("/file", InvalidFilename.code, detail)])
        return name


class StrictMultiPartParser(BaseParser):
    """A form with files whose closing boundary has arrived.

    Django's parser takes a body that was cut in the middle: the file vanishes, a text field counts as whole.
    """

    media_type = "multipart/form-data"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> "DataAndFiles[Any, Any]":
        check_encoding(parser_context, media_type)
        request = (parser_context or {})["request"]
        tail: Any = _Tail(stream)  # of a stream's methods only read() is used
        meta = {**request.META, "CONTENT_TYPE": media_type}
        try:
            form, files = _FormReader(meta, tail, request.upload_handlers, "utf-8").parse()
        except MultiPartParserError as error:
            raise MalformedMultipart(_("The body cannot be read as multipart.")) from error
        parsed: DataAndFiles[Any, Any] = DataAndFiles(form, files)
        if not tail.last.rstrip(b"\r\n \t").endswith(b"--"):
            self._refuse_cut(parsed)
        return parsed

    @staticmethod
    def _refuse_cut(parsed: "DataAndFiles[Any, Any]") -> NoReturn:
        for file in parsed.files.values():
            file.close()
        raise MalformedMultipart(_("The body ends before its closing boundary."))
