from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('lifecycle', '0012_conditions_can_be_replaced'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='waiver',
            name='check_has_one_waiver_being_asked_for',
        ),
        migrations.AddField(
            model_name='waiver',
            name='lapsed_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name='waiver',
            constraint=models.UniqueConstraint(condition=models.Q(('granted_at', None), ('lapsed_at', None)), fields=('check_row',), name='check_has_one_waiver_being_asked_for'),
        ),
    ]
