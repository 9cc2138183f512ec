import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('projects', '0005_invitations')]

    operations = [
        migrations.CreateModel(
            name='Intake',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('answers', models.JSONField(default=dict)),
                ('proposed', models.JSONField(default=dict)),
                ('confirmed', models.JSONField(default=dict)),
                ('reason', models.TextField(blank=True, max_length=4000)),
                ('filled_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('superseded', models.BooleanField(default=False)),
                ('version', models.PositiveIntegerField(default=1)),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('filled_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='intakes', to='projects.project')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('superseded', False)), fields=('project',), name='project_has_one_intake_that_counts'), models.CheckConstraint(condition=models.Q(('confirmed_by', None), models.Q(('confirmed_by', models.F('filled_by')), _negated=True), _connector='OR'), name='intake_is_confirmed_by_someone_else')],
            },
        ),
    ]
