"""Changes between the reviews of a recurring stage, as the API takes and shows them."""

from typing import Any

from rest_framework import serializers

from common.serializers import StrictSerializer, TextField
from lifecycle.models import ChangeState
from lifecycle.serializers.projects import BlockerOutput
from records.serializers import SubjectInput


class ChangeInput(StrictSerializer):
    text = TextField(max_length=4000)
    subject = SubjectInput()


class ClosingInput(StrictSerializer):
    reason = TextField(max_length=4000)


class ChangeCheckOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    key = serializers.CharField()
    stage = serializers.CharField()
    text = serializers.CharField()
    material = serializers.BooleanField()
    state = serializers.CharField(allow_null=True)
    blocker = BlockerOutput(allow_null=True)


class ChangeShown(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    project = serializers.CharField()
    stage = serializers.CharField()
    iteration = serializers.IntegerField()
    text = serializers.CharField()
    # A list of {part, from, to}.
    moved = serializers.JSONField()
    checks = ChangeCheckOutput(many=True)
    material = serializers.BooleanField()
    state = serializers.ChoiceField(ChangeState.values)
    ready = serializers.BooleanField()
    # A list of {part, value}: what is current instead of what the change made it. Then it is withdrawn, not confirmed.
    elsewhere = serializers.JSONField()
    review = serializers.IntegerField(allow_null=True)
    opened_by = serializers.CharField()
    opened_at = serializers.DateTimeField()
    closed_by = serializers.CharField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()
