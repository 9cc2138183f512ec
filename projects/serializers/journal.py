from typing import Any

from rest_framework import serializers

from common.serializers import FlagField, InstantField, StrictSerializer, WholeField


class NoticeOutput(serializers.Serializer[Any]):
    """One row of the inbox; `reason` says why this person got it, `done` what came of it if nobody waits any more."""

    id = WholeField()
    kind = serializers.CharField()
    reason = serializers.CharField()
    text = serializers.CharField()
    url = serializers.CharField()
    project = serializers.CharField(allow_null=True)
    object = serializers.CharField(allow_blank=True)
    urgent = FlagField()
    created_at = InstantField()
    read_at = InstantField(allow_null=True)
    snoozed_until = InstantField(allow_null=True)
    done = serializers.CharField(allow_blank=True)


class ReadInput(StrictSerializer):
    """Which notices were read: `ids`, or `all`."""

    ids = serializers.ListField(child=WholeField(min_value=1), required=False, max_length=1000)
    all = FlagField(required=False)


class ReadOutput(serializers.Serializer[Any]):
    read = WholeField()


class SnoozeInput(StrictSerializer):
    until = InstantField()


class EntryOutput(serializers.Serializer[Any]):
    """One entry of the journal, chained by `hash` to the one before it."""

    seq = WholeField()
    at = InstantField()
    verb = serializers.CharField()
    text = serializers.CharField()
    actor = serializers.CharField(allow_null=True)
    via = serializers.CharField()
    project = serializers.CharField(allow_null=True)
    object = serializers.CharField(allow_blank=True)
    data = serializers.DictField()  # type: ignore[assignment] # DRF takes declared fields off the class
    request_id = serializers.CharField(allow_blank=True)
    prev_hash = serializers.CharField(allow_blank=True)
    hash = serializers.CharField()
