import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0002_evidence_has_revisions"),
    ]

    operations = [
        migrations.AddField(
            model_name="evidence",
            name="first",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="revisions",
                to="records.evidence",
            ),
        ),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("first", None), ("revises", None), ("revision", 1)),
                    models.Q(("first__isnull", False), ("revises__isnull", False), ("revision__gt", 1)),
                    _connector="OR",
                ),
                name="revision_follows_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.UniqueConstraint(fields=("first", "revision"), name="revision_is_numbered_once"),
        ),
    ]
