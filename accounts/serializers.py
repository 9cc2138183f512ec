"""Shapes of this room's inputs."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from accounts.models import Language, Theme, User
from common.serializers import DayField, FlagField, LineField, StrictSerializer, WholeField, ZoneField


class WallTimeField(serializers.TimeField):
    """A time of day as 07:30."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%H:%M", input_formats=["%H:%M", "%H:%M:%S"], **kwargs)


class ProfileSerializer(StrictSerializer):
    """One's own person and preferences."""

    id = WholeField(read_only=True)
    username = LineField(read_only=True)
    email = LineField(read_only=True)
    is_admin = FlagField(read_only=True)
    is_auditor = FlagField(read_only=True)
    via = LineField(read_only=True)
    scopes = serializers.ListField(child=LineField(), read_only=True)
    project_id = WholeField(read_only=True, allow_null=True)
    calendar_url = LineField(read_only=True, allow_null=True)
    name = LineField(max_length=120, allow_blank=True)
    name_zh = LineField(max_length=120, allow_blank=True)
    language = serializers.ChoiceField(Language.choices, allow_blank=True)
    timezone = ZoneField(max_length=60)
    theme = serializers.ChoiceField(Theme.choices)
    single_keys = FlagField()
    digest = FlagField()
    mail_at = WallTimeField()
    working_days = serializers.ListField(child=WholeField(min_value=1, max_value=7), max_length=7)
    quiet_from = WallTimeField(allow_null=True)
    quiet_to = WallTimeField(allow_null=True)

    def validate_working_days(self, days: list[int]) -> list[int]:
        return sorted(set(days))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        person: User = self.context["request"].actor.person
        ends = {attrs.get(name, getattr(person, name)) is None for name in ("quiet_from", "quiet_to")}
        if len(ends) > 1:
            missing = ValidationError(_("Quiet hours have a beginning and an end."), "required")
            raise ValidationError({"quiet_to": missing.detail})
        return attrs


class AccountSerializer(StrictSerializer):
    """What admins decide about an account: whether it is a guest's, and its last day."""

    id = WholeField(read_only=True)
    username = LineField(read_only=True)
    name = LineField(read_only=True)
    is_active = FlagField(read_only=True)
    is_admin = FlagField(read_only=True)
    is_auditor = FlagField(read_only=True)
    is_guest = FlagField()
    active_until = DayField(allow_null=True)


class AccountOutput(AccountSerializer):
    """The same with the version to send back."""

    version = WholeField(read_only=True)


class ProfileOutput(ProfileSerializer):
    """The same with the version to send back."""

    version = WholeField(read_only=True)
