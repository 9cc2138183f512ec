"""Fields that several inputs share."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from accounts.models import User
from common import content
from common.serializers import LineField, StrictSerializer


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


class Nothing(StrictSerializer):
    """A body without fields: what is sent all the same is refused."""
