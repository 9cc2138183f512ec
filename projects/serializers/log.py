from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from common.serializers import DayField, FlagField, InstantField, LineField, StrictSerializer, TextField, WholeField
from projects.models import ActionSource, Health

ABOUT = RegexValidator(r"\A[a-z_]{1,40}:[0-9]{1,18}\Z", _("A thing is named as check:12."), "invalid_reference")
SOURCES = [choice for choice in ActionSource.choices if choice[0] != ActionSource.CONDITION]


class ProgressInput(StrictSerializer):
    """One entry of the log. `date` is today if not said."""

    id = WholeField(read_only=True)
    date = DayField(required=False, source="day")
    text = TextField(max_length=4000)
    percent = WholeField(min_value=0, max_value=100, required=False, allow_null=True)
    health = serializers.ChoiceField(Health.choices)
    blockers = TextField(max_length=2000, required=False, allow_blank=True)
    by = serializers.CharField(read_only=True, source="written_by.username")
    at = InstantField(read_only=True, source="written_at")


class CommentInput(StrictSerializer):
    """Markdown; `@name` tells that person. `about` names a thing of the project, as `check:12`."""

    id = WholeField(read_only=True)
    text = TextField(max_length=20_000)
    about = LineField(max_length=80, required=False, allow_blank=True, validators=[ABOUT])
    by = serializers.CharField(read_only=True, source="written_by.username")
    at = InstantField(read_only=True, source="written_at")


class CommentChanges(CommentInput):
    about = LineField(read_only=True)


class CommentOutput(CommentInput):
    version = WholeField(read_only=True)


class ActionInput(StrictSerializer):
    """Something somebody (`owner`, by user name) owes by a day."""

    id = WholeField(read_only=True)
    text = TextField(max_length=4000)
    owner = LineField(max_length=60, source="owner.username")
    due_on = DayField()
    source = serializers.ChoiceField(SOURCES, required=False)  # type: ignore[assignment] # DRF takes it off the class
    done = FlagField(read_only=True)
    done_on = DayField(read_only=True)
    done_by = serializers.CharField(read_only=True, source="done_by.username", default=None)
    verified = FlagField(read_only=True)
    verified_by = serializers.CharField(read_only=True, source="verified_by.username", default=None)


class ActionChanges(ActionInput):
    """Words, owner and day; or `done`; or `verified`, by somebody else than who did it. One of the three at a time."""

    source = serializers.ChoiceField(ActionSource.choices, read_only=True)
    done = FlagField(required=False)
    verified = FlagField(required=False)


class ActionOutput(ActionInput):
    source = serializers.ChoiceField(ActionSource.choices, read_only=True)
    version = WholeField(read_only=True)
