from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0002_deputies'),
    ]

    operations = [
        migrations.AddField(
            model_name='membership',
            name='decide_since',
            field=models.DateTimeField(null=True),
        ),
    ]
