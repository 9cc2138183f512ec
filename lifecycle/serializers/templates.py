"""Templates, and what a document would change."""

from typing import Any

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from lifecycle.serializers.projects import BlockerOutput


class TemplateOutput(serializers.Serializer[Any]):
    key = serializers.CharField()
    version = serializers.IntegerField()
    state = serializers.CharField(help_text="published or draft")
    name = serializers.CharField()
    description = serializers.CharField()
    default = serializers.BooleanField()
    built_in = serializers.BooleanField()
    stages = serializers.IntegerField()
    checks = serializers.IntegerField()
    levels = serializers.ListField(child=serializers.CharField())
    published_at = serializers.DateTimeField(allow_null=True)
    edited_at = serializers.DateTimeField(allow_null=True)
    digest = serializers.CharField()


class ChangeOutput(serializers.Serializer[Any]):
    change = serializers.CharField(help_text="stage_added, check_moved, gate_changed and their kind")
    detail = serializers.CharField()
    stage = serializers.CharField(required=False)
    check = serializers.CharField(required=False)
    level = serializers.CharField(required=False)
    key = serializers.CharField(required=False)
    text = serializers.DictField(child=serializers.CharField(), required=False)
    # Named by words that Python keeps for itself.
    values = inline_serializer(
        "ChangedValue",
        {
            "field": serializers.CharField(),
            "from": serializers.JSONField(allow_null=True),
            "to": serializers.JSONField(allow_null=True),
        },
        many=True,
    )


class VerdictsOutput(serializers.Serializer[Any]):
    before = serializers.CharField()
    after = serializers.CharField(allow_null=True)


class TouchedOutput(serializers.Serializer[Any]):
    project = serializers.CharField()
    name = serializers.CharField()
    stage = serializers.CharField()
    verdict = VerdictsOutput()
    gained = BlockerOutput(many=True)
    lost = BlockerOutput(many=True)
    obstacle = serializers.CharField(allow_null=True)


class OthersOutput(serializers.Serializer[Any]):
    changed = serializers.IntegerField()
    turning_red = serializers.IntegerField()


class ImpactOutput(serializers.Serializer[Any]):
    running = serializers.IntegerField()
    turning_red = serializers.IntegerField()
    sentence = serializers.CharField()
    projects = TouchedOutput(many=True)
    others = OthersOutput()


class PlanOutput(serializers.Serializer[Any]):
    template = serializers.CharField()
    from_version = serializers.IntegerField(allow_null=True)
    changes = ChangeOutput(many=True)
    impact = ImpactOutput()
