from rest_framework import serializers

from common.serializers import DayField, DecimalField, LineField, StrictSerializer, WholeField


class BudgetLineInput(StrictSerializer):
    """Money planned for a category, in the project's currency; `spent` is the sum of what was booked on it."""

    id = WholeField(read_only=True)
    category = LineField(max_length=40)
    name = LineField(max_length=120, required=False)
    stage = LineField(max_length=40, required=False, allow_blank=True)
    planned = DecimalField(max_digits=16, decimal_places=2, min_value=0)
    spent = DecimalField(max_digits=18, decimal_places=2, read_only=True)


class BudgetLineOutput(BudgetLineInput):
    version = WholeField(read_only=True)


class SpendInput(StrictSerializer):
    """Money booked on a line of the project. A negative amount corrects, and says why in its note."""

    id = WholeField(read_only=True)
    line = WholeField(min_value=1, source="line_id")
    date = DayField(required=False, source="day")
    amount = DecimalField(max_digits=16, decimal_places=2)
    note = LineField(required=False, allow_blank=True)
    by = serializers.CharField(read_only=True, source="entered_by.username")
