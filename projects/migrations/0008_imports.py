import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('projects', '0007_holidays_and_milestones')]

    operations = [
        migrations.CreateModel(
            name='ImportRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('filename', models.CharField(max_length=255)),
                ('state', models.CharField(choices=[('checked', 'Checked'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed')], default='checked', max_length=10)),
                ('rows', models.JSONField(default=list)),
                ('problems', models.JSONField(default=list)),
                ('changes', models.JSONField(default=list)),
                ('done', models.PositiveIntegerField(default=0)),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('started_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='imports', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
    ]
