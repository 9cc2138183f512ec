from django.db import migrations


def told_until(apps):
    """The day that each waiver was granted for, by its id, as the journal told it then."""
    entries = apps.get_model("journal", "Entry").objects.filter(verb="waiver.granted").order_by("seq")
    told = entries.values_list("object", "data__until").iterator()
    return {int(about.partition(":")[2]): until for about, until in told if until}


def keep_the_day(apps, schema_editor):
    """A move to another kind of check used to write over `until`."""
    waivers = apps.get_model("lifecycle", "Waiver").objects
    days = told_until(apps)
    for waiver in waivers.filter(granted_at__isnull=False, ended_on=None).only("until").iterator():
        granted_for = days.get(waiver.pk, "")
        if granted_for > waiver.until.isoformat():
            waivers.filter(pk=waiver.pk).update(ended_on=waiver.until, until=granted_for)


def write_over(apps, schema_editor):
    for waiver in apps.get_model("lifecycle", "Waiver").objects.filter(ended_on__isnull=False):
        waiver.until = waiver.ended_on
        waiver.save(update_fields=["until"])


class Migration(migrations.Migration):
    dependencies = [
        ("lifecycle", "0015_waivers_end_before_their_day"),
        ("journal", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(keep_the_day, write_over),
    ]
