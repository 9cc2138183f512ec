from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('lifecycle', '0011_reviews_by_when_they_were_asked_and_decided'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='condition',
            name='met_condition_says_when',
        ),
        migrations.AlterField(
            model_name='condition',
            name='state',
            field=models.CharField(choices=[('open', 'Open'), ('proposed', 'Proposed as met'), ('met', 'Met'), ('replaced', 'Replaced')], default='open', max_length=10),
        ),
        migrations.AddConstraint(
            model_name='condition',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('state__in', ['met', 'replaced'])), models.Q(('closed_at', None), ('state__in', ['open', 'proposed'])), _connector='OR'), name='condition_that_is_over_says_when'),
        ),
    ]
