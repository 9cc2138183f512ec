from django.db import migrations


def name_rows(apps, schema_editor):
    """The row of the round's own stage or of one joint with it, else the newest of this key when it was decided."""
    checks = apps.get_model("lifecycle", "Check").objects
    conditions = apps.get_model("lifecycle", "Condition").objects
    for condition in conditions.exclude(check_key="").filter(check_row=None).select_related("review__stage").iterator():
        review = condition.review
        rows = checks.filter(key=condition.check_key, stage__process=review.stage.process_id)
        decided = [review.stage_id, *review.joint.values_list("pk", flat=True)]
        before = rows.filter(stage__opened_at__lte=review.decided_at)
        found = rows.filter(stage__in=decided).first() or before.order_by("-stage_id").first()
        if found:
            conditions.filter(pk=condition.pk).update(check_row=found.pk)


class Migration(migrations.Migration):
    dependencies = [
        ("lifecycle", "0020_conditions_name_the_row_they_defer"),
    ]

    operations = [
        migrations.RunPython(name_rows, migrations.RunPython.noop),
    ]
