"""A check's limit, its legal source, and what it is compared with."""

from typing import Any

from rest_framework import serializers

from common.serializers import FlagField, LineField, NumberField, StrictSerializer, TextField, WholeField


class LimitInput(StrictSerializer):
    threshold = NumberField()
    reason = TextField(max_length=4000)


class ConsentInput(StrictSerializer):
    """`proposal` is the id of what was looked at: of something else that waits meanwhile nothing is said by it."""

    proposal = WholeField()
    agree = FlagField()


class SourceInput(StrictSerializer):
    reference = TextField(max_length=2000)


class BaselineInput(StrictSerializer):
    model = LineField(max_length=200, allow_blank=True)
    reason = TextField(max_length=4000)


class LimitOutput(serializers.Serializer[Any]):
    check = serializers.CharField()
    metric = serializers.CharField()
    operator = serializers.CharField()
    threshold = serializers.FloatField()
    default = serializers.FloatField()
    own = serializers.BooleanField()
    source_state = serializers.CharField()
    reference = serializers.CharField(allow_null=True)
    change = serializers.CharField(allow_null=True)
    baseline = serializers.CharField(allow_null=True)
    baselines = serializers.JSONField()
    proposed = serializers.JSONField()
    history = serializers.JSONField()
    version = serializers.IntegerField()


class BaselineOutput(serializers.Serializer[Any]):
    """`model` is what is compared with now, "" for none; `checks` are those that compare."""

    model = serializers.CharField()
    checks = serializers.ListField(child=serializers.CharField())
    proposed = serializers.JSONField()
    history = serializers.JSONField()
    version = serializers.IntegerField()
