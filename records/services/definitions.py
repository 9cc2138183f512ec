from django.db import transaction

from common import content
from records.models import MetricDefinition

COLUMNS = ("name", "description", "unit", "direction", "built_in")


@transaction.atomic
def load_metric_definitions() -> int:
    """Bring the catalogue's metrics up to the content; returns how many there are.

    For `load_content`: loading twice changes nothing; a metric of one's own with a catalogue key becomes built in.
    """
    rows = [
        MetricDefinition(
            key=key,
            name=metric["name"],
            description=metric.get("description", {}),
            unit=metric.get("unit", ""),
            direction=metric["direction"],
            built_in=True,
        )
        for key, metric in content.metrics().items()
    ]
    MetricDefinition.objects.bulk_create(rows, update_conflicts=True, unique_fields=["key"], update_fields=COLUMNS)
    return len(rows)
