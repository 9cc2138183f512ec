import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('projects', '0003_members_know_since_when_they_decide'), ('accounts', '0002_guests_and_last_days')]

    operations = [
        migrations.CreateModel(
            name='StandingRole',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('owner', models.BooleanField(default=False)),
                ('contribute', models.BooleanField(default=False)),
                ('decide', models.BooleanField(default=False)),
                ('view', models.BooleanField(default=False)),
                ('functions', models.JSONField(default=list)),
                ('team', models.BooleanField(default=False)),
                ('since', models.DateTimeField()),
                ('version', models.PositiveIntegerField(default=1)),
                ('portfolio', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='standing_roles', to='projects.portfolio')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='standing_roles', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='StandingException',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made_at', models.DateTimeField()),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='standing_exceptions', to='projects.project')),
                ('standing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='exceptions', to='projects.standingrole')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.AddField(
            model_name='membership',
            name='standing',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='projects.standingrole'),
        ),
        migrations.AddConstraint(
            model_name='standingrole',
            constraint=models.UniqueConstraint(fields=('portfolio', 'user'), name='person_stands_on_a_portfolio_once'),
        ),
        migrations.AddConstraint(
            model_name='standingrole',
            constraint=models.CheckConstraint(condition=models.Q(('owner', True), ('contribute', True), ('decide', True), ('view', True), _connector='OR'), name='standing_role_has_some_access'),
        ),
        migrations.AddConstraint(
            model_name='standingexception',
            constraint=models.UniqueConstraint(fields=('project', 'standing'), name='project_leaves_a_standing_role_once'),
        ),
    ]
