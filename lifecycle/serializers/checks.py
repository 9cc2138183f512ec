"""Checks, their answers and waivers."""

from typing import Any

from rest_framework import serializers

from common.serializers import DayField, FlagField, LineField, StrictSerializer, TextField, WholeField
from lifecycle.models import Answer
from lifecycle.serializers.fields import PersonField
from lifecycle.serializers.projects import BlockerOutput
from records.serializers import EvidenceOutput


class CheckOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    key = serializers.CharField()
    stage = serializers.CharField()
    kind = serializers.CharField()
    text = serializers.CharField()
    guidance = serializers.CharField()
    refs = serializers.ListField(child=serializers.CharField())
    required = serializers.BooleanField()  # type: ignore[assignment]  # DRF has an attribute of this name
    material = serializers.BooleanField()
    state = serializers.CharField()
    blocker = BlockerOutput(allow_null=True)
    note = serializers.CharField()
    assignee = serializers.CharField(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    answered_by = serializers.CharField(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)
    waived_until = serializers.DateField(allow_null=True)
    was_waived_until = serializers.DateField(allow_null=True)
    limit = serializers.JSONField(allow_null=True)
    result = serializers.JSONField(allow_null=True)
    evidence = serializers.JSONField()
    version = serializers.IntegerField()


class CheckChange(StrictSerializer):
    """PATCH of a check (design §6). What is computed or comes from the template is read-only."""

    id = WholeField(read_only=True)
    key = LineField(read_only=True)
    stage = LineField(read_only=True)
    kind = LineField(read_only=True)
    text = LineField(read_only=True)
    guidance = LineField(read_only=True)
    refs = serializers.JSONField(read_only=True)
    required = FlagField(read_only=True)  # type: ignore[assignment]  # DRF has an attribute of this name
    material = FlagField(read_only=True)
    blocker = serializers.JSONField(read_only=True)
    answered_by = LineField(read_only=True)
    answered_at = serializers.DateTimeField(read_only=True)
    waived_until = serializers.DateField(read_only=True)
    was_waived_until = serializers.DateField(read_only=True)
    limit = serializers.JSONField(read_only=True)
    result = serializers.JSONField(read_only=True)
    evidence = serializers.JSONField(read_only=True)
    state = serializers.ChoiceField(Answer.values, required=False)
    note = TextField(max_length=4000, required=False, allow_blank=True)
    assignee = PersonField(required=False, allow_null=True)
    due_on = DayField(required=False, allow_null=True)


class WaiverInput(StrictSerializer):
    reason = TextField(max_length=4000)
    until = DayField()


class WaiverOutput(serializers.Serializer[Any]):
    """`granted_reason`: what the second gatekeeper said, "" where it is what the first one said."""

    id = serializers.IntegerField()
    check = serializers.CharField()
    reason = serializers.CharField()
    granted_reason = serializers.CharField()
    until = serializers.DateField()
    opened_by = serializers.CharField()
    granted_by = serializers.CharField(allow_null=True)
    granted = serializers.BooleanField()
    over = serializers.BooleanField()
    ended_on = serializers.DateField(allow_null=True)


class EvidenceChoice(StrictSerializer):
    """A proof that the project has already, by its id."""

    evidence = WholeField(min_value=1)


class ServedOutput(serializers.Serializer[Any]):
    """A check that a proof serves. `counts`: not `replaced` there by a later revision, nor withdrawn before the
    iteration was `over`."""

    id = serializers.IntegerField()
    key = serializers.CharField()
    stage = serializers.CharField()
    iteration = serializers.IntegerField()
    counts = serializers.BooleanField()
    replaced = serializers.BooleanField()
    over = serializers.BooleanField()


class RevisionOutput(EvidenceOutput):
    """A proof and the checks that it serves."""

    checks = ServedOutput(many=True)


class EvidenceDetailOutput(RevisionOutput):
    """A proof with all its revisions, itself among them, the latest first."""

    revisions = RevisionOutput(many=True)
