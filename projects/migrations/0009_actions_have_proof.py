from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('projects', '0008_imports')]

    operations = [
        migrations.AddField(
            model_name='action',
            name='proof',
            field=models.TextField(blank=True, max_length=2000),
        ),
        migrations.AddField(
            model_name='action',
            name='verified_on',
            field=models.DateField(null=True),
        ),
    ]
