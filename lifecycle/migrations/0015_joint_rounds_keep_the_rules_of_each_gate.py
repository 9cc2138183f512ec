from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('lifecycle', '0014_proof_names_who_brought_it'),
    ]

    operations = [
        migrations.AddField(
            model_name='gatereview',
            name='gates',
            field=models.JSONField(default=list),
        ),
    ]
