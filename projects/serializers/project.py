from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from common import content
from common.serializers import (
    DayField,
    DecimalField,
    FlagField,
    KeyField,
    LineField,
    StrictSerializer,
    TextField,
    UrlField,
    WholeField,
)
from projects.models import Portfolio, Project, Visibility

NO_SUCH = _("The catalogue does not know this.")


class CatalogueField(LineField):
    """A key of one section of the catalogue. Code: invalid_choice."""

    def __init__(self, section: str, **kwargs: Any) -> None:
        self.section = section
        super().__init__(max_length=40, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        key = super().to_internal_value(data)
        if key and key not in content.keyed("catalog", self.section):
            raise ValidationError(NO_SUCH, "invalid_choice")
        return key


class PortfolioField(LineField):
    """A portfolio by its name, unique among those without a namesake. Code: not_found."""

    # After the checks of its text: those of a length would be asked of the portfolio.
    def run_validation(self, data: Any = serializers.empty) -> Any:
        name = super().run_validation(data)
        if name is None:
            return None
        found = Portfolio.objects.visible_to(self.context["request"].actor).filter(name=name)[:2]
        if len(found) != 1:
            raise ValidationError(_("There is no one portfolio of this name."), "not_found")
        return found[0]

    def to_representation(self, value: Any) -> str:
        return str(value)


class LinkSerializer(StrictSerializer):
    title = LineField(max_length=120)
    url = UrlField()


class CurrencyField(LineField):
    """An ISO 4217 code. Code: invalid_choice."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not (len(text) == 3 and text.isascii() and text.isalpha() and text.isupper()):
            raise ValidationError(_("A currency is three capital letters, as in EUR."), "invalid_choice")
        return text


class ProjectDataInput(StrictSerializer):
    """What a project carries (design §5). lifecycle adds template, level, tags and where it stands."""

    name = LineField(max_length=120)
    objective = TextField(max_length=4000)
    exit_criteria = TextField(max_length=4000, required=False, allow_blank=True)
    portfolio = PortfolioField(required=False, allow_null=True)
    visibility = serializers.ChoiceField(Visibility.choices, required=False)
    starts_on = DayField(required=False, allow_null=True)
    target_on = DayField(required=False, allow_null=True)
    currency = CurrencyField(required=False)
    expected_value = DecimalField(max_digits=16, decimal_places=2, required=False, allow_null=True)
    links = serializers.ListField(child=LinkSerializer(), required=False, max_length=50)
    industry = CatalogueField("industries", required=False, allow_blank=True)
    application = LineField(max_length=40, required=False, allow_blank=True)
    domains = serializers.ListField(child=CatalogueField("domains"), required=False, max_length=20)
    model_class = CatalogueField("model_classes", required=False, allow_blank=True)
    build_mode = CatalogueField("build_modes", required=False, allow_blank=True)
    innovation_path = CatalogueField("innovation_paths", required=False, allow_blank=True)
    innovation_model = CatalogueField("innovation_models", required=False, allow_blank=True)


class ProjectDataOutput(ProjectDataInput):
    id = WholeField(read_only=True)
    key = KeyField(read_only=True)
    state = serializers.CharField(read_only=True)
    health = serializers.CharField(read_only=True)
    ai_act_tier = serializers.CharField(read_only=True)
    ai_act_roles = serializers.ListField(child=serializers.CharField(), read_only=True)
    legal_hold = FlagField(read_only=True)
    version = WholeField(read_only=True)


def shown_project(project: Project) -> dict[str, Any]:
    """A project's own data as JSON; fetch `portfolio` with the project when showing many."""
    return dict(ProjectDataOutput(project).data)


class LegalHoldInput(StrictSerializer):
    active = FlagField(default=True)
    reason = TextField(max_length=2000)
