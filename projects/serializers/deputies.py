from common.serializers import DayField, InstantField, LineField, StrictSerializer, TextField, WholeField


class DeputyInput(StrictSerializer):
    """Who votes in one's place, by user name, from one day to another."""

    id = WholeField(read_only=True)
    user = LineField(read_only=True, source="user.username")
    deputy = LineField(max_length=60, source="deputy.username")
    starts_on = DayField()
    ends_on = DayField()
    reason = TextField(max_length=1000, required=False, allow_blank=True)
    named_at = InstantField(read_only=True)
    ended_at = InstantField(read_only=True)


class DeputyOutput(DeputyInput):
    version = WholeField(read_only=True)
