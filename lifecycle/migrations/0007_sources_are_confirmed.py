import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('lifecycle', '0006_one_standing_and_one_proposed_limit'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SourceConfirmation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('check_key', models.CharField(max_length=60)),
                ('criterion', models.CharField(max_length=71)),
                ('reference', models.TextField(max_length=2000)),
                ('confirmed_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.AddField(
            model_name='sourceconfirmation',
            name='confirmed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='sourceconfirmation',
            name='process',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='confirmed_sources', to='lifecycle.process'),
        ),
        migrations.AddConstraint(
            model_name='sourceconfirmation',
            constraint=models.UniqueConstraint(fields=('process', 'check_key', 'criterion'), name='source_is_confirmed_once'),
        ),
    ]
