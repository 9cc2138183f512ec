from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.exceptions import ValidationError as DRFValidationError
from rest_framework.fields import Field, SkipField

NOT_AN_OBJECT = _("The body is one JSON object.")
UNKNOWN = _("There is no such field.")
READ_ONLY = _("The field cannot be written.")


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses unknown keys and changed read-only fields; a read-only field sent back unchanged is ignored.

    `version` is taken by the precondition (`common.api.expected_version`) and needs no field of its own.
    """

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            raise DRFValidationError({"non_field_errors": [ErrorDetail(str(NOT_AN_OBJECT), "validation_failed")]})
        refused = self._refused(data)
        try:
            value = super().to_internal_value(data)
        except DRFValidationError as error:
            if isinstance(error.detail, dict):
                refused = {**error.detail, **refused}
            raise DRFValidationError(refused or error.detail) from error
        if refused:
            raise DRFValidationError(refused)
        return value

    def _refused(self, data: Mapping[str, Any]) -> dict[str, Any]:
        refused: dict[str, Any] = {}
        for name, value in data.items():
            field = self.fields.get(name)
            if field is None:
                if not (name == "version" and self.partial):
                    refused[str(name)] = [ErrorDetail(str(UNKNOWN), "unknown_field")]
            elif field.read_only and not self._is_unchanged(field, value):
                refused[name] = [ErrorDetail(str(READ_ONLY), "read_only_field")]
        return refused

    def _is_unchanged(self, field: "Field[Any, Any, Any, Any]", value: Any) -> bool:
        if self.instance is None:
            return False
        try:
            current = field.get_attribute(self.instance)
        except (AttributeError, KeyError, ObjectDoesNotExist, SkipField):
            return False
        shown = None if current is None else field.to_representation(current)
        return bool(shown == value)
