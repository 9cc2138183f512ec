from django.db import migrations


def keep_the_last(apps, schema_editor):
    """The model that stands was named without consent; who named it, when and why stands in the journal."""
    process, entry = apps.get_model("lifecycle", "Process"), apps.get_model("journal", "Entry")
    baseline = apps.get_model("lifecycle", "Baseline")
    for row in process.objects.exclude(baseline_model="").iterator():
        named = entry.objects.filter(verb="baseline.set", project_id=row.project_id).order_by("-seq").first()
        if named is not None and named.actor_id and named.data.get("after") == row.baseline_model:
            baseline.objects.create(
                process=row,
                model=row.baseline_model,
                reason=named.data.get("reason", ""),
                set_by_id=named.actor_id,
                set_at=named.at,
                in_force_at=named.at,
            )


class Migration(migrations.Migration):
    dependencies = [
        ("lifecycle", "0022_baselines_are_kept_and_consented"),
        ("journal", "0002_entries_by_object"),
    ]

    operations = [migrations.RunPython(keep_the_last, migrations.RunPython.noop)]
