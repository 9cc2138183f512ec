"""The shape of inputs: explicit fields, nothing unknown, values that any column and any mail header can take."""

from common.serializers.fields import (
    DayField,
    DecimalField,
    FlagField,
    InstantField,
    KeyField,
    LineField,
    NumberField,
    TextField,
    UrlField,
    WholeField,
    ZoneField,
)
from common.serializers.strict import StrictSerializer

__all__ = [
    "DayField",
    "DecimalField",
    "FlagField",
    "InstantField",
    "KeyField",
    "LineField",
    "NumberField",
    "StrictSerializer",
    "TextField",
    "UrlField",
    "WholeField",
    "ZoneField",
]
