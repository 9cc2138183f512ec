from rest_framework import serializers

from common.serializers import FlagField, InstantField, LineField, StrictSerializer, WholeField
from projects.models import ACCESS


class PortfolioInput(StrictSerializer):
    """A name and the id of the portfolio above it, null for a root."""

    id = WholeField(read_only=True, source="portfolio.pk")
    name = LineField(max_length=120, source="portfolio.name")
    # DRF has an attribute of this name, which the declaration never becomes.
    parent = WholeField(required=False, allow_null=True, source="portfolio.parent_id")  # type: ignore[assignment]  # see above
    projects = WholeField(read_only=True)
    managers = serializers.SerializerMethodField()
    roles = WholeField(read_only=True)

    def get_managers(self, branch: object) -> list[str]:
        return [user.username for user in getattr(branch, "managers", ())]


class PortfolioOutput(PortfolioInput):
    version = WholeField(read_only=True, source="portfolio.version")


class ManagerInput(StrictSerializer):
    """Who runs a portfolio and all below it, by user name."""

    user = LineField(max_length=60, source="user.username")
    name = LineField(read_only=True, source="user.display_name")


class StandingInput(StrictSerializer):
    """A person by user name, and what they are in every project of the portfolio and below."""

    id = WholeField(read_only=True)
    user = LineField(max_length=60, source="user.username")
    name = LineField(read_only=True, source="user.display_name")
    access = serializers.ListField(child=serializers.ChoiceField(ACCESS), allow_empty=False)
    functions = serializers.ListField(child=LineField(max_length=40), required=False, max_length=40)
    team = FlagField(required=False)
    since = InstantField(read_only=True)


class StandingChanges(StandingInput):
    """Everything can change but who it is."""

    user = LineField(read_only=True, source="user.username")


class StandingOutput(StandingInput):
    version = WholeField(read_only=True)
