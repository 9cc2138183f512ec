"""Projects and where they stand, as the API takes and shows them."""

from typing import Any

from rest_framework import serializers

from common.serializers import DayField, FlagField, KeyField, LineField, StrictSerializer, TextField, WholeField
from lifecycle.models.definition import LEVELS
from lifecycle.serializers.fields import TagField
from projects.serializers import ProjectDataInput


class StandingProject(ProjectDataInput):
    """What a project carries, and where it stands, which moves by other doors: read-only."""

    id = WholeField(read_only=True)
    level_confirmed = FlagField(read_only=True)
    owner = serializers.ListField(child=serializers.CharField(), read_only=True)
    state = serializers.CharField(read_only=True)
    stage = serializers.CharField(read_only=True, allow_null=True)
    stage_state = serializers.CharField(read_only=True, allow_null=True)
    due_on = serializers.DateField(read_only=True, allow_null=True)
    health = serializers.CharField(read_only=True)
    ai_act_tier = serializers.CharField(read_only=True)
    ai_act_roles = serializers.JSONField(read_only=True)
    legal_hold = FlagField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)


class ProjectInput(StandingProject):
    """POST and PUT of a project."""

    key = KeyField()
    template = LineField(required=False)
    level = serializers.ChoiceField(LEVELS, required=False)
    tags = serializers.ListField(child=TagField(), required=False, max_length=20)
    adopt_at = LineField(required=False, max_length=40)


class ProjectUpsert(ProjectInput):
    """PUT of a project, whose address names the key."""

    key = KeyField(required=False)


class ProjectChange(StandingProject):
    """PATCH of a project; template and level move by their own doors."""

    key = KeyField(read_only=True)
    template = LineField(read_only=True)
    level = LineField(read_only=True)
    tags = serializers.ListField(child=TagField(), required=False, max_length=20)


class ProjectOutput(ProjectInput):
    version = WholeField(read_only=True)


class BlockerOutput(serializers.Serializer[Any]):
    check = serializers.CharField(allow_null=True)
    kind = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()
    since = serializers.DateTimeField()
    who = serializers.ListField(child=serializers.CharField())
    url = serializers.CharField()


class CandidateOutput(serializers.Serializer[Any]):
    """The run that was asked for as if it were current, and the parts of the subject in which it differs."""

    run_id = serializers.CharField()
    reported_at = serializers.DateTimeField()
    subject = serializers.DictField(child=serializers.CharField())
    results = serializers.IntegerField()
    moved = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))


class GateCheckOutput(serializers.Serializer[Any]):
    """`candidate` is there when one was asked for."""

    stage = serializers.CharField()
    verdict = serializers.ChoiceField(["fail", "stale", "waiting", "pass"])
    sentence = serializers.CharField()
    ready = serializers.BooleanField()
    required = serializers.IntegerField()  # type: ignore[assignment]  # DRF has an attribute of this name
    met = serializers.IntegerField()
    blockers = BlockerOutput(many=True)
    optional_open = serializers.ListField(child=serializers.CharField())
    decision = serializers.CharField(allow_null=True)
    fingerprint = serializers.CharField()
    candidate = CandidateOutput(required=False)


class StatusStage(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    state = serializers.CharField()
    iteration = serializers.IntegerField()


class StageOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    key = serializers.CharField()
    name = serializers.CharField()
    gate = serializers.CharField()
    position = serializers.IntegerField()
    iteration = serializers.IntegerField()
    state = serializers.CharField()
    starts_on = serializers.DateField(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    decision = serializers.CharField(allow_null=True)
    version = serializers.IntegerField()


class StatusGate(serializers.Serializer[Any]):
    verdict = serializers.CharField()
    ready = serializers.BooleanField()
    blockers = BlockerOutput(many=True)
    review = serializers.IntegerField(allow_null=True)


class StatusOutput(serializers.Serializer[Any]):
    project = serializers.CharField()
    state = serializers.CharField()
    health = serializers.CharField()
    sentence = serializers.CharField()
    stage = StatusStage()
    gate = StatusGate()
    stages = StageOutput(many=True)
    risks = serializers.JSONField()
    schedule = serializers.JSONField()
    budget = serializers.JSONField()
    new_review_needed = serializers.ListField(child=serializers.CharField())
    next_reviews = serializers.JSONField()


class StageChange(StrictSerializer):
    """PATCH of a stage: its plan. State and iteration move with decisions."""

    id = WholeField(read_only=True)
    key = LineField(read_only=True)
    name = LineField(read_only=True)
    gate = LineField(read_only=True)
    position = WholeField(read_only=True)
    iteration = WholeField(read_only=True)
    state = LineField(read_only=True)
    decision = LineField(read_only=True)
    started_at = serializers.DateTimeField(read_only=True)
    ended_at = serializers.DateTimeField(read_only=True)
    starts_on = DayField(required=False, allow_null=True)
    due_on = DayField(required=False, allow_null=True)


class HoldInput(StrictSerializer):
    until = DayField()
    reason = TextField(max_length=4000)
