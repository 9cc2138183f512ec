from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('lifecycle', '0005_limits_set_before_are_in_force'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='limitoverride',
            name='check_has_one_standing_limit',
        ),
        migrations.AddConstraint(
            model_name='limitoverride',
            constraint=models.UniqueConstraint(condition=models.Q(('in_force_at__isnull', False), ('replaced_at', None)), fields=('process', 'check_key'), name='check_has_one_standing_limit'),
        ),
        migrations.AddConstraint(
            model_name='limitoverride',
            constraint=models.UniqueConstraint(condition=models.Q(('in_force_at', None), ('replaced_at', None)), fields=('process', 'check_key'), name='check_has_one_proposed_limit'),
        ),
        migrations.AddConstraint(
            model_name='limitoverride',
            constraint=models.CheckConstraint(condition=models.Q(('agreed_by', None), models.Q(('agreed_by', models.F('set_by')), _negated=True), _connector='OR'), name='limit_is_agreed_by_someone_else'),
        ),
    ]
