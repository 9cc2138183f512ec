"""Templates."""

from typing import Any

from rest_framework import serializers


class TemplateOutput(serializers.Serializer[Any]):
    key = serializers.CharField()
    version = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField()
    default = serializers.BooleanField()
    built_in = serializers.BooleanField()
    stages = serializers.IntegerField()
    checks = serializers.IntegerField()
    levels = serializers.ListField(child=serializers.CharField())
    published_at = serializers.DateTimeField(allow_null=True)
