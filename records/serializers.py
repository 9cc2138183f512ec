"""What records look like at the API's door: inputs as serializers, rows as JSON values."""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from common.api.preconditions import InvalidHeader
from common.errors import FieldError, ValidationFailed
from common.serializers import (
    DayField,
    FlagField,
    InstantField,
    LineField,
    NumberField,
    StrictSerializer,
    TextField,
    UrlField,
    WholeField,
)
from common.texts import as_read, localised
from records.errors import FileMissing, TooManyFiles
from records.models import Evidence, MetricDefinition, MetricResult
from records.models.links import KINDS

REPR_DIGEST = re.compile(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/]*={0,2}):", re.IGNORECASE)


class SubjectInput(StrictSerializer):
    """The parts of the subject that something was made for; those left out are as the project's subject says."""

    model = LineField(required=False, allow_blank=True)
    dataset = LineField(required=False, allow_blank=True)
    prompt = LineField(required=False, allow_blank=True)
    code = LineField(required=False, allow_blank=True)


class SubjectChange(SubjectInput):
    """What the project is about now. A value not seen before becomes current; an older one with `make_current`."""

    make_current = FlagField(required=False)


class SubjectOutput(serializers.Serializer[Any]):
    """The current subject, the values its parts had (latest first), and what the call moved."""

    subject = SubjectInput()
    values = serializers.ListField(child=serializers.DictField())
    moved = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))


class MeasurementInput(StrictSerializer):
    """One measured value, without its run."""

    metric = LineField(max_length=80)
    value = NumberField()
    slice = LineField(max_length=120, required=False, allow_blank=True)
    step = WholeField(required=False, min_value=0)
    n = WholeField(required=False, allow_null=True, min_value=0)
    low = NumberField(required=False, allow_null=True)
    high = NumberField(required=False, allow_null=True)
    measured_at = InstantField(past_only=True, required=False)


class MetricInput(MeasurementInput):
    """One measured value of a run. `supersede` with a `reason` replaces what the run reported before."""

    run_id = LineField(max_length=120)
    measured_at = InstantField(past_only=True)
    benchmark = LineField(required=False, allow_blank=True)
    subject = SubjectInput(required=False)
    make_current = FlagField(required=False)
    candidate = FlagField(required=False)
    supersede = FlagField(required=False)
    reason = TextField(required=False, allow_blank=True, max_length=4000)


class MetricOutput(serializers.Serializer[MetricResult]):
    """A recorded value. `superseded`: another revision of the same run stands in its place."""

    id = serializers.IntegerField()
    metric = serializers.CharField()
    value = serializers.FloatField()
    run_id = serializers.CharField()
    step = serializers.IntegerField()
    slice = serializers.CharField()
    n = serializers.IntegerField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    benchmark = serializers.CharField()
    subject = SubjectInput()
    candidate = serializers.BooleanField()
    revision = serializers.IntegerField()
    superseded = serializers.BooleanField()
    supersede_reason = serializers.CharField()
    measured_at = serializers.DateTimeField()
    recorded_by = serializers.CharField()
    recorded_at = serializers.DateTimeField()


class MetricDefinitionOutput(serializers.Serializer[MetricDefinition]):
    """A metric that may be reported; `direction` says which way is better."""

    key = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    unit = serializers.CharField()
    direction = serializers.ChoiceField(choices=["higher", "lower"])
    built_in = serializers.BooleanField()


class EvidenceFactsInput(StrictSerializer):
    """What is told about a proof, with a link or beside a file."""

    title = LineField(required=False, allow_blank=True)
    effective_at = InstantField(past_only=True, required=False)
    valid_until = DayField(required=False, allow_null=True)
    subject = SubjectInput(required=False)
    confidential = FlagField(required=False)


class EvidenceInput(EvidenceFactsInput):
    """A proof that lies elsewhere. Without a `title` it is called as its address names it, or by its address; a
    confidential one by neither: it is called "Confidential link"."""

    url = UrlField()


class EvidenceFileInput(EvidenceFactsInput):
    """The fields of a form beside its file. `sha256`: 64 hex digits of the bytes that were sent."""

    confidential = serializers.ChoiceField(choices=["true", "false"], required=False)  # type: ignore[assignment] # a form has texts only
    sha256 = serializers.RegexField(r"\A[0-9a-fA-F]{64}\Z", required=False)


class WithdrawalInput(StrictSerializer):
    """Why a proof is taken back; the `version` that was read may be named, here or with If-Match."""

    reason = TextField(max_length=4000)
    version = WholeField(required=False)


class EvidenceOutput(serializers.Serializer[Evidence]):
    """A proof. `download` is the path of its bytes, null for a link. The `url` of a confidential link is empty for
    those who may not see it. `kind` is file, link, or where the link leads as its address shows it."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(choices=["file", "link", *KINDS])
    url = serializers.CharField()
    filename = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField(allow_null=True)
    sha256 = serializers.CharField()
    download = serializers.CharField(allow_null=True)
    confidential = serializers.BooleanField()
    subject = SubjectInput()
    effective_at = serializers.DateTimeField()
    valid_until = serializers.DateField(allow_null=True)
    supplied_by = serializers.CharField()
    supplied_at = serializers.DateTimeField()
    revision = serializers.IntegerField()
    revises = serializers.IntegerField(allow_null=True)
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    withdrawn_reason = serializers.CharField()
    version = serializers.IntegerField()


@dataclass(frozen=True, slots=True)
class EvidenceGiven:
    """A proof as it came through the door: a `url`, or a `file` with the SHA-256 announced for it ("" if none).

    `facts` are further keyword arguments of `records.services.add_link` and `add_file`.
    """

    url: str
    file: "UploadedFile[bytes] | None"
    declared_sha256: str
    facts: dict[str, Any]


def read_evidence(request: Request, *, now: datetime) -> EvidenceGiven:
    """The link or the uploaded file of a request.

    Its view has `parser_classes = [StrictJSONParser, StrictMultiPartParser]`.

    Raises DRF's ValidationError, FileMissing, TooManyFiles, InvalidHeader.
    """
    if (request.content_type or "").split(";")[0].strip().lower() != "multipart/form-data":
        facts = _valid(EvidenceInput, request.data, now)
        return EvidenceGiven(facts.pop("url"), None, "", facts)
    file = _only_file(request)
    facts = _valid(EvidenceFileInput, _form_fields(request), now)
    announced = facts.pop("sha256", "") or _announced(request)
    if "confidential" in facts:
        facts["confidential"] = facts["confidential"] == "true"
    return EvidenceGiven("", file, announced, facts)


def shown_result(row: MetricResult) -> dict[str, Any]:
    """A result as JSON values; its `recorded_by` should be joined."""
    return {
        "id": row.pk,
        "metric": row.metric,
        "value": row.value,
        "run_id": row.run_id,
        "step": row.step,
        "slice": row.slice,
        "n": row.n,
        "low": row.low,
        "high": row.high,
        "benchmark": row.benchmark,
        "subject": row.subject,
        "candidate": row.candidate,
        "revision": row.revision,
        "superseded": row.superseded,
        "supersede_reason": row.supersede_reason,
        "measured_at": row.measured_at,
        "recorded_by": row.recorded_by.username,
        "recorded_at": row.recorded_at,
    }


def shown_definition(row: MetricDefinition) -> dict[str, Any]:
    return {
        "key": row.key,
        "name": localised(row.name),
        "description": localised(row.description),
        "unit": row.unit,
        "direction": row.direction,
        "built_in": row.built_in,
    }


def shown_evidence(row: Evidence, *, confidential: bool) -> dict[str, Any]:
    """An evidence as JSON values; its `supplied_by` should be joined. `confidential`: to who may see such proof."""
    told = confidential or not row.confidential
    return {
        "id": row.pk,
        "title": as_read(row.title),
        "kind": "file" if row.is_file else (told and row.link.kind) or "link",
        "url": row.url if told else "",
        "filename": row.filename,
        "content_type": row.content_type,
        "size": row.size,
        "sha256": row.sha256,
        "download": f"/api/v1/evidence/{row.pk}/download/" if row.is_file else None,
        "confidential": row.confidential,
        "subject": row.subject,
        "effective_at": row.effective_at,
        "valid_until": row.valid_until,
        "supplied_by": row.supplied_by.username,
        "supplied_at": row.supplied_at,
        "revision": row.revision,
        "revises": row.revises_id,
        "withdrawn_at": row.withdrawn_at,
        "withdrawn_reason": row.withdrawn_reason,
        "version": row.version,
    }


def _valid(serializer: type[StrictSerializer], data: Any, now: datetime) -> dict[str, Any]:
    bound = serializer(data=data, context={"now": now})
    bound.is_valid(raise_exception=True)
    values: dict[str, Any] = bound.validated_data
    return values


def _only_file(request: Request) -> "UploadedFile[bytes]":
    files = request.FILES.getlist("file")
    if not files:
        raise FileMissing(_("Send the file as the part named file."))
    if len(files) > 1 or len(request.FILES) > 1:
        raise TooManyFiles(_("One request adds one file."))
    found: UploadedFile[bytes] = files[0]
    return found


def _form_fields(request: Request) -> Mapping[str, str]:
    """The text fields of a form, each of which stands once."""
    form = request.POST
    twice = [name for name in form if len(form.getlist(name)) > 1]
    if twice:
        raise ValidationFailed(
            errors=[FieldError(f"/{name}", "duplicate_key", _("The field stands twice.")) for name in twice]
        )
    return {name: str(form[name]) for name in form if name != "csrfmiddlewaretoken"}


def _announced(request: Request) -> str:
    """The SHA-256 of the Repr-Digest header (RFC 9530) in hex, "" without one. Raises InvalidHeader."""
    header = request.headers.get("Repr-Digest", "")
    found = REPR_DIGEST.search(header)
    if found is None:
        return ""
    try:
        digest = base64.b64decode(found[1], validate=True)
    except binascii.Error:
        digest = b""
    if len(digest) != 32:
        raise InvalidHeader(_("Repr-Digest takes sha-256=:…: with 32 bytes in base64."))
    return digest.hex()


def shown_results(rows: Sequence[MetricResult]) -> list[dict[str, Any]]:
    return [shown_result(row) for row in rows]


def shown_proof(rows: Iterable[Evidence], *, confidential: bool) -> list[dict[str, Any]]:
    return [shown_evidence(row, confidential=confidential) for row in rows]
