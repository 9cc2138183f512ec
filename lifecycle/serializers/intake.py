"""The intake as the API takes and shows it."""

from typing import Any

from rest_framework import serializers

from common import content
from common.serializers import StrictSerializer, TextField, WholeField
from lifecycle.models.definition import LEVELS


def results(fact: str) -> list[str]:
    return [row["key"] for row in content.document("intake")["results"][fact]]


class IntakeInput(StrictSerializer):
    """{question: [options]}; a question left out is open."""

    answers = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField(max_length=60), max_length=20)
    )


class IntakeConfirmation(StrictSerializer):
    """What is given takes the place of the proposal, and needs a reason; nothing given confirms all of it."""

    level = serializers.ChoiceField(LEVELS, required=False)
    tags = serializers.ListField(child=serializers.ChoiceField(list(content.tags())), required=False)
    ai_act_tier = serializers.ChoiceField(results("ai_act_tier"), required=False)
    ai_act_role = serializers.ListField(
        child=serializers.ChoiceField(results("ai_act_role")), required=False, min_length=1
    )
    reason = TextField(max_length=4000, required=False, allow_blank=True)
    # Of the answers that were read; may stand in If-Match instead.
    version = WholeField(min_value=1, required=False)


class IntakeOutput(serializers.Serializer[Any]):
    """`proposed` and `confirmed` hold {fact: [values]}, the level, its rule, and whether counsel comes first."""

    answers = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    open = serializers.ListField(child=serializers.CharField())
    proposed = serializers.JSONField()
    confirmed = serializers.JSONField(allow_null=True)
    reason = serializers.CharField()
    filled_by = serializers.CharField(allow_null=True)
    filled_at = serializers.DateTimeField(allow_null=True)
    confirmed_by = serializers.CharField(allow_null=True)
    confirmed_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()
