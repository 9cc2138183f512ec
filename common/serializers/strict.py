from collections.abc import Mapping
from typing import Any

import orjson
from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.exceptions import ValidationError as DRFValidationError
from rest_framework.fields import Field, SkipField, empty

from common.encoding import encoded

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
                if not (name == "version" and self._is_change):
                    refused[str(name)] = [ErrorDetail(str(UNKNOWN), "unknown_field")]
            elif field.read_only and not self._is_unchanged(field, value):
                refused[name] = [ErrorDetail(str(READ_ONLY), "read_only_field")]
        return refused

    @property
    def _is_change(self) -> bool:
        """A PATCH, or the document of a PUT, which may be there already."""
        request = self.context.get("request")
        return self.partial or (self.parent is None and request is not None and request.method == "PUT")

    def _is_unchanged(self, field: "Field[Any, Any, Any, Any]", value: Any) -> bool:
        """Whether `value` is what an answer shows of the field, compared as JSON: a time as text, nothing as null."""
        if self.instance is None:
            return False
        try:
            current = field.get_attribute(self.instance)
        except (AttributeError, KeyError, ObjectDoesNotExist, SkipField):
            # As `done_by.username` of what nobody has done yet: such a field says what is shown instead.
            return field.default is not empty and _as_json(field.default) == value
        # A document was shown before; what its field would make of a part of it may be less than stands there.
        shown = [current] if current is None or isinstance(self.instance, Mapping) else []
        shown += [field.to_representation(current)] if current is not None else []
        return any(_as_json(one) == value for one in shown)


def _as_json(value: Any) -> Any:
    return orjson.loads(encoded(value))
