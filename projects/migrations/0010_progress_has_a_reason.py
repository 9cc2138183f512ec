from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('projects', '0009_actions_have_proof')]

    operations = [
        migrations.AddField(
            model_name='progressentry',
            name='reason',
            field=models.TextField(blank=True, max_length=2000),
        ),
    ]
