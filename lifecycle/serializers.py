"""Inputs of the API's gates, and what its answers look like in the OpenAPI description."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from accounts.models import User
from common import content
from common.serializers import DayField, FlagField, KeyField, LineField, StrictSerializer, TextField, WholeField
from lifecycle.models import Answer, Decision, RecycleReason
from lifecycle.models.definition import LEVELS
from projects.serializers import ProjectDataInput


class TagField(LineField):
    """A tag of the catalogue. Code: not_found."""

    def to_internal_value(self, data: Any) -> str:
        key = super().to_internal_value(data)
        if key not in content.tags():
            raise ValidationError(_("The catalogue does not know this tag."), "not_found")
        return key


class PersonField(LineField):
    """A user by name. Code: not_found."""

    # After the checks of its text: those of a length would be asked of the person.
    def run_validation(self, data: Any = serializers.empty) -> Any:
        name = super().run_validation(data)
        if name is None:
            return None
        user = User.objects.filter(username=name, is_active=True).first()
        if user is None:
            raise ValidationError(_("Nobody of this name is here."), "not_found")
        return user

    def to_representation(self, value: Any) -> str:
        return str(getattr(value, "username", value))


class StandingProject(ProjectDataInput):
    """What a project carries, and where it stands, which moves by other doors: read-only."""

    id = WholeField(read_only=True)
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
    """PATCH of a project; template, level and tags move by their own doors."""

    key = KeyField(read_only=True)
    template = LineField(read_only=True)
    level = LineField(read_only=True)
    tags = serializers.JSONField(read_only=True)


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


class GateCheckOutput(serializers.Serializer[Any]):
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


class StatusStage(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    state = serializers.CharField()
    iteration = serializers.IntegerField()


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
    next_reviews = serializers.JSONField()


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
    limit = serializers.JSONField(read_only=True)
    result = serializers.JSONField(read_only=True)
    evidence = serializers.JSONField(read_only=True)
    state = serializers.ChoiceField(Answer.values, required=False)
    note = TextField(max_length=4000, required=False, allow_blank=True)
    assignee = PersonField(required=False, allow_null=True)
    due_on = DayField(required=False, allow_null=True)


class Nothing(StrictSerializer):
    """A body without fields: what is sent all the same is refused."""


class WaiverInput(StrictSerializer):
    reason = TextField(max_length=4000)
    until = DayField()


class WaiverOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    check = serializers.CharField()
    reason = serializers.CharField()
    until = serializers.DateField()
    opened_by = serializers.CharField()
    granted_by = serializers.CharField(allow_null=True)
    granted = serializers.BooleanField()


class ReviewInput(StrictSerializer):
    note = TextField(max_length=4000, required=False, allow_blank=True)
    despite_blockers = FlagField(required=False)
    extraordinary = FlagField(required=False)


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
    votes = serializers.JSONField()
    conditions = serializers.JSONField()
    recommendation = serializers.CharField(allow_null=True)
    differences = serializers.JSONField()
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


class HoldInput(StrictSerializer):
    until = DayField()
    reason = TextField(max_length=4000)


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
