from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0003_revisions_name_their_first"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="metricresult",
            index=models.Index(
                condition=models.Q(("candidate", True), ("superseded", False)),
                fields=["project", "-recorded_at"],
                name="result_of_a_candidate",
            ),
        ),
    ]
