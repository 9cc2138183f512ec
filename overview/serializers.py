from rest_framework import serializers


class SummaryOutput(serializers.Serializer[object]):
    projects = serializers.IntegerField()
    by_stage = serializers.DictField(child=serializers.IntegerField(), help_text="Active projects by current stage.")
    by_state = serializers.DictField(child=serializers.IntegerField())
    by_health = serializers.DictField(child=serializers.IntegerField())
    by_level = serializers.DictField(child=serializers.IntegerField())
    by_verdict = serializers.DictField(
        child=serializers.IntegerField(), help_text="Active projects by their gate's verdict."
    )
    overdue = serializers.IntegerField(help_text="Active projects past the planned end of their current stage.")
    waiting_on_me = serializers.IntegerField(help_text="Projects in which a vote or an acceptance of yours is missing.")
    changed = serializers.IntegerField(help_text="Projects whose gates moved within seven days.")
    moved = serializers.IntegerField(help_text="Active projects whose go-live is forecast later than planned.")
    risk_matrix = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(), min_length=5, max_length=5),
        min_length=5,
        max_length=5,
        help_text="Open risks of running projects: row likelihood 1 to 5, column impact 1 to 5.",
    )
    risks = serializers.DictField(child=serializers.IntegerField())
    budget = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))


class HitOutput(serializers.Serializer[object]):
    key = serializers.CharField()
    text = serializers.CharField()
    detail = serializers.CharField()
    url = serializers.CharField()


class FoundOutput(serializers.Serializer[object]):
    kind = serializers.CharField()
    results = HitOutput(many=True)


class SearchOutput(serializers.Serializer[object]):
    query = serializers.CharField()
    groups = FoundOutput(many=True)
