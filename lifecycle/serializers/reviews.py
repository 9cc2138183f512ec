"""Rounds, votes and conditions."""

from typing import Any

from rest_framework import serializers

from common.serializers import DayField, FlagField, LineField, StrictSerializer, TextField, WholeField
from lifecycle.models import Decision, RecycleReason
from lifecycle.serializers.fields import PersonField


class ReviewInput(StrictSerializer):
    note = TextField(max_length=4000, required=False, allow_blank=True)
    despite_blockers = FlagField(required=False)
    extraordinary = FlagField(required=False)
    through = LineField(max_length=40, required=False, help_text="The last stage of a joint packet.")
    change = WholeField(min_value=1, max_value=2**63 - 1, required=False, help_text="The change it is about.")


class RecusalInput(StrictSerializer):
    reason = TextField(max_length=4000)


class ReopeningInput(StrictSerializer):
    reason = TextField(max_length=4000)


class ConditionInput(StrictSerializer):
    text = TextField(max_length=4000)
    owner = PersonField()
    due_on = DayField()
    check = LineField(max_length=60, required=False, allow_blank=True)


class VoteInput(StrictSerializer):
    decision = serializers.ChoiceField(Decision.values)
    rationale = TextField(max_length=4000)
    packet = LineField(max_length=71)
    reason = serializers.ChoiceField(RecycleReason.values, required=False)
    conditions = serializers.ListField(child=ConditionInput(), required=False, max_length=50)
    return_to = LineField(max_length=40, required=False)
    until = DayField(required=False, allow_null=True)


class ReviewOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    stage = serializers.CharField()
    iteration = serializers.IntegerField()
    round = serializers.IntegerField()
    state = serializers.ChoiceField(["open", "decided", "withdrawn"])
    extraordinary = serializers.BooleanField()
    change = serializers.IntegerField(allow_null=True)
    despite_blockers = serializers.BooleanField()
    note = serializers.CharField()
    packet = serializers.CharField()
    decision = serializers.CharField(allow_null=True)
    reason = serializers.CharField(allow_null=True)
    return_to = serializers.CharField(allow_null=True)
    until = serializers.DateField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    requested_by = serializers.CharField()
    requested_at = serializers.DateTimeField()
    gatekeepers = serializers.ListField(child=serializers.CharField())
    quorum = serializers.IntegerField()
    must_include = serializers.ListField(child=serializers.CharField())
    joint = serializers.ListField(child=serializers.CharField())
    gates = serializers.JSONField(help_text="The rules of each gate of a joint packet, all of which must be carried.")
    votes = serializers.JSONField()
    recusals = serializers.JSONField()
    reopened = serializers.JSONField(allow_null=True)
    conditions = serializers.JSONField()
    recommendation = serializers.CharField(allow_null=True)
    differences = serializers.JSONField()
    new_review_needed = serializers.BooleanField()
    pack = serializers.CharField(allow_null=True)
    version = serializers.IntegerField()


class ConditionChange(StrictSerializer):
    id = WholeField(read_only=True)
    text = TextField(read_only=True)
    owner = LineField(read_only=True)
    due_on = DayField(read_only=True)
    check = LineField(read_only=True)
    closed_at = serializers.DateTimeField(read_only=True)
    state = serializers.ChoiceField(["proposed", "met"])


class ConditionOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    text = serializers.CharField()
    owner = serializers.CharField()
    due_on = serializers.DateField()
    check = serializers.CharField(allow_null=True)
    state = serializers.CharField()
    closed_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class ExtensionInput(StrictSerializer):
    until = DayField()
    reason = TextField(max_length=4000)
