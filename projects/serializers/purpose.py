from rest_framework import serializers

from common.serializers import DayField, FlagField, LineField, NumberField, StrictSerializer, TextField, WholeField

DIRECTIONS = ("higher", "lower")


class GoalInput(StrictSerializer):
    """What the project is for, in one figure: from a baseline to a target by a day."""

    id = WholeField(read_only=True)
    indicator = LineField(max_length=120)
    unit = LineField(max_length=40, required=False, allow_blank=True)
    direction = serializers.ChoiceField(DIRECTIONS, required=False)
    baseline = NumberField(required=False, allow_null=True)
    target = NumberField()
    current = NumberField(required=False, allow_null=True)
    by = DayField(required=False, allow_null=True)


class GoalOutput(GoalInput):
    version = WholeField(read_only=True)


class StakeholderInput(StrictSerializer):
    """A role or group with a stake, whether they use the product or are only affected by it."""

    id = WholeField(read_only=True)
    role = LineField(max_length=120, source="name")
    interest = TextField(max_length=2000, required=False, allow_blank=True)
    affected = FlagField(required=False)
    need = TextField(max_length=2000, required=False, allow_blank=True)


class StakeholderOutput(StakeholderInput):
    version = WholeField(read_only=True)
