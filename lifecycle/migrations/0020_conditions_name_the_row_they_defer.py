import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lifecycle", "0019_reviews_know_version_and_level"),
    ]

    operations = [
        migrations.AddField(
            model_name="condition",
            name="check_row",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="lifecycle.check",
            ),
        ),
    ]
