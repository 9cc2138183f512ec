"""Moves of a project to another level or template version, as the API takes and shows them."""

from typing import Any

from rest_framework import serializers

from common.serializers import StrictSerializer, TextField, WholeField
from lifecycle.models.definition import LEVELS
from lifecycle.serializers.projects import BlockerOutput


class LevelInput(StrictSerializer):
    level = serializers.ChoiceField(LEVELS)
    reason = TextField(max_length=4000)


class VersionInput(StrictSerializer):
    # Not the version of a row: the number of the template's.
    version = WholeField(min_value=1, max_value=2**31 - 1)
    reason = TextField(max_length=4000, required=False, allow_blank=True)


class MoveOutput(serializers.Serializer[Any]):
    """Keys of checks and stages; blockers are those of the current gate."""

    project = serializers.CharField()
    template = serializers.CharField()
    template_version = serializers.IntegerField()
    level = serializers.CharField()
    level_confirmed = serializers.BooleanField()
    dry_run = serializers.BooleanField()
    added = serializers.ListField(child=serializers.CharField())
    dropped = serializers.ListField(child=serializers.CharField())
    required = serializers.ListField(child=serializers.CharField())  # type: ignore[assignment]  # DRF has an attribute of this name
    optional = serializers.ListField(child=serializers.CharField())
    reopened = serializers.ListField(child=serializers.CharField())
    limits_ended = serializers.ListField(child=serializers.CharField())
    waivers_ended = serializers.ListField(child=serializers.CharField())
    waivers_asked = serializers.ListField(child=serializers.CharField())
    stages_added = serializers.ListField(child=serializers.CharField())
    stages_skipped = serializers.ListField(child=serializers.CharField())
    blockers_gained = BlockerOutput(many=True)
    blockers_lost = BlockerOutput(many=True)
