from django.db import migrations, models

from common.concurrent_indexes import AddIndexConcurrently


class Migration(migrations.Migration):
    # An index is built beside writers only outside of a transaction.
    atomic = False

    dependencies = [
        ("records", "0003_revisions_name_their_first"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="metricresult",
            index=models.Index(
                condition=models.Q(("candidate", True), ("superseded", False)),
                fields=["project", "-recorded_at"],
                name="result_of_a_candidate",
            ),
        ),
    ]
