from rest_framework import serializers


class CaseOutput(serializers.Serializer[object]):
    """Texts come in the caller's language."""

    key = serializers.CharField()
    title = serializers.CharField()
    outcome = serializers.CharField()
    industry = serializers.CharField()
    application = serializers.CharField()
    background = serializers.CharField()
    approach = serializers.CharField()
    result = serializers.CharField()
    factors = serializers.ListField(child=serializers.CharField())
    lessons = serializers.ListField(child=serializers.CharField())
    caution = serializers.CharField()
    stages = serializers.ListField(child=serializers.CharField())
    risks = serializers.ListField(child=serializers.CharField())
    built_in = serializers.BooleanField()
