from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('lifecycle', '0016_waivers_keep_the_day_they_were_granted_for'),
    ]

    operations = [
        migrations.AddField(
            model_name='gatereview',
            name='gates',
            field=models.JSONField(default=list),
        ),
    ]
