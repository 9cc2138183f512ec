from django.db import migrations, models


def limits_are_in_force(apps, schema_editor):
    """Before consent had a step of its own, every limit was in force from when it was set."""
    apps.get_model("lifecycle", "LimitOverride").objects.filter(in_force_at=None).update(in_force_at=models.F("set_at"))


class Migration(migrations.Migration):

    dependencies = [
        ('lifecycle', '0004_looser_limits_wait_for_consent'),
    ]

    operations = [
        migrations.RunPython(limits_are_in_force, migrations.RunPython.noop),
    ]
