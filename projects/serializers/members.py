from rest_framework import serializers

from common.serializers import FlagField, InstantField, LineField, StrictSerializer, WholeField
from projects.models import ACCESS, Portfolio


class PortfolioName(serializers.Serializer[Portfolio]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class MemberInput(StrictSerializer):
    """A person by user name, what they may do, and in which capacities they act."""

    id = WholeField(read_only=True)
    user = LineField(max_length=60, source="user.username")
    name = serializers.CharField(read_only=True, source="user.display_name")
    access = serializers.ListField(child=serializers.ChoiceField(ACCESS), allow_empty=False)
    functions = serializers.ListField(child=LineField(max_length=40), required=False, max_length=40, source="roles")
    team = FlagField(required=False)
    since = InstantField(read_only=True)
    # The portfolio whose standing role makes the person a member, if one does.
    inherited_from = PortfolioName(read_only=True, allow_null=True, source="standing.portfolio", default=None)


class MemberChanges(MemberInput):
    """Of a member everything can change but who it is."""

    user = LineField(read_only=True, source="user.username")


class MemberOutput(MemberInput):
    version = WholeField(read_only=True)
